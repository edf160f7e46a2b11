from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from models.evaluation.card import model_card
from models.evaluation.recommendation import compare_with_truth, evaluate_recommendations
from models.preparation.frames import NothingSold
from models.preparation.quality import Done, QualityNote
from tests.unit.models.sales_history import NOW, held_out, learned, sales_history

RANKERS = ["popular", "bought before", "next best offer"]


@pytest.fixture(scope="module")
def report():
    return evaluate_recommendations(sales_history())


def test_ours_stands_beside_baselines_on_purchases_it_has_not_seen(report):
    assert list(report.figures) == RANKERS
    for figures in report.figures.values():
        assert set(figures) == {"ndcg@10", "recall@10", "coverage"}
        assert all(0 <= value <= 1 for value in figures.values())
    ours, popular = report.figures["next best offer"], report.figures["popular"]
    assert ours["ndcg@10"] > 1.3 * popular["ndcg@10"]
    assert ours["coverage"] > popular["coverage"] == pytest.approx(10 / 19)


def test_the_report_can_be_shown(report):
    buyers = held_out()[1]["customer_id"].nunique()
    comparison, missed = report.tables
    assert f"what {buyers} customers bought in the last 60 days" in comparison
    columns, rows = report.tables[comparison]
    assert [row[0] for row in rows] == RANKERS and len(columns) == len(rows[0])
    assert all(len(row) == 3 for row in report.tables[missed][1])
    assert all(png.startswith(b"\x89PNG") for png in report.pictures.values())


def test_those_of_whose_purchases_nothing_was_offered_are_named(report):
    bought = held_out()[1].groupby("customer_id")["product"].agg(set)
    _, rows = report.tables["Customers of whose purchases nothing was offered"]
    for customer, products, offered in rows:
        assert set(products.split(", ")) == bought[int(customer)]
        assert not bought[int(customer)] & set(offered.split(", "))


def test_the_truth_reaches_all_there_is_to_reach_and_ours_more_than_what_sells_most():
    """Wanted is what was bought after the learning, the first more than the rest."""
    frames, after = held_out()
    bought = after.groupby("customer_id")["product"].agg(lambda codes: dict.fromkeys(codes, 1.0))
    wanted = [bought.get(id, {"Bars 1": 0.01}) for id in frames.customers.index]
    figures = compare_with_truth(frames, wanted, learned().offers)
    assert list(figures) == [*RANKERS, "the truth"]
    assert figures["the truth"]["ndcg@10"] == pytest.approx(1)
    assert figures["popular"]["ndcg@10"] < figures["next best offer"]["ndcg@10"] < 1


def test_preferences_have_to_be_of_all_customers():
    with pytest.raises(ValueError, match="shorter"):
        compare_with_truth(held_out()[0], [{}], learned().offers)


@pytest.mark.parametrize("days", [100, -1000])
def test_without_orders_before_or_after_the_cut_there_is_nothing_to_measure_on(days):
    """Nothing was bought in the last weeks, or everything was."""
    frames = sales_history(20)
    moved = frames.now + timedelta(days=days)
    if days < 0:
        frames = replace(frames, lines=frames.lines[frames.lines["placed_at"] > frames.now - timedelta(days=50)])
        moved = frames.now
    with pytest.raises(NothingSold, match="60 days back"):
        evaluate_recommendations(replace(frames, now=moved))


def test_a_card_says_what_was_learned_from():
    frames = held_out()[0]
    notes = (
        QualityNote("order lines", "of cancelled orders", 7, 900, Done.DROPPED),
        QualityNote("customers", "age unknown", 3, 120, Done.KEPT),
    )
    card = model_card(replace(frames, notes=notes), learned())
    assert card["order_lines"] == len(frames.lines)
    assert (card["orders"], card["customers"], card["products"]) == (frames.lines["order_id"].nunique(), 120, 19)
    assert card["period"] == [frames.lines["placed_at"].min().isoformat(), frames.lines["placed_at"].max().isoformat()]
    assert card["learned_at"] == (NOW - timedelta(days=60)).isoformat()
    assert card["left_out"] == {"of cancelled orders": 7}
    assert card["settled_leads"] is None and list(card["offers"]) == RANKERS
    assert json.loads(json.dumps(card)) == card


def test_a_card_has_no_figures_where_nothing_could_be_held_back():
    frames = held_out()[0]
    quiet = replace(frames, now=frames.now + timedelta(days=100))
    assert model_card(quiet, learned())["offers"] is None
