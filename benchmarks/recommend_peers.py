"""The recommenders that ours is measured against, all behind `fit(lines)` and `recommend(customers, k)`.

`lines` has the columns customer, item and basket, all coded from 0 without gaps for the customers, and is in order of
time. `recommend` returns the codes of the items, one row a customer, best first.
"""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
from scipy import sparse

BATCH = 128
SAMPLE = 20  # customers that TIFUKNN is asked about as it comes
LEAST_SAME = 0.9  # of their items: equal scores may be cut off otherwise


def basket_counts(lines: pd.DataFrame, n_items: int) -> sparse.csr_matrix:
    """In how many baskets each customer had each item."""
    once = lines.drop_duplicates(["basket", "item"])
    shape = (int(lines["customer"].max()) + 1, n_items)
    return sparse.csr_matrix((np.ones(len(once), np.float32), (once["customer"], once["item"])), shape=shape)


def best(scores: np.ndarray, k: int) -> np.ndarray:
    """Columns of the k highest scores of each row."""
    top = np.argpartition(-scores, k, axis=1)[:, :k]
    order = np.argsort(-np.take_along_axis(scores, top, axis=1), axis=1, kind="stable")
    return np.take_along_axis(top, order, axis=1)


class Popular:
    def __init__(self, n_items: int) -> None:
        self.n_items = n_items

    def fit(self, lines: pd.DataFrame) -> Popular:
        self.popularity_ = np.asarray(basket_counts(lines, self.n_items).sum(axis=0)).ravel()
        return self

    def recommend(self, customers: np.ndarray, k: int) -> np.ndarray:
        return np.tile(best(self.popularity_[None], k), (len(customers), 1))


class PersonalPopular(Popular):
    """What the customer had most often; among equals, what sells best."""

    def fit(self, lines: pd.DataFrame) -> PersonalPopular:
        self.counts_ = basket_counts(lines, self.n_items)
        self.popularity_ = np.asarray(self.counts_.sum(axis=0)).ravel()
        return self

    def recommend(self, customers: np.ndarray, k: int) -> np.ndarray:
        tie_break = self.popularity_ / (self.popularity_.max() + 1)
        found = [best(self.counts_[part].toarray() + tie_break, k) for part in _batches(customers)]
        return np.vstack(found)


class Implicit:
    """A model of the library implicit on basket counts, weighted as `weight` says."""

    def __init__(self, n_items: int, make, weight: str = "count") -> None:
        self.n_items, self.make, self.weight = n_items, make, weight

    def fit(self, lines: pd.DataFrame) -> Implicit:
        self.matrix_ = _weighted(basket_counts(lines, self.n_items), self.weight)
        self.model_ = self.make()
        self.model_.fit(self.matrix_, show_progress=False)
        return self

    def recommend(self, customers: np.ndarray, k: int) -> np.ndarray:
        ids, _ = self.model_.recommend(customers, self.matrix_[customers], N=k, filter_already_liked_items=False)
        return ids


class Ease:
    """EASE of rectools on the `most` items that sell best: its matrix is dense, items x items."""

    def __init__(self, n_items: int, regularization: float, weight: str = "count", most: int = 8000) -> None:
        self.n_items, self.regularization, self.weight, self.most = n_items, regularization, weight, most

    def fit(self, lines: pd.DataFrame) -> Ease:
        from rectools.dataset import Dataset
        from rectools.models import EASEModel

        counts = basket_counts(lines, self.n_items)
        popularity = np.asarray(counts.sum(axis=0)).ravel()
        kept = np.zeros(self.n_items, bool)
        kept[np.argsort(-popularity, kind="stable")[: self.most]] = True
        pairs = _weighted(counts, self.weight).tocoo()
        chosen = kept[pairs.col]
        table = {"user_id": pairs.row[chosen], "item_id": pairs.col[chosen], "weight": pairs.data[chosen]}
        interactions = pd.DataFrame(table).assign(datetime=pd.Timestamp("2017-01-01"))
        self.dataset_ = Dataset.construct(interactions)
        self.known_ = set(table["user_id"])
        self.popular_ = best(popularity[None], 100)[0]
        self.model_ = EASEModel(regularization=self.regularization, num_threads=1).fit(self.dataset_)
        return self

    def recommend(self, customers: np.ndarray, k: int) -> np.ndarray:
        known = [customer for customer in customers if customer in self.known_]
        ranked = self.model_.recommend(known, self.dataset_, k=k, filter_viewed=False)
        lists = {customer: group.to_numpy() for customer, group in ranked.groupby("user_id")["item_id"]}
        return np.vstack([lists.get(customer, self.popular_[:k]) for customer in customers])


class MendedEase(Ease):
    """EASE as published: rectools 0.13 multiplies by the transpose of its weights, which are not symmetric."""

    def fit(self, lines: pd.DataFrame) -> MendedEase:
        counts = basket_counts(lines, self.n_items)
        popularity = np.asarray(counts.sum(axis=0)).ravel()
        self.kept_ = np.sort(np.argsort(-popularity, kind="stable")[: self.most])
        self.pairs_ = _weighted(counts, self.weight)[:, self.kept_].astype(np.float64)
        gram = (self.pairs_.T @ self.pairs_).toarray()
        gram[np.diag_indices(self.most)] += self.regularization
        inverse = np.linalg.inv(gram)
        self.weights_ = inverse / -np.diag(inverse)
        np.fill_diagonal(self.weights_, 0.0)
        return self

    def recommend(self, customers: np.ndarray, k: int) -> np.ndarray:
        return np.vstack([self.kept_[best(self.pairs_[part] @ self.weights_, k)] for part in _batches(customers)])


class Tifuknn:
    """TIFUKNN of cornac as it comes."""

    def __init__(self, n_items: int, **settings) -> None:
        self.n_items, self.settings = n_items, settings

    def fit(self, lines: pd.DataFrame) -> Tifuknn:
        from cornac.data import BasketDataset
        from cornac.models import TIFUKNN

        once = lines.drop_duplicates(["basket", "item"])
        triples = zip(once["customer"], once["basket"], once["item"], strict=True)
        self.dataset_ = BasketDataset.from_ubi(list(triples))
        self.model_ = TIFUKNN(**self.settings)
        self.model_.fit(self.dataset_)
        self._note_histories()
        return self

    def recommend(self, customers: np.ndarray, k: int) -> np.ndarray:
        """Ranks by the customer's own vector: cornac's score adds one number, the same for all items, to it.

        That is asserted for SAMPLE customers, by cornac's own score, whose speed is taken too: its search of the tree
        takes about a second each, and changes nothing.
        """
        begin = time.perf_counter()
        as_it_comes = [self.items_[best(np.atleast_2d(self._score(one)), k)[0]] for one in customers[:SAMPLE]]
        self.per_second_ = len(as_it_comes) / (time.perf_counter() - begin)
        vectors = (self.model_._compute_user_vector(self.histories_[self.users_[one]]) for one in customers)
        found = np.vstack([self.items_[best(vector[None], k)[0]] for vector in vectors])
        same = np.mean([len(set(one) & set(other)) / k for one, other in zip(as_it_comes, found, strict=False)])
        if same < LEAST_SAME:
            raise RuntimeError(f"cornac's score ranks otherwise than by the own vector: {same:.2f} the same")
        return found

    def _note_histories(self) -> None:
        self.items_ = np.array(list(self.dataset_.iid_map))
        self.users_ = self.dataset_.uid_map
        self.histories_ = {user: baskets for [user], _, [baskets] in self.dataset_.ubi_iter(batch_size=1)}

    def _score(self, customer: int) -> np.ndarray:
        user = self.users_[customer]
        return self.model_.score(user, self.histories_[user])


class MendedTifuknn(Tifuknn):
    """TIFUKNN as published: cornac's score averages the neighbours into one number, which changes no ranking.

    The vectors are cornac's. The nearest are found exactly, by one product of sparse matrices, as its tree would.
    """

    def fit(self, lines: pd.DataFrame) -> MendedTifuknn:
        from cornac.data import BasketDataset
        from cornac.models import TIFUKNN

        once = lines.drop_duplicates(["basket", "item"])
        triples = zip(once["customer"], once["basket"], once["item"], strict=True)
        self.dataset_ = BasketDataset.from_ubi(list(triples))
        self.model_ = TIFUKNN(**self.settings)
        super(TIFUKNN, self.model_).fit(self.dataset_)  # not its own: that builds a tree over all the vectors
        self._note_histories()
        vectors = [
            sparse.csr_matrix(self.model_._compute_user_vector(self.histories_[u])) for u in self.users_.values()
        ]
        self.vectors_ = sparse.vstack(vectors, format="csr")
        gram = (self.vectors_ @ self.vectors_.T).toarray()
        norms = gram.diagonal()
        distances = norms[:, None] + norms[None] - 2 * gram
        np.fill_diagonal(distances, np.inf)
        self.nearest_ = np.argsort(distances, axis=1)[:, : self.model_.n_neighbors]
        return self

    def recommend(self, customers: np.ndarray, k: int) -> np.ndarray:
        return np.vstack([self.items_[best(self._score(one)[None], k)[0]] for one in customers])

    def _score(self, customer: int) -> np.ndarray:
        user = self.users_[customer]
        near = np.asarray(self.vectors_[self.nearest_[user]].mean(axis=0)).ravel()
        return self.model_.alpha * self.vectors_[user].toarray().ravel() + (1 - self.model_.alpha) * near


def _weighted(counts: sparse.csr_matrix, weight: str) -> sparse.csr_matrix:
    change = {"count": lambda values: values, "log": np.log1p, "once": np.ones_like}[weight]
    return sparse.csr_matrix((change(counts.data), counts.indices, counts.indptr), shape=counts.shape)


def _batches(customers: np.ndarray) -> list[np.ndarray]:
    return [customers[start : start + BATCH] for start in range(0, len(customers), BATCH)]
