"""For children or for grown-ups, for women or for men: nobody is to be offered what is made for somebody else."""

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
_WOMEN = re.compile(
    r"(?<![a-z])(?:wife|girlfriend|fianc[eé]e|mum|mom|mother|mama|sister|aunt(?:ie)?|grand(?:ma|mother)|granny|nan"
    r"|niece|lady|ladies|wom[ae]n|daughter|girls?|her)(?:'s)?(?![a-z])"
    r"|妻子|老婆|太太|媳妇|女朋友|女友|未婚妻|妈妈|母亲|老妈|丈母娘|婆婆|姐姐|妹妹|奶奶|外婆|姥姥|阿姨|姑姑|闺蜜|女儿|女孩|女士|女生",
    re.IGNORECASE,
)
_MEN = re.compile(
    r"(?<![a-z])(?:husband|hubby|boyfriend|fianc[eé]|dad|daddy|father|papa|brother|uncle|grand(?:pa|dad|father)"
    r"|nephew|gentlem[ae]n|m[ae]n|guy|son|boys?|him|his)(?:'s)?(?![a-z])"
    r"|丈夫|老公|先生|男朋友|男友|未婚夫|爸爸|父亲|老爸|岳父|公公|哥哥|弟弟|爷爷|外公|姥爷|叔叔|舅舅|哥们|儿子|男孩|男士|男生",
    re.IGNORECASE,
)
_FOR_WOMEN = frozenset({"women", "woman", "womens", "women's", "female", "ladies", "w", "f", "女", "女款", "女士"})
_FOR_MEN = frozenset({"men", "man", "mens", "men's", "male", "gentlemen", "m", "男", "男款", "男士"})
_AGES = re.compile(r"(\d{1,2})\s*(?:to|-|–|至|到)\s*(\d{1,2})")


def wants_for_child(needs: Needs) -> bool:
    """Whether the needs say that a child is to use it."""
    age = needs.get("age")
    if age is not None:
        return int(age) <= OLDEST_CHILD
    return bool(_CHILD_RECIPIENTS.search(str(needs.get("recipient", ""))))


def gender_of_recipient(needs: Needs) -> str | None:
    """ "women" or "men" when the needs say for whom and that tells; None otherwise."""
    recipient = str(needs.get("recipient", ""))
    woman, man = bool(_WOMEN.search(recipient)), bool(_MEN.search(recipient))
    return None if woman == man else "women" if woman else "men"


def suited(items: Sequence[CatalogItem], needs: Needs) -> list[CatalogItem]:
    """The items for whoever it is for, of the right age where both say one; all of them when none is."""
    child, age = wants_for_child(needs), needs.get("age")
    of_kind = [item for item in items if is_for_children(item) == child]
    of_age = [item for item in of_kind if age is None or _includes(item, int(age))]
    return _of_gender(of_age or of_kind or list(items), gender_of_recipient(needs))


def _of_gender(items: list[CatalogItem], gender: str | None) -> list[CatalogItem]:
    """Without what is made for the other gender, unless nothing else is there."""
    others = {"women": _FOR_MEN, "men": _FOR_WOMEN}.get(gender or "", frozenset())
    left = [item for item in items if not _is_for(item, others)]
    return left or items


def _is_for(item: CatalogItem, words: frozenset[str]) -> bool:
    values = [value.casefold() for value in _values(item.attributes.get("gender"))]
    return bool(values) and all(value in words for value in values)


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
