from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from crm_store.catalog import load_catalog
from crm_store.tables import Customer, OrderStatus, Variant
from models.offers.companions import Companion
from models.offers.next_best_offer import RankedProduct
from models.offers.offering import offers_for, usual_choices
from models.offers.reasons import customer_reasons, liking_of, rep_reasons
from models.purchase import Condition, PathReason
from models.recommender import Liking, Reason, recommend
from tests.factories import NOW, make_conversation, make_customer, make_order, make_variant
from tests.unit.models.sales_history import held_out, learned, of_customers, sales_history, write_history

WALKER, RIDER = 1, 2
UNKNOWN = 5000  # to the models


@pytest.fixture
def shop(session: Session) -> Session:
    """A store with everything on sale and two of the customers, as when the models were made."""
    write_history(session, of_customers(held_out()[0], WALKER, RIDER))
    return session


def offered(session, customer_id=WALKER, needs=None, count=50, **options):
    return offers_for(
        session, learned(), load_catalog(session), customer_id=customer_id, needs=needs or {}, now=NOW, count=count,
        **options,
    )  # fmt: skip


def codes(offers):
    return [offer.item.code for offer in offers]


def variant_of(session, code):
    return session.scalar(select(Variant).where(Variant.sku == f"{code}-1"))


def owned(customer):
    lines = held_out()[0].lines
    return set(lines.loc[lines["customer_id"] == customer, "product"])


def test_different_customers_get_different_offers_each_with_variant_chance_and_reasons(shop):
    walker, rider = offered(shop, WALKER, count=3), offered(shop, RIDER, count=3)
    assert len(walker) == len(rider) == 3
    assert walker[0].item.categories[0] == "Bars" and rider[0].item.categories[0] == "Oil"
    for offer in (*walker, *rider):
        assert offer.reasons[0].endswith("for anybody)")
        margin = Decimal(str(offer.ranked.propensity)) * (offer.item.price - offer.item.cost)
        assert abs(offer.expected_margin - margin) <= Decimal("0.005")


def test_sold_out_is_never_offered(shop):
    best = offered(shop)[0]
    variant_of(shop, best.item.code).stock = 0
    shop.flush()
    assert best.item.code not in codes(offered(shop))


def test_a_product_is_offered_in_the_variant_that_is_left(shop):
    best = offered(shop)[0].item
    variant = variant_of(shop, best.code)
    make_variant(shop, variant.product, sku="LEFT", price=variant.price, stock=1)
    variant.stock = 0
    shop.flush()
    assert next(offer.item.sku for offer in offered(shop) if offer.item.code == best.code) == "LEFT"


def test_the_variant_is_in_the_size_and_colour_that_the_customer_takes(shop):
    for number in range(1, 6):
        variant = variant_of(shop, f"Bikes {number}")
        variant.size, variant.color = "L", "black"
    wanted = next(code for code in codes(offered(shop, RIDER)) if code.startswith("Bikes"))
    product, variant = variant_of(shop, wanted).product, variant_of(shop, wanted)
    variant.size = "M"
    for sku, size, color in (("1", "S", "black"), ("2", "L", "red"), ("3", "L", "black"), ("4", "XL", "white")):
        make_variant(shop, product, sku=sku, size=size, color=color)
    shop.flush()
    assert {offer.item.code: offer.item.sku for offer in offered(shop, RIDER)}[wanted] == "3"


def test_only_what_fits_the_needs_is_offered(shop):
    found = offered(shop, WALKER, {"category": "Helmets", "budget": {"max": 80}})
    assert set(codes(found)) == {"Helmets 1", "Helmets 2"}
    assert offered(shop, WALKER, {"category": "Helmets", "budget": {"max": 1}}) == []


def test_a_no_in_the_conversation_at_hand_counts_at_once(shop):
    best = codes(offered(shop))[0]
    assert best not in codes(offered(shop, rejected=[best]))


@pytest.mark.parametrize(("times", "days", "is_left_out"), [(1, 5, False), (2, 5, True), (2, 120, False)])
def test_a_no_in_several_conversations_lately_is_remembered(shop, times, days, is_left_out):
    best = codes(offered(shop))[0]
    for _ in range(times):
        at = NOW - timedelta(days=days)
        make_conversation(shop, customer_id=WALKER, rejected=[best], created_at=at, updated_at=at)
    make_conversation(shop, customer_id=RIDER, rejected=[best] * 3, updated_at=NOW)  # somebody else's no
    assert (best not in codes(offered(shop))) == is_left_out


def test_what_lasts_is_not_offered_again_once_bought_after_the_learning(shop):
    boots = next(code for code in codes(offered(shop)) if code.startswith("Boots"))
    customer = shop.get_one(Customer, WALKER)
    make_order(
        shop, lines=[(variant_of(shop, boots), 1)], customer=customer, placed_at=NOW, status=OrderStatus.CANCELLED
    )
    assert boots in codes(offered(shop))
    make_order(shop, lines=[(variant_of(shop, boots), 1)], customer=customer, placed_at=NOW)
    assert boots not in codes(offered(shop))


def test_what_lasts_is_not_offered_to_a_customer_who_was_imported_with_it_after_the_learning(shop):
    """Their orders are older than the models, which do not know them."""
    newcomer = make_customer(shop, id=UNKNOWN)
    assert "Boots 2" in codes(offered(shop, newcomer.id))
    make_order(shop, lines=[(variant_of(shop, "Boots 2"), 1)], customer=newcomer, placed_at=NOW - timedelta(days=200))
    assert "Boots 2" not in codes(offered(shop, newcomer.id))


def test_nobody_known_gets_what_most_want(shop):
    anybody = offered(shop, None, count=4)
    assert codes(anybody) == [one.product for one in learned().offers.rank(None, k=4)]
    assert codes(offered(shop, make_customer(shop, id=UNKNOWN).id, count=4)) == codes(anybody)
    assert all(len(offer.reasons) == 1 for offer in anybody)


def test_without_a_cost_there_is_no_expected_margin(shop):
    for variant in shop.scalars(select(Variant)):
        variant.cost = None
    shop.flush()
    assert all(offer.expected_margin is None for offer in offered(shop))


def test_no_more_than_asked_for_and_nothing_from_an_empty_catalogue(shop):
    assert len(offered(shop, count=2)) == 2
    assert offers_for(shop, learned(), [], customer_id=WALKER, needs={}, now=NOW) == []


def test_the_reasons_for_a_rep_are_the_customers_own_counts(shop):
    lines = held_out()[0].lines
    mine = lines[lines["customer_id"] == WALKER]
    (again,) = [offer for offer in offered(shop) if offer.item.code == mine["product"].mode()[0]]
    times = (mine["product"] == again.item.code).sum()
    assert any(reason.startswith(f"bought {times} times, last ") for reason in again.reasons)
    buyers = lines.loc[lines["category"] == "Boots", "customer_id"].nunique()
    told = [reason for offer in offered(shop) for reason in offer.reasons if "who bought Boots" in reason]
    assert told and all(f"of the {buyers} customers who bought Boots" in reason for reason in told)


def test_usual_choices_are_counted(make_item):
    items = [make_item(size="M", color="red"), make_item(size="L"), make_item(size="L", color="blue"), make_item()]
    assert usual_choices(items)["size"] == ["L", "M"]
    assert set(usual_choices(items)["color"]) == {"red", "blue"}
    assert usual_choices([]) == {"size": [], "color": []}


# Reasons -----------------------------------------------------------------------------------------


def ranked(**facts):
    plain = {"product": "P", "category": "Bars", "price": 9.0, "margin": 3.0, "propensity": 0.4, "base": 0.05}
    return RankedProduct(**{**plain, **facts})


COMPANION = Companion(owned="Boots", share=0.62, base=0.31, buyers=61)


def test_a_customer_is_told_nothing_that_is_not_so():
    assert customer_reasons(ranked()) == []
    assert customer_reasons(ranked(times_bought=1, days_since=9)) == [Reason("bought_once", {})]
    assert customer_reasons(ranked(times_bought=3)) == [Reason("bought_before", {"times": 3})]
    both = customer_reasons(ranked(companion=COMPANION, fits_spend=(5.0, 12.0)))
    assert both == [Reason("goes_with", {"owned": "Boots", "share": 62}), Reason("usual_price", {})]


def test_a_rep_reads_chance_history_companions_and_price():
    said = rep_reasons(
        ranked(times_bought=2, days_since=40.4, companion=COMPANION, fits_spend=(5.0, 1200.0)), None, "EUR", 60
    )
    assert said == [
        "40 % likely to be bought within 60 days (5.0 % for anybody)",
        "bought 2 times, last 40 days ago",
        "62 % of the 61 customers who bought Boots bought Bars then or later (31 % of all who bought anything)",
        "its price is within what they are likely to spend on one: 5 to 1,200 EUR",
    ]
    assert "bought once, last 3 days ago" in rep_reasons(ranked(times_bought=1, days_since=3.0), None, "EUR", 60)


def test_a_path_is_read_out_only_where_it_makes_the_purchase_likelier():
    def path(share, conditions):
        return PathReason("Bars", conditions, share=share, share_overall=0.1, orders=50, customers=40)

    older = (Condition("age", above=40.0),)
    assert rep_reasons(ranked(), path(0.3, older), "EUR", 60)[-1] == path(0.3, older).sentence()
    for dull in (path(0.11, older), path(0.3, ()), None):
        assert len(rep_reasons(ranked(), dull, "EUR", 60)) == 1


# In the chat -------------------------------------------------------------------------------------


def test_liking_is_for_just_the_items_asked_about_owned_or_not(make_item):
    own = sorted(owned(WALKER))[-1]
    items = [make_item(code) for code in (own, "Bikes 2", "Never heard of")]
    liking = liking_of(learned(), WALKER, items)
    assert set(liking) == {own, "Bikes 2"}
    assert liking[own].reasons[0].code in ("bought_once", "bought_before")
    assert liking[own].chance > 0


def test_somebody_unknown_is_liked_as_anybody_and_told_nothing_of_a_history(make_item):
    liking = liking_of(learned(), None, [make_item("Bars 1"), make_item("Boots 1")])
    assert liking["Bars 1"].chance > liking["Boots 1"].chance
    assert all(one.reasons == () for one in liking.values())


def test_what_was_learned_decides_among_what_fits_and_differs_by_customer(make_item):
    items = [make_item("Bars 2", units_sold=5), make_item("Oil 2", units_sold=5)]

    def first(customer):
        liking = liking_of(learned(), customer, items)
        return recommend(items, {}, currency="USD", rates={}, liking=liking)[0].item.code

    assert (first(WALKER), first(RIDER)) == ("Bars 2", "Oil 2")


def test_a_learned_reason_comes_before_a_general_one(make_item):
    items = [make_item("A", 10, units_sold=90), make_item("B", 900)]
    liking = {"B": Liking(0.9, (Reason("bought_once", {}),)), "A": Liking(0.001)}
    best = recommend(items, {}, currency="USD", rates={}, liking=liking)
    assert [(offer.item.code, offer.reason.code) for offer in best] == [("B", "bought_once"), ("A", "lowest_price")]


def test_needs_come_before_liking(make_item):
    items = [make_item("Cheap", 100), make_item("Dear", 900)]
    liking = {"Dear": Liking(0.5), "Cheap": Liking(0.1)}
    best = recommend(items, {"priority": "price"}, currency="USD", rates={}, liking=liking)
    assert best[0].item.code == "Cheap"


def test_equal_chances_change_no_order(make_item):
    items = [make_item(name, price) for name, price in (("A", 100), ("B", 200), ("C", 400))]
    plain = recommend(items, {"priority": "price"}, currency="USD", rates={})
    liked = recommend(
        items, {"priority": "price"}, currency="USD", rates={}, liking=dict.fromkeys("ABC", Liking(0.2))
    )  # fmt: skip
    assert codes(liked) == codes(plain) == ["A", "B", "C"]


def test_a_history_is_the_same_whenever_it_is_made():
    assert sales_history(20).lines.equals(sales_history(20).lines)
