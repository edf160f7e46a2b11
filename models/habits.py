"""Habit and need by a support vector machine, and the groups that customers fall into by what they buy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.cluster import KMeans
from sklearn.kernel_approximation import Nystroem
from sklearn.linear_model import SGDClassifier
from sklearn.metrics import silhouette_score
from sklearn.utils.validation import check_is_fitted

from models.preparation.customer_features import ASKED, BOUGHT, DAYS_SINCE
from models.preparation.encoding import NothingToLearnFrom, TableEncoder

RECENCY = (20.0, 60.0, 180.0, 540.0)  # days: how long ago is told apart at these scales
FEWEST_ROWS = 50
FEWEST_OF_A_CLASS = 5
WIDTHS = (0.1, 0.3, 0.8)
MOST_TO_CHOOSE = 10_000  # rows
PASSES = 120_000  # rows seen in all: small tables are gone through more often
RIDGE = 1e-3  # on the class offsets of the calibration
TOP_CATEGORIES = 3  # that name a group


class NeedSVM(ClassifierMixin, BaseEstimator):
    """Support vector machine with a radial kernel, calibrated: next category, or group, from profile and habit.

    The kernel is approximated by Nyström's method and the hinge loss minimised by averaged stochastic descent, one
    class against the rest: time grows with the rows and not with their square. The margins become probabilities by a
    softmax of one slope and an offset for each class, fitted to the latest rows, which that machine has not seen; the
    machine is then trained on all.

    Parameters: `components` of the kernel; `width`, how fast likeness falls with distance, in ones by the number of
    columns, by default the one of `WIDTHS` that foresees the latest rows best; `alpha`, regularisation; `calibration`,
    the share of rows, the latest, that calibrate; `seed`.
    Attributes: `classes_`, `encoder_`, `width_`, `width_losses_` (width -> log loss), `kernel_`, `machine_`, `slope_`,
    `offsets_`.
    """

    def __init__(
        self,
        components: int = 400,
        width: float | None = None,
        alpha: float = 1e-4,
        calibration: float = 0.2,
        seed: int = 0,
    ) -> None:
        self.components = components
        self.width = width
        self.alpha = alpha
        self.calibration = calibration
        self.seed = seed

    def fit(self, features: pd.DataFrame, labels: Any) -> Self:
        """`features` in the order of time. Rows of a label that is there less than 5 times are left out.

        Raises NothingToLearnFrom with fewer than 50 rows or fewer than 2 labels.
        """
        labels = pd.Series(np.asarray(labels, dtype=object)).astype("str")
        often = labels.map(labels.value_counts()).ge(FEWEST_OF_A_CLASS).to_numpy()
        labels, table = labels.to_numpy(object)[often].astype(str), svm_table(features[often])
        if len(labels) < FEWEST_ROWS or len(set(labels)) < 2:
            raise NothingToLearnFrom(
                f"{len(labels)} rows of {len(set(labels))} labels, and at least {FEWEST_ROWS} of 2 are needed"
            )
        self.encoder_ = TableEncoder().fit(table)
        matrix = self.encoder_.transform(table)
        self.width_ = self._best_width(matrix, labels) if self.width is None else self.width
        self.kernel_ = self._kernel(self.width_, matrix)
        mapped = self._mapped(matrix)
        cut = self._cut(len(mapped))
        self.machine_ = self._machine(cut).fit(mapped, labels)
        self.classes_ = self.machine_.classes_
        slope, self.offsets_, _ = self._calibration(mapped, labels, cut)
        # A machine trained on more rows has margins of another spread; the slope is per spread.
        self.slope_ = slope / float(self._margins(self.machine_, mapped[cut:]).std() or 1.0)
        return self

    def decision_function(self, features: pd.DataFrame) -> np.ndarray:
        """The margin of each class: rows x classes."""
        check_is_fitted(self, "machine_")
        return self._margins(self.machine_, self._mapped(self.encoder_.transform(svm_table(features))))

    def predict_proba(self, features: pd.DataFrame) -> np.ndarray:
        """Rows x classes; each row adds to 1."""
        return softmax(self.slope_ * self.decision_function(features) + self.offsets_, axis=1)

    def predict(self, features: pd.DataFrame) -> np.ndarray:
        return self.classes_[self.predict_proba(features).argmax(axis=1)]

    def _cut(self, rows: int) -> int:
        return rows - max(int(self.calibration * rows), 1)

    def _kernel(self, width: float, matrix: np.ndarray) -> Nystroem:
        components = min(self.components, len(matrix))
        return Nystroem(gamma=width / matrix.shape[1], n_components=components, random_state=self.seed).fit(matrix)

    def _best_width(self, matrix: np.ndarray, labels: np.ndarray) -> float:
        """Tried on the last rows before those that calibrate, so that neither these nor their size decide."""
        last = self._cut(len(matrix))
        first = max(last - MOST_TO_CHOOSE, 0)
        matrix, labels = matrix[first:last], labels[first:last]
        self.width_losses_ = {}
        for width in WIDTHS:
            self.kernel_ = self._kernel(width, matrix)
            mapped = self._mapped(matrix)
            self.classes_ = np.unique(labels)
            self.width_losses_[width] = self._calibration(mapped, labels, self._cut(len(mapped)), hasty=True)[2]
        return min(WIDTHS, key=lambda width: self.width_losses_[width])

    def _mapped(self, matrix: np.ndarray) -> np.ndarray:
        # Scaled so that the columns spread by about a third, as stochastic descent likes them.
        return self.kernel_.transform(matrix) * np.sqrt(self.kernel_.n_components) / 3

    def _machine(self, rows: int, hasty: bool = False) -> SGDClassifier:
        passes = 5 if hasty else int(np.clip(PASSES / max(rows, 1), 4, 50))
        return SGDClassifier(
            loss="hinge", alpha=self.alpha, average=True, max_iter=passes, tol=None, random_state=self.seed
        )

    def _margins(self, machine: SGDClassifier, mapped: np.ndarray) -> np.ndarray:
        margins = machine.decision_function(mapped)
        return np.column_stack([-margins, margins]) if margins.ndim == 1 else margins

    def _calibration(
        self, mapped: np.ndarray, labels: np.ndarray, cut: int, hasty: bool = False
    ) -> tuple[float, np.ndarray, float]:
        """Slope (per spread of the margins), offsets by class, and the log loss left, from the rows from `cut` on."""
        earlier = labels[:cut]
        known = np.isin(labels[cut:], earlier)
        every = np.zeros(len(self.classes_))
        if len(set(earlier)) < 2 or not known.any():
            return 1.0, every, np.inf
        machine = self._machine(cut, hasty).fit(mapped[:cut], earlier)
        margins = self._margins(machine, mapped[cut:][known])
        margins = margins / (margins.std() or 1.0)
        place = np.searchsorted(machine.classes_, labels[cut:][known])
        slope, offsets, loss = _softmax_calibration(margins, place)
        every[np.searchsorted(self.classes_, machine.classes_)] = offsets
        return slope, every, loss


class CustomerGroups(BaseEstimator):
    """Groups of customers by what they buy, named by the categories that set each apart.

    k-means on the directions of each customer's counts by category, as their logarithms weighed by rarity (what nearly
    everybody buys tells little); the number of groups, where it is not given, is the one with the best silhouette.

    Parameters: `groups`; `most`, tried when `groups` is None; `fewest_orders` of a customer to be learned from; `seed`.
    Attributes: `names_` (one a group), `categories_`, `rarity_`, `model_`, `silhouettes_` (groups -> silhouette).
    """

    def __init__(self, groups: int | None = None, most: int = 10, fewest_orders: int = 3, seed: int = 0) -> None:
        self.groups = groups
        self.most = most
        self.fewest_orders = fewest_orders
        self.seed = seed

    def fit(self, features: pd.DataFrame, y: Any = None) -> Self:
        """`features` as `customer_features` makes them."""
        self.categories_ = [name.removeprefix(BOUGHT) for name in features.columns if name.startswith(BOUGHT)]
        counts = self._counts(features)
        counts = counts[counts.sum(axis=1) >= self.fewest_orders]
        fewest = 10 * (self.groups or 2)
        if len(counts) < fewest or len(self.categories_) < 2:
            raise NothingToLearnFrom(
                f"{len(counts)} customers with {self.fewest_orders} orders or more, and at least {fewest} are needed"
            )
        self.rarity_ = -np.log(np.clip((counts > 0).mean(axis=0), 1e-3, 1 - 1e-3))
        directions = self._directions(counts)
        tries = [self.groups] if self.groups else range(2, min(self.most, len(counts) // 10) + 1)
        models = {count: KMeans(count, n_init=5, random_state=self.seed).fit(directions) for count in tries}
        self.silhouettes_ = {count: self._silhouette(directions, model.labels_) for count, model in models.items()}
        self.model_ = models[max(self.silhouettes_, key=lambda count: self.silhouettes_[count])]
        self.names_ = self._names(counts, self.model_.labels_)
        return self

    def predict(self, features: pd.DataFrame) -> np.ndarray:
        """The name of each customer's group, None for those who have bought nothing."""
        check_is_fitted(self, "model_")
        counts = self._counts(features)
        found = np.array([None] * len(counts), dtype=object)
        some = counts.sum(axis=1) > 0
        if some.any():
            found[some] = np.array(self.names_, dtype=object)[self.model_.predict(self._directions(counts[some]))]
        return found

    def _counts(self, features: pd.DataFrame) -> np.ndarray:
        columns = [BOUGHT + name for name in self.categories_]
        return features.reindex(columns=columns, fill_value=0.0).to_numpy(float)

    def _directions(self, counts: np.ndarray) -> np.ndarray:
        weighed = np.log1p(counts) * self.rarity_
        return weighed / np.linalg.norm(weighed, axis=1, keepdims=True)

    def _silhouette(self, directions: np.ndarray, labels: np.ndarray) -> float:
        if len(np.unique(labels)) < 2:
            return -1.0
        return float(
            silhouette_score(directions, labels, sample_size=min(2000, len(directions)), random_state=self.seed)
        )

    def _names(self, counts: np.ndarray, labels: np.ndarray) -> list[str]:
        """The categories that a group buys more than others do, weighed by how much of its purchases they are."""
        overall = counts.sum(axis=0) / counts.sum()
        names: list[str] = []
        for group in range(labels.max() + 1):
            share = counts[labels == group].sum(axis=0) / max(counts[labels == group].sum(), 1)
            telling = share * np.log((share + 1e-9) / (overall + 1e-9))
            ranked = [self.categories_[place] for place in np.argsort(-telling, kind="stable")]
            names.append(_new_name(ranked, names))
        return names


def svm_table(features: pd.DataFrame) -> pd.DataFrame:
    """Features as distance is to see them: times since as fading memories, the month as a place on a circle."""
    columns: dict[str, Any] = {}
    for name in features.columns:
        if name.startswith((DAYS_SINCE, ASKED)) or name == "days_since_order":
            days = features[name].to_numpy(float)
            columns |= {f"{name} / {scale:g}": np.exp(-days / scale) for scale in RECENCY}
        elif name == "month":
            angle = 2 * np.pi * features[name].to_numpy(float) / 12
            columns |= {"month, sine": np.sin(angle), "month, cosine": np.cos(angle)}
        else:
            columns[name] = features[name]
    return pd.DataFrame(columns, index=features.index)


def main_targets(targets: pd.DataFrame) -> np.ndarray:
    """One label for each order: of the categories in it, the one that is bought least often on the whole."""
    rarest = targets.sum().sort_values(kind="stable").index
    return rarest.to_numpy(str)[targets[rarest].to_numpy().argmax(axis=1)]


def _softmax_calibration(margins: np.ndarray, place: np.ndarray) -> tuple[float, np.ndarray, float]:
    """The slope and the class offsets that make `place`, the classes that came true, likeliest; and the loss left."""
    rows = np.arange(len(place))

    def loss(values: np.ndarray) -> tuple[float, np.ndarray]:
        slope, offsets = np.exp(values[0]), values[1:]
        logs = log_softmax(slope * margins + offsets, axis=1)
        error = np.exp(logs)
        error[rows, place] -= 1
        by_slope = slope * (error * margins).sum(axis=1).mean()
        by_offset = error.mean(axis=0) + 2 * RIDGE * offsets
        return -logs[rows, place].mean() + RIDGE * (offsets**2).sum(), np.append(by_slope, by_offset)

    best = minimize(loss, np.zeros(margins.shape[1] + 1), jac=True, method="L-BFGS-B")
    return float(np.exp(best.x[0])), best.x[1:], float(best.fun)


def _new_name(ranked: Sequence[str], taken: Sequence[str]) -> str:
    for count in range(min(TOP_CATEGORIES, len(ranked)), len(ranked) + 1):
        if (name := ", ".join(ranked[:count])) not in taken:
            return name
    return f"{ranked[0]} ({len(taken) + 1})"
