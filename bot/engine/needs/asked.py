"""Which property a message asks about, or declares open: "how heavy is it?", "any colour is fine"."""

from __future__ import annotations

import re
from collections.abc import Iterable

# Property -> how people ask about it; any further attribute of a shop is asked about by its own name.
_WORDS = {
    "weight": r"\bweights?\b|\bweigh\b|\bhow heavy\b|重量|多重|多少克|多少公斤|有多沉",
    "color": r"\bcolou?rs?\b|颜色|色系",
    "size": r"\bsizes?\b|\bhow (?:big|large|long|wide)\b|尺码|尺寸|码数|多大",
    "material": r"\bmaterials?\b|\bfabric\b|\bmade (?:of|from|out of)\b|\bwhat'?s it made\b|材质|材料|面料|什么做的|什么料",
    "price": r"\bprices?\b|\bcosts?\b|\bhow much\b|价格|多少钱|几钱",
    "waterproof": r"\bwater ?proof\b|\bwater[- ]?resistant\b|\brain ?proof\b|防水|防雨",
    "capacity": r"\bcapacity\b|\bhow many (?:people|litres|liters)\b|\bhow many (?:does|can|will) it\b|容量|几个人|几人|多少升|装多少",
    "season": r"\b(?:three|four|3|4)[- ]season\b|\bseasons?\b|\bwinter use\b|几季|季节|冬天能用|零下",
    "gender": r"\b(?:men'?s|women'?s|unisex)\b|\bgender\b|男款|女款|男女",
    "brand": r"\bbrands?\b|\bwho makes\b|\bmanufacturer\b|品牌|牌子",
    "battery": r"\bbattery\b|\bhow long does (?:the charge|it last)\b|电池|续航",
    "wheel_size": r"\bwheel ?size\b|轮径|几寸",
    "brightness": r"\bhow bright\b|\blumens?\b|\bbrightness\b|多亮|亮度|流明",
    "use": r"\bwhat (?:is|are) (?:it|they|these|those) for\b|\bsuitable for\b|适合(?:什么|干)|用途",
}
_PATTERNS = {name: re.compile(words, re.IGNORECASE) for name, words in _WORDS.items()}
_OPEN = re.compile(
    r"\b(?:any|whatever|all|every)\s(?P<en>colou?r|size|brand|material|price|budget)s?\b|\b(?P<en2>colou?r|size|brand|material|price|budget)s? (?:does ?n'?t matter|"
    r"is not important|isn'?t important|is fine|doesnt matter)|\bno (?P<en3>colou?r|brand|size|price|budget) (?:preference|limit)"
    r"|(?P<zh>颜色|尺码|品牌|牌子|材质|价格|预算)(?:都|随便|无所谓|不限|不重要|没关系|什么都)|(?:不限|不管什么|什么)(?P<zh2>颜色|尺码|品牌|牌子|材质|价格|预算)(?:都|也)?(?:行|可以|好)?",
    re.IGNORECASE,
)
_NAMES = {
    "colour": "color", "color": "color", "size": "size", "brand": "brand", "material": "material", "price": "budget",
    "budget": "budget", "颜色": "color", "尺码": "size", "品牌": "brand", "牌子": "brand", "材质": "material",
    "价格": "budget", "预算": "budget",
}  # fmt: skip


def asked_properties(text: str, attributes: Iterable[str]) -> list[str]:
    """Names of the properties a text speaks of, those of the shop's own attributes among them."""
    found = [name for name, pattern in _PATTERNS.items() if pattern.search(text)]
    lowered = text.casefold()
    for name in attributes:
        spoken = name.replace("_", " ").casefold()
        if name not in found and len(spoken) > 3 and re.search(rf"(?<![a-z]){re.escape(spoken)}(?![a-z])", lowered):
            found.append(name)
    return found


def open_properties(text: str) -> list[str]:
    """Properties that are said not to matter: "any colour is fine" gives color."""
    names = (next(group for group in match.groups() if group).casefold() for match in _OPEN.finditer(text))
    return list(dict.fromkeys(_NAMES[name] for name in names))
