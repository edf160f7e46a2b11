"""The home is read from the environment and mints its secret once."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from crm_store.errors import SettingNotUsable
from crm_store.home import Home


def test_the_default_home_is_var_with_a_sqlite_file() -> None:
    home = Home.from_environment({})
    assert home.path == Path("var")
    assert home.database_url == "sqlite:///var/salesclerk.db"
    assert (home.app_host, home.app_port, home.engine_port, home.actions_port) == (
        "127.0.0.1",
        8080,
        5005,
        5055,
    )


def test_settings_are_taken_from_the_environment(tmp_path: Path) -> None:
    home = Home.from_environment({"SALESCLERK_HOME": str(tmp_path), "SALESCLERK_PORT": "9001"})
    assert home.vocabulary == tmp_path / "vocabulary.json"
    assert home.live_model == tmp_path / "engine" / "models" / "live.tar.gz"
    assert home.app_port == 9001


@pytest.mark.parametrize("port", ["0", "70000", "http", "-1", "８０"])
def test_a_port_that_is_none_is_named(port: str) -> None:
    with pytest.raises(SettingNotUsable, match="SALESCLERK_PORT"):
        Home.from_environment({"SALESCLERK_PORT": port})


def test_the_secret_is_minted_once_and_private(tmp_path: Path) -> None:
    home = Home.from_environment({"SALESCLERK_HOME": str(tmp_path / "new")})
    secret = home.secret()
    assert len(secret) >= 32
    assert home.secret() == secret
    assert stat.S_IMODE(home.secret_file.stat().st_mode) == 0o600
    assert [path.name for path in home.path.iterdir()] == ["secret.key"]


def test_a_given_secret_is_used_and_never_shown(tmp_path: Path) -> None:
    home = Home.from_environment({"SALESCLERK_HOME": str(tmp_path), "SALESCLERK_SECRET": "s3cret"})
    assert home.secret() == b"s3cret"
    assert "s3cret" not in repr(home)
    assert not home.secret_file.exists()
