from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from bot import live_model
from crm_store.home import Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(path=tmp_path, database_url="sqlite://")
    home.engine_models.mkdir(parents=True)
    return home


def pack(home: Home, name: str) -> None:
    with tarfile.open(home.live_model, "w:gz") as archive:
        member = tarfile.TarInfo(name)
        member.size = 2
        archive.addfile(member, io.BytesIO(b"{}"))


def test_a_file_that_is_no_archive_is_a_broken_model(home: Home) -> None:
    home.live_model.write_bytes(b"not a model at all")
    with pytest.raises(live_model.ModelBroken, match="make a new one with: ./salesclerk train"):
        live_model.check(home)


def test_a_model_cut_short_is_a_broken_model(home: Home) -> None:
    pack(home, "metadata.json")
    home.live_model.write_bytes(home.live_model.read_bytes()[:40])
    with pytest.raises(live_model.ModelBroken):
        live_model.check(home)


def test_an_archive_of_something_else_is_a_broken_model(home: Home) -> None:
    pack(home, "holiday.jpg")
    with pytest.raises(live_model.ModelBroken, match="not a trained model"):
        live_model.check(home)
    pack(home, "metadata.json")
    live_model.check(home)


def test_a_model_without_a_note_of_its_inputs_is_outdated(home: Home) -> None:
    assert live_model.is_outdated(home)
    home.live_model.with_name("live.inputs").write_text(live_model.inputs_fingerprint() + "\n", encoding="ascii")
    assert not live_model.is_outdated(home)


def test_other_words_for_an_answer_ask_for_no_training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    domain = Path("domain.yml")
    domain.write_text("intents: [greet]\nresponses:\n  utter_hello: [{text: Hello}]\n", encoding="utf-8")
    before = live_model.inputs_fingerprint()
    domain.write_text("intents: [greet]\nresponses:\n  utter_hello: [{text: Good morning}]\n", encoding="utf-8")
    assert live_model.inputs_fingerprint() == before
    domain.write_text("intents: [greet, thank]\n", encoding="utf-8")
    assert live_model.inputs_fingerprint() != before
