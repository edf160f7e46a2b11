"""How near a product's own words come to what a customer says, in either language, misspelt or not."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from crm_store.catalog import CatalogItem

LEAST = 0.08  # cosine, below which two texts share nothing but chance


class TextMatch:
    """Compares words with names, kinds, uses and descriptions by the runs of letters they share.

    Runs of letters need no list of words, forgive a slip of the finger, and hold for Chinese, which writes no spaces.
    """

    def __init__(self, items: Sequence[CatalogItem]) -> None:
        described = {item.code: _words(item) for item in items}
        self._codes = list(described)
        self._vectors = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True, max_df=0.5)
        try:
            self._matrix = self._vectors.fit_transform(described.values())
        except ValueError:  # no words at all, or the same for all: nothing to tell products apart by
            self._codes = []

    def nearness(self, words: str) -> dict[str, float]:
        """Product code -> 0 to 1 (the nearest of all has 1), for the products that share something with the words."""
        if not self._codes or not words.strip():
            return {}
        cosine = (self._matrix @ self._vectors.transform([words]).T).toarray().ravel()
        most = float(cosine.max())
        if most < LEAST:
            return {}
        near = np.flatnonzero(cosine >= LEAST)
        return {self._codes[place]: float(cosine[place]) / most for place in near}


def _words(item: CatalogItem) -> str:
    parts = (
        item.name, item.name_zh, item.brand, *item.categories, *item.categories_zh, *item.uses,
        *(value for values in item.attributes.values() for value in values), item.description, item.description_zh,
    )  # fmt: skip
    return " ".join(part for part in parts if part)
