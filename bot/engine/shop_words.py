"""The words of the shop as this process knows them: read from a file, and again whenever it is newer."""

import os
from functools import lru_cache
from pathlib import Path

from bot.engine.needs.extractor import NeedsExtractor
from bot.engine.needs.lexicon import load_lexicon
from bot.engine.training_data import read_vocabulary


class ShopWords:
    """Holds the reader of messages for the vocabulary that SALESCLERK_VOCABULARY names."""

    def __init__(self) -> None:
        """Reads the general words; the shop's own come with the first message."""
        self._lexicon = load_lexicon()
        self._version: tuple[str, int, int] | None = None
        self._extractor = NeedsExtractor({}, self._lexicon)

    def extractor(self) -> NeedsExtractor:
        """Returns the reader for the vocabulary as it is now; without a file it knows general words alone."""
        path = os.environ.get("SALESCLERK_VOCABULARY", "")
        try:
            state = Path(path).stat()
        except OSError:
            return self._extractor
        version = (path, state.st_mtime_ns, state.st_size)
        if version != self._version:
            self._extractor = NeedsExtractor(read_vocabulary(Path(path)), self._lexicon)
            self._version = version
        return self._extractor


@lru_cache(maxsize=1)
def shop_words() -> ShopWords:
    """Returns the one holder of the process: two components read the same words."""
    return ShopWords()
