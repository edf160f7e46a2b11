"""Versions of what was learned."""

from __future__ import annotations

import json
import pickle
from datetime import UTC, datetime
from pathlib import Path

import pytest

from models.registry import CARD, MODEL, SIGNATURE, ModelRegistry, ModelsRefused, NoModels, VersionNotFound

NOW = datetime(2026, 11, 25, 14, 0, 5, tzinfo=UTC)


@pytest.fixture
def registry(tmp_path: Path) -> ModelRegistry:
    return ModelRegistry(tmp_path / "learned", b"the home's secret")


class TouchesFile:
    """What a pickle of somebody else could be."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def test_a_version_comes_back_as_it_was_saved_and_is_in_use(registry):
    name = registry.save({"spend": [1, 2]}, {"customers": 3}, NOW)
    assert name == "20261125-140005"
    assert registry.load() == {"spend": [1, 2]}
    [version] = registry.versions()
    assert (version.name, version.in_use, version.card["customers"]) == (name, True, 3)
    assert version.card["made_at"] == "2026-11-25T14:00:05+00:00"
    assert "scikit-learn" in version.card["made_with"]


def test_an_older_version_can_be_put_in_use_again(registry):
    first = registry.save("old", {}, NOW)
    second = registry.save("new", {}, NOW)
    assert second == first + "-2"
    assert registry.load() == "new"
    registry.use(first)
    assert registry.load() == "old"
    assert [version.name for version in registry.versions() if version.in_use] == [first]


def test_nothing_learned_yet_is_said_with_what_to_do(registry):
    assert registry.versions() == []
    with pytest.raises(NoModels, match="./salesclerk train models"):
        registry.load()


@pytest.mark.parametrize("name", ["20200101-000000", "../learned", "", "."])
def test_an_unknown_version_is_refused_with_those_there_are(registry, name):
    kept = registry.save("one", {}, NOW)
    with pytest.raises(VersionNotFound, match=kept):
        registry.use(name) if name else registry.show(name)


def test_a_changed_file_is_not_loaded(registry, tmp_path):
    name = registry.save("one", {}, NOW)
    touched = tmp_path / "touched"
    (tmp_path / "learned" / name / MODEL).write_bytes(pickle.dumps(TouchesFile(touched)))
    with pytest.raises(ModelsRefused, match="changed, or not made here"):
        registry.load()
    assert not touched.exists()


def test_a_changed_card_is_not_believed(registry, tmp_path):
    name = registry.save("one", {"customers": 3}, NOW)
    card = tmp_path / "learned" / name / CARD
    card.write_text(json.dumps({**json.loads(card.read_text()), "customers": 4}))
    with pytest.raises(ModelsRefused, match="changed"):
        registry.load(name)


def test_what_another_home_made_is_not_loaded(registry, tmp_path):
    name = registry.save("one", {}, NOW)
    other = ModelRegistry(tmp_path / "learned", b"another secret")
    with pytest.raises(ModelsRefused, match=name):
        other.load()


@pytest.mark.parametrize("part", [MODEL, CARD, SIGNATURE])
def test_a_missing_part_is_said(registry, tmp_path, part):
    name = registry.save("one", {}, NOW)
    (tmp_path / "learned" / name / part).unlink()
    with pytest.raises(ModelsRefused):
        registry.load()
    assert registry.versions()[0].name == name


def test_models_of_other_code_are_refused(registry, monkeypatch):
    registry.save("one", {}, NOW)
    monkeypatch.setattr("models.registry._made_with", lambda: {"code": "other"})
    with pytest.raises(ModelsRefused, match="other code"):
        registry.load()


def test_a_version_that_cannot_be_loaded_is_not_put_in_use(registry, tmp_path):
    first = registry.save("old", {}, NOW)
    second = registry.save("new", {}, NOW)
    (tmp_path / "learned" / first / SIGNATURE).write_text("0" * 64)
    with pytest.raises(ModelsRefused):
        registry.use(first)
    assert registry.in_use() == second
