from __future__ import annotations

import pytest

from models.evaluation import pictures
from models.evaluation.intents import Judged, intent_scores
from models.evaluation.needs import ReadNeeds, needs_scores, slots
from models.evaluation.page import Page

JUDGED = [
    Judged("hi", "greet", "greet", 0.9),
    Judged("你好", "greet", "greet", 0.8),
    Judged("bye", "goodbye", "greet", 0.6),
    Judged("who won", "out_of_scope", "out_of_scope", 0.7),
    Judged("where is it", "track_order", "out_of_scope", 0.4),
]


def test_intents_are_counted_by_language_and_scope() -> None:
    scores = intent_scores(JUDGED)
    assert scores["accuracy"] == pytest.approx(0.6)
    assert scores["languages"]["en"] == {"messages": 4, "accuracy": 0.5}
    assert scores["languages"]["zh"] == {"messages": 1, "accuracy": 1.0}
    assert (scores["refused_in_scope"], scores["out_of_scope_recall"]) == (0.25, 1.0)
    assert scores["intents"]["greet"]["precision"] == pytest.approx(2 / 3)
    assert scores["confusions"][0]["messages"] == 1


def test_every_value_of_the_needs_counts() -> None:
    stated = {"category": "Helmets", "attributes": {"color": ["Red", "Blue"]}, "budget": {"max": 50, "currency": "USD"}}
    assert slots(stated) == {
        ("category", "helmets"),
        ("attributes.color", "red"),
        ("attributes.color", "blue"),
        ("budget.max", (50.0, "USD")),
    }
    read = {"category": "helmets", "attributes": {"color": ["Red"]}, "quantity": 2}
    scores = needs_scores([ReadNeeds("x", stated, read), ReadNeeds("hi", {}, {"use": "hi"}), ReadNeeds("ok", {}, {})])
    assert scores["precision"] == pytest.approx(2 / 4)
    assert scores["recall"] == pytest.approx(2 / 4)
    assert scores["f1"] == pytest.approx(0.5)
    assert scores["over_extraction"] == 0.5
    assert scores["fields"]["attributes"]["recall"] == 0.5


def test_nothing_to_count_is_no_error() -> None:
    assert intent_scores([])["accuracy"] is None
    assert needs_scores([])["f1"] is None


def test_pictures_are_pictures_and_what_customers_typed_is_no_markup() -> None:
    for picture in (
        pictures.confusion_matrix(JUDGED),
        pictures.confidence_histogram(JUDGED),
        pictures.bars({"a": 1.0}, "F1"),
    ):
        assert picture.startswith(b"\x89PNG")
    page = Page("<b>")
    page.table(["message"], [["<script>alert(1)</script>"]])
    assert "<script>" not in page.html() and "&lt;b&gt;" in page.html()
