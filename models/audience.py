"""For children or for grown-ups: nobody is to be offered a helmet of the wrong kind of head."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from crm_store.catalog import CatalogItem
from models.needs import Needs

OLDEST_CHILD = 13
_CHILD_WORDS = re.compile(
    r"(?<![a-z])(?:kid|child|children|junior|youth|toddler|baby|infant|boys?|girls?)(?:s|'s|s')?(?![a-z])|儿童|童[装鞋车]|宝宝|小孩|青少年",
    re.IGNORECASE,
)
_CHILD_RECIPIENTS = re.compile(
    r"(?<![a-z])(?:kids?|child|children|baby|toddler|little (?:boy|girl|one)|grandchild|grandchildren)(?![a-z])"
    r"|孩子|小孩|宝宝|儿童|小朋友|娃",
    re.IGNORECASE,
)
_AGES = re.compile(r"(\d{1,2})\s*(?:to|-|–|至|到)\s*(\d{1,2})")


def wants_for_child(needs: Needs) -> bool:
    """Whether the needs say that a child is to use it."""
    age = needs.get("age")
    if age is not None:
        return int(age) <= OLDEST_CHILD
    return bool(_CHILD_RECIPIENTS.search(str(needs.get("recipient", ""))))


def suited(items: Sequence[CatalogItem], needs: Needs) -> list[CatalogItem]:
    """The items for whoever it is for, of the right age where both say one; all of them when none is."""
    child, age = wants_for_child(needs), needs.get("age")
    of_kind = [item for item in items if is_for_children(item) == child]
    of_age = [item for item in of_kind if age is None or _includes(item, int(age))]
    return of_age or of_kind or list(items)


def is_for_children(item: CatalogItem) -> bool:
    """Whether a product is made for children, by its age attribute, kind or name."""
    if ages := _ages(item.attributes.get("age")):
        return ages[1] <= OLDEST_CHILD + 3
    described = (item.name, item.name_zh or "", *item.categories, *_values(item.attributes.get("gender")))
    return any(_CHILD_WORDS.search(text) for text in described)


def _includes(item: CatalogItem, age: int) -> bool:
    ages = _ages(item.attributes.get("age"))
    return ages is None or ages[0] <= age <= ages[1]


def _ages(values: Any) -> tuple[int, int] | None:
    for value in _values(values):
        if match := _AGES.search(value):
            return int(match[1]), int(match[2])
    return None


def _values(values: Any) -> list[str]:
    return [str(value) for value in values] if isinstance(values, (list, tuple)) else [str(values)] if values else []
