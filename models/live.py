"""The models in use, kept in memory and changed when another version is put in use."""

from __future__ import annotations

import logging
from threading import Lock
from typing import TYPE_CHECKING

from crm_store.errors import SalesError
from models.registry import ModelRegistry

if TYPE_CHECKING:
    from models.learning import SalesModels

log = logging.getLogger(__name__)


class LiveModels:
    """Reads the version in use once; threads may share it. A version that cannot be loaded is said once, in the log."""

    def __init__(self, registry: ModelRegistry) -> None:
        self._registry, self._lock = registry, Lock()
        self._loaded: tuple[str | None, SalesModels | None] = (None, None)

    def current(self) -> SalesModels | None:
        """The models in use, or None: nothing was learned yet, or it cannot be loaded."""
        name = self._registry.in_use()
        if name != self._loaded[0]:
            with self._lock:
                if name != self._loaded[0]:
                    self._loaded = (name, self._load(name))
        return self._loaded[1]

    def _load(self, name: str | None) -> SalesModels | None:
        try:
            return self._registry.load(name) if name else None
        except SalesError as error:
            log.warning("offers are made without what was learned from sales: %s", error)
            return None
