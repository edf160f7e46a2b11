"""Items worth scoring for a customer beside those bought before: from neighbours, what sells and what is new."""

from __future__ import annotations

import numpy as np

from models.baskets.own_history import Moments
from models.baskets.pair_features import Surroundings
from models.baskets.popularity import Popularity
from models.baskets.purchases import Purchases

MOST_SIMILAR, MOST_TOGETHER, MOST_POPULAR, MOST_NEW = 40, 30, 40, 10


def other_candidates(
    purchases: Purchases, popularity: Popularity, moments: Moments, around: Surroundings
) -> tuple[np.ndarray, np.ndarray]:
    """(question, item) pairs that were not bought before the moment, each once."""
    width = len(purchases.items)
    keys = [around.similar.strongest(MOST_SIMILAR).keys(), around.together.strongest(MOST_TOGETHER).keys()]
    weeks = popularity.week(moments.day)
    for week in np.unique(weeks).tolist():
        asked = np.flatnonzero(weeks == week)
        items = np.append(popularity.best_sellers(week, MOST_POPULAR), popularity.arrivals(week, MOST_NEW))
        keys.append((asked[:, None] * width + items).ravel())
    question, item = np.divmod(np.unique(np.concatenate(keys)), width)
    new = ~bought_before(purchases, moments, question, item)
    return question[new], item[new].astype(np.int32)


def bought_before(purchases: Purchases, moments: Moments, question: np.ndarray, item: np.ndarray) -> np.ndarray:
    pair = purchases.pair_places(moments.customer[question], item)
    first_basket = purchases.event_basket[purchases.pair_event[np.maximum(pair, 0)]]
    return (pair >= 0) & (first_basket < moments.seen[question])
