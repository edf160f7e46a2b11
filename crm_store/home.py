"""Where one shop keeps its state: paths, ports and the secret, from the environment."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import make_url

from crm_store.errors import SettingNotUsable


@dataclass(frozen=True)
class Home:
    """The folder that holds a shop's state, and the addresses its processes listen on."""

    path: Path
    database_url: str
    app_host: str = "127.0.0.1"
    app_port: int = 8080
    engine_port: int = 5005
    actions_port: int = 5055
    given_secret: str | None = field(default=None, repr=False)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Home:
        """The home that SALESCLERK_HOME, DATABASE_URL and the port settings describe."""
        setting = os.environ if environment is None else environment
        path = Path(setting.get("SALESCLERK_HOME") or "var")
        return cls(
            path=path,
            database_url=setting.get("DATABASE_URL") or f"sqlite:///{path / 'salesclerk.db'}",
            app_host=setting.get("SALESCLERK_HOST") or "127.0.0.1",
            app_port=_port(setting, "SALESCLERK_PORT", 8080),
            engine_port=_port(setting, "SALESCLERK_ENGINE_PORT", 5005),
            actions_port=_port(setting, "SALESCLERK_ACTIONS_PORT", 5055),
            given_secret=setting.get("SALESCLERK_SECRET") or None,
        )

    @property
    def vocabulary(self) -> Path:
        return self.path / "vocabulary.json"

    @property
    def engine_models(self) -> Path:
        return self.path / "engine" / "models"

    @property
    def live_model(self) -> Path:
        return self.engine_models / "live.tar.gz"

    @property
    def learned(self) -> Path:
        return self.path / "learned"

    @property
    def tracker_database(self) -> Path:
        return self.path / "engine" / "tracker.db"

    @property
    def followups_url(self) -> str:
        """The database of the follow-ups that have begun: in the home, or beside the store when that is PostgreSQL."""
        if make_url(self.database_url).get_backend_name() == "sqlite":
            return f"sqlite:///{self.path / 'followups.db'}"
        return self.database_url

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    @property
    def run(self) -> Path:
        return self.path / "run"

    @property
    def secret_file(self) -> Path:
        return self.path / "secret.key"

    def secret(self) -> bytes:
        """The key that signs sessions: SALESCLERK_SECRET, or one minted once into the home (mode 0600)."""
        if self.given_secret:
            return self.given_secret.encode()
        if not self.secret_file.exists():
            _write_once(self.secret_file, secrets.token_hex(32))
        return self.secret_file.read_bytes()


def _write_once(path: Path, text: str) -> None:
    """Create the file whole or not at all; when two processes try, the first one's text stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent)  # mkstemp makes it 0600
    draft = Path(name)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(text)
        path.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _port(setting: Mapping[str, str], name: str, default: int) -> int:
    text = setting.get(name)
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        raise SettingNotUsable(name, text, "a port number (1 to 65535)")
    return int(text)
