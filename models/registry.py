"""What has been learned from sales, kept in versions: one file and one model card each, one of them in use.

A version is a pickle, and a pickle can run anything when it is loaded. So it is loaded only when its signature, made
with the home's own secret, fits: a file that was changed, or made elsewhere, is refused.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import pickle
import platform
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version as package_version
from pathlib import Path
from typing import Any

from crm_store.errors import SalesError

MODEL, CARD, SIGNATURE, IN_USE = "models.pickle", "card.json", "signature", "in_use"
_PACKAGES = ("scikit-learn", "numpy", "pandas", "scipy")


class NoModels(SalesError):
    """Nothing has been learned from this store yet."""

    code = "no_models"

    def __init__(self) -> None:
        super().__init__("nothing has been learned from this shop's sales yet; do it with: ./salesclerk train models")


class VersionNotFound(SalesError):
    """There is no such version."""

    code = "version_not_found"

    def __init__(self, version: str, known: list[str]) -> None:
        there = f"there are {', '.join(known)}" if known else "there is none yet; make one: ./salesclerk train models"
        super().__init__(f"there are no models {version!r}; {there}", version=version)


class ModelsRefused(SalesError):
    """A version that is not loaded; `reason` says why."""

    code = "models_refused"

    def __init__(self, version: str, reason: str) -> None:
        super().__init__(
            f"models {version} are not loaded: {reason}; make new ones with: ./salesclerk train models", version=version
        )


@dataclass(frozen=True, slots=True)
class Version:
    """One version: its name (the time it was made), its card, and whether it is the one in use."""

    name: str
    card: Mapping[str, Any]
    in_use: bool


class ModelRegistry:
    """The versions in a folder, signed with a secret.

    Several processes may read while one writes: a version appears whole, and the one in use changes in one step.
    """

    def __init__(self, folder: Path, secret: bytes) -> None:
        self._folder, self._secret = folder, secret

    def save(self, models: Any, card: Mapping[str, Any], now: datetime) -> str:
        """Write a new version, put it in use, and return its name."""
        self._folder.mkdir(parents=True, exist_ok=True)
        name = self._free_name(now)
        blob = pickle.dumps(models, protocol=5)
        draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=self._folder))
        try:
            (draft / MODEL).write_bytes(blob)
            full = {**card, "version": name, "made_at": now.astimezone(UTC).isoformat(), "made_with": _made_with()}
            (draft / CARD).write_text(json.dumps(full, ensure_ascii=False, indent=1), encoding="utf-8")
            (draft / SIGNATURE).write_text(self._signature(draft), encoding="ascii")
            draft.rename(self._folder / name)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        self.use(name)
        return name

    def use(self, name: str) -> None:
        """Put a version in use; raises VersionNotFound, or ModelsRefused when it could not be loaded."""
        self.check(name)
        pointer = self._folder / f".{IN_USE}-{os.getpid()}"
        pointer.write_text(name + "\n", encoding="utf-8")
        pointer.replace(self._folder / IN_USE)

    def versions(self) -> list[Version]:
        """All versions, the newest first."""
        current = self.in_use()
        return [Version(name, self._card(name), name == current) for name in self._names()[::-1]]

    def show(self, name: str) -> Version:
        """One version; raises VersionNotFound."""
        return Version(name, self._card(self._known(name)), name == self.in_use())

    def in_use(self) -> str | None:
        """The name of the version in use; None when nothing was learned yet."""
        file = self._folder / IN_USE
        return file.read_text(encoding="utf-8").strip() if file.is_file() else None

    def load(self, name: str | None = None) -> Any:
        """The models of a version, or those in use; raises NoModels, VersionNotFound or ModelsRefused."""
        return pickle.loads((self._folder / self.check(name) / MODEL).read_bytes())

    def check(self, name: str | None = None) -> str:
        """The name of a version that `load` would load; raises as `load` does."""
        name = name or self.in_use()
        if name is None:
            raise NoModels
        folder = self._folder / self._known(name)
        try:
            kept = (folder / SIGNATURE).read_text(encoding="ascii").strip()
            signature = self._signature(folder)
        except (OSError, UnicodeDecodeError) as error:
            raise ModelsRefused(name, f"a file is missing or cannot be read ({error.__class__.__name__})") from error
        if not hmac.compare_digest(kept, signature):
            raise ModelsRefused(name, "they were changed, or not made here")
        if self._card(name).get("made_with") != _made_with():
            raise ModelsRefused(name, "they were made by other code or other versions of its packages")
        return name

    def _signature(self, folder: Path) -> str:
        """Of the models and their card together, so that neither can be swapped."""
        digest = hmac.new(self._secret, digestmod=hashlib.sha256)
        for part in (MODEL, CARD):
            digest.update(hashlib.sha256((folder / part).read_bytes()).digest())
        return digest.hexdigest()

    def _card(self, name: str) -> dict[str, Any]:
        try:
            return json.loads((self._folder / name / CARD).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}

    def _names(self) -> list[str]:
        if not self._folder.is_dir():
            return []
        return sorted(entry.name for entry in self._folder.iterdir() if entry.is_dir() and entry.name[0] != ".")

    def _known(self, name: str) -> str:
        names = self._names()
        if name not in names:  # also keeps a name from being a path
            raise VersionNotFound(name, names)
        return name

    def _free_name(self, now: datetime) -> str:
        name = now.astimezone(UTC).strftime("%Y%m%d-%H%M%S")
        number, free = 2, name
        while (self._folder / free).exists():
            free, number = f"{name}-{number}", number + 1
        return free


def _made_with() -> dict[str, str]:
    """What a pickle depends on: the code of the models, and the packages whose objects it holds."""
    digest = hashlib.sha256()
    root = Path(__file__).parent
    for file in sorted(root.rglob("*.py")):
        digest.update(f"{file.relative_to(root).as_posix()}\0".encode())
        digest.update(file.read_bytes())
    packages = {name: package_version(name) for name in _PACKAGES}
    return {"code": digest.hexdigest()[:16], "python": platform.python_version(), **packages}
