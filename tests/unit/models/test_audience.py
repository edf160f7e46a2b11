from __future__ import annotations

import pytest

from models.audience import gender_of_recipient, is_for_children, suited, wants_for_child
from models.next_question import next_question


@pytest.fixture
def helmets(make_item):
    return [
        make_item(name="Talon Trail", categories=("Helmets",)),
        make_item(name="Pebble Junior", categories=("Helmets",), attributes={"age": "3 to 9 years"}),
        make_item(name="Skipper", categories=("Helmets",), attributes={"age": "10 to 14 years"}),
    ]


@pytest.mark.parametrize(
    ("needs", "names"),
    [
        ({}, ["Talon Trail"]),
        ({"recipient": "wife"}, ["Talon Trail"]),
        ({"recipient": "daughter", "age": 7}, ["Pebble Junior"]),
        ({"age": 12}, ["Skipper"]),
        ({"age": 35}, ["Talon Trail"]),
        ({"recipient": "孩子"}, ["Pebble Junior", "Skipper"]),
    ],
)
def test_who_it_is_for_decides_the_kind_of_head(helmets, needs, names) -> None:
    assert [item.name for item in suited(helmets, needs)] == names


def test_where_nothing_is_for_them_everything_stays(helmets) -> None:
    assert suited(helmets[:1], {"age": 5}) == helmets[:1]
    assert suited(helmets[1:], {}) == helmets[1:]


def test_children_are_known_by_kind_or_age(make_item) -> None:
    assert is_for_children(make_item(categories=("Kids' Bikes", "Bikes")))
    assert not is_for_children(make_item(name="Kidney belt", categories=("Accessories",)))
    assert wants_for_child({"age": 8}) and not wants_for_child({"recipient": "daughter"})


@pytest.fixture
def jackets(make_item):
    made_for = {"Gale W": "women", "Gale M": "men", "Squall": "unisex", "Drizzle": None}
    return [
        make_item(name=name, categories=("Rain Jackets",), attributes={"gender": gender})
        for name, gender in made_for.items()
    ]


@pytest.mark.parametrize(
    ("recipient", "gender"),
    [
        ("wife", "women"),
        ("my mum", "women"),
        ("老婆", "women"),
        ("boyfriend", "men"),
        ("爸爸", "men"),
        ("brother-in-law", "men"),
        ("friend", None),
        ("my son and daughter", None),
        ("woman", "women"),
        ("Amanda", None),
        ("", None),
    ],
)
def test_who_it_is_for_tells_the_gender_where_it_does(recipient, gender) -> None:
    assert gender_of_recipient({"recipient": recipient}) == gender


def test_nobody_is_offered_what_is_made_for_the_other_gender(jackets) -> None:
    def names(needs):
        return [item.name for item in suited(jackets, needs)]

    assert names({"recipient": "wife"}) == ["Gale W", "Squall", "Drizzle"]
    assert names({"recipient": "老公"}) == ["Gale M", "Squall", "Drizzle"]
    assert names({}) == ["Gale W", "Gale M", "Squall", "Drizzle"]
    assert [item.name for item in suited(jackets[:1], {"recipient": "husband"})] == ["Gale W"]


def test_women_or_men_is_not_asked_when_it_is_for_a_wife(jackets) -> None:
    category = {"category": "Rain Jackets"}
    assert next_question(jackets, category, ()).facet == "gender"
    asked = next_question(jackets, {**category, "recipient": "wife"}, ())
    assert asked is None or asked.facet != "gender"
