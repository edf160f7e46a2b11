"""Sizes and measures with their units: "size 42", "42码", "20 inch", "2 litres"."""

from __future__ import annotations

import re
from typing import Any

from bot.engine.needs.numbers import value_of

_UNITS = {
    "inch": ("inches", "inch", "in", '"', "英寸", "寸"), "cm": ("centimetres", "centimeters", "cm", "厘米", "公分"),
    "mm": ("mm", "毫米"), "l": ("litres", "liters", "litre", "liter", "l", "升"), "ml": ("ml", "毫升"),
    "kg": ("kilos", "kilo", "kg", "公斤", "千克"), "g": ("grams", "gram", "g", "克"), "w": ("watts", "watt", "w", "瓦"),
    "m": ("metres", "meters", "m", "米"), "lm": ("lumens", "lumen", "lm", "流明"),
    "person": ("persons", "person", "people", "ppl", "man", "berth", "个人", "人"), "speed": ("speed", "speeds", "速"),
}  # fmt: skip
_UNIT_OF = {name: unit for unit, names in _UNITS.items() for name in names}
_NAMES = "|".join(re.escape(name) for name in sorted(_UNIT_OF, key=len, reverse=True))
_PAIRS = {"单": "1", "双": "2"}
_MEASURE = re.compile(
    rf"(?<![\d$€£A-Za-z])(?<!\d[.,])(?P<number>\d+(?:\.\d+)?|one|two|three|four|five|six|[单双一二两三四五六])[\s-]?(?P<unit>{_NAMES})(?![a-z])",
    re.IGNORECASE,
)
_SIZE = re.compile(
    r"\bsizes?(?: is| are|:| number| eu| uk| us)? ?(?P<en>\d{1,3}(?:\.5)?)(?![\d.]*\d|\s?(?:%|people))"
    r"|(?<![\d.])(?P<zh>\d{1,3}(?:\.5)?)(?:码|号(?=的|，|。|吗|有|$))"
    r"|(?:尺码|码数|鞋码|尺寸)(?:是|要|:|：)?\s?(?P<zh_after>\d{1,3}(?:\.5)?)(?![\d.]*\d)"
    r"|\b(?:eu|uk|us) ?(?P<region>\d{1,2}(?:\.5)?)\b",
    re.IGNORECASE,
)


def find_measures(text: str, attributes: dict[str, Any]) -> list[tuple[str, str, tuple[int, int]]]:
    """Return (attribute, the shop's own value, place) of every size and measure that the text names.

    `attributes` are those of the vocabulary. A size the shop does not have is given as typed; a measure that none of
    its values has is no wish it could meet, and is left out.
    """
    found = []
    for match in _SIZE.finditer(text):
        number = next(group for group in match.groups() if group)
        found.append(("size", _own_size(number, attributes), match.span()))
    found += _temperatures(text, attributes)
    by_measure = _measures_of(attributes)
    for match in _MEASURE.finditer(text):
        key = _key(match["number"], match["unit"])
        if key not in by_measure and key[1] == "person":
            key = _next_larger(key, by_measure)
        if key in by_measure and not any(begin < match.end() and stop > match.start() for *_, (begin, stop) in found):
            found.append((*by_measure[key], match.span()))
    return found


_COLD = re.compile(
    r"(?:\bminus\s?|(?<![\w\d])[-−–]\s?|零下)(?P<cold>\d{1,2}|[一二三四五六七八九十]{1,3})(?:\s?(?:°\s?c?|degrees?|度|c\b)|(?=\s*(?:$|[,.!?吗])))"
    r"|(?P<mild>\d{1,2})\s?(?:°\s?c|°|degrees?\b(?! angle)|度)(?![a-z])",
    re.IGNORECASE,
)
_DEGREES = re.compile(r"(-?\d{1,2})\s?°\s?C", re.IGNORECASE)


def _temperatures(text: str, attributes: dict[str, Any]) -> list[tuple[str, str, tuple[int, int]]]:
    """Every value of a temperature attribute that is as cold as the text asks for; none where none is."""
    found = []
    for match in _COLD.finditer(text):
        number = value_of(match["cold"] or match["mild"])
        if number is None:
            continue
        wanted = -number if match["cold"] else number
        for name, entries in attributes.items():
            degrees = [(_DEGREES.fullmatch(str(entry["name"]).strip()), str(entry["name"])) for entry in entries]
            enough = [value for read, value in degrees if read and int(read[1]) <= wanted]
            found += [(name, value, match.span()) for value in enough]
    return found


def _next_larger(key: tuple[str, str], known: dict[tuple[str, str], tuple[str, str]]) -> tuple[str, str]:
    """The smallest measure of the same unit that holds as much: three people sleep in a tent for four."""
    larger = [(float(number), number) for number, unit in known if unit == key[1] and float(number) > float(key[0])]
    return (min(larger)[1], key[1]) if larger else key


def _own_size(number: str, attributes: dict[str, Any]) -> str:
    for entry in attributes.get("size") or ():
        digits = re.findall(r"\d+(?:\.\d+)?", str(entry["name"]))
        if digits and digits[0] == number and len(digits) == 1:
            return str(entry["name"])
    return number


def _measures_of(attributes: dict[str, Any]) -> dict[tuple[str, str], tuple[str, str]]:
    """(number, unit) -> (attribute, value): "20 inch" and '20"' are one; a bare size counts as inches and centimetres."""
    known: dict[tuple[str, str], tuple[str, str]] = {}
    for name, entries in attributes.items():
        for entry in entries:
            value = str(entry["name"])
            if match := _MEASURE.fullmatch(value.strip()):
                known.setdefault(_key(match["number"], match["unit"]), (name, value))
            elif name == "size" and re.fullmatch(r"\d+(?:\.\d+)?", value):
                for unit in ("inch", "cm"):
                    known.setdefault((value, unit), (name, value))
    return known


def _key(number: str, unit: str) -> tuple[str, str]:
    value = _PAIRS.get(number) or f"{value_of(number) or 0:g}"
    return value, _UNIT_OF[unit.casefold()]
