"""The vocabulary file that the engine reads."""

from __future__ import annotations

import json
from pathlib import Path

from sqlalchemy.orm import Session

from crm_store.vocabulary import vocabulary, write_vocabulary
from tests.factories import make_category, make_product, make_shop


def test_the_file_says_what_is_on_sale_in_the_words_of_the_shop(session: Session, tmp_path: Path) -> None:
    make_shop(session, timezone="Europe/London")
    bikes = make_category(session, "Bikes", name_zh="自行车")
    mountain = make_category(session, "Mountain Bikes", name_zh="山地自行车", parent=bikes, synonyms=["mtb", "山地车"])
    make_product(
        session,
        "Ridge 500",
        name_zh="山脊500",
        category=mountain,
        synonyms=["ridge"],
        uses=["trails"],
        attributes={"frame": "aluminium", "weight_kg": "12.4"},
        variants=[{"color": "Black", "size": "M", "attributes": {"gender": "women"}}, {"color": "Red", "size": "42"}],
    )
    write_vocabulary(session, tmp_path / "new" / "vocabulary.json")
    assert json.loads((tmp_path / "new" / "vocabulary.json").read_text(encoding="utf-8")) == {
        "version": 1,
        "shop": "Fernhill Outdoor",
        "currency": "USD",
        "timezone": "Europe/London",
        "categories": [
            {"name": "Bikes", "parent": None, "synonyms": [], "names": {"zh": "自行车"}},
            {
                "name": "Mountain Bikes",
                "parent": "Bikes",
                "synonyms": ["mtb", "山地车"],
                "names": {"zh": "山地自行车"},
            },
        ],
        "brands": [{"name": "Litware", "synonyms": []}],
        "products": [
            {
                "name": "Ridge 500",
                "synonyms": ["山脊500", "ridge"],
                "category": "Mountain Bikes",
                "brand": "Litware",
            }
        ],
        "attributes": {
            "color": [{"name": "Black", "synonyms": ["黑色"]}, {"name": "Red", "synonyms": ["红色"]}],
            "size": [{"name": "M", "synonyms": []}, {"name": "42", "synonyms": []}],
            "frame": [{"name": "aluminium", "synonyms": []}],
            "gender": [
                {
                    "name": "women",
                    "synonyms": ["women's", "womens", "ladies", "female", "女款", "女士", "女式"],
                }
            ],
        },
        "uses": [{"name": "trails", "synonyms": []}],
    }


def test_what_is_not_on_sale_has_no_words(session: Session) -> None:
    make_product(session, "Old", category="Antiques", brand="Gone", variants=[{"active": False}])
    words = vocabulary(session)
    assert (words["categories"], words["brands"], words["products"], words["attributes"]) == ([], [], [], {})


def test_a_bare_number_is_a_word_only_as_a_size(session: Session) -> None:
    make_product(session, attributes={"gears": "2", "wheel": "29 in"}, variants=[{"size": "42"}])
    assert set(vocabulary(session)["attributes"]) == {"size", "wheel"}


def test_a_file_that_says_the_same_is_left_alone(session: Session, tmp_path: Path) -> None:
    make_product(session)
    path = tmp_path / "vocabulary.json"
    write_vocabulary(session, path)
    before = path.stat().st_mtime_ns, path.stat().st_ino
    write_vocabulary(session, path)
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == before
    make_product(session, "Another")
    write_vocabulary(session, path)
    assert "Another" in path.read_text(encoding="utf-8")
    assert [item.name for item in tmp_path.glob("vocabulary*")] == ["vocabulary.json"]
