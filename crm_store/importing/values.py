"""Reads the values of cells: money, counts, dates, yes and no; raises RowRefused with the reason."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal, InvalidOperation

from crm_store.importing.report import RowRefused
from crm_store.tables.base import to_cents

_NUMBER = re.compile(r"-?\d[\d.,' \u00a0\u202f]*|-?[.,]\d+", re.ASCII)
_AROUND_A_NUMBER = re.compile(r"[A-Za-z$€£¥￥元\s\u00a0]*")
_MOST_MONEY = Decimal("1000000000")
_MOST_ITEMS = 1_000_000_000
_SLASHED = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})(?:[ T]+(.+))?", re.ASCII)
_YES = {"yes", "y", "true", "t", "1", "x", "on", "是"}
_NO = {"no", "n", "false", "f", "0", "-1", "off", "否", ""}
YES_OR_NO = _YES | _NO


def money(text: str, field: str) -> Decimal:
    """An amount of at least 0 in cents, from "1,299.00", "$13.0863", "1.299,00 €"; rounded half up."""
    amount = number(text, field)
    if amount < 0:
        raise RowRefused(field, text, "is below zero")
    if amount >= _MOST_MONEY:
        raise RowRefused(field, text, "is more than any price")
    return to_cents(amount)


def number(text: str, field: str) -> Decimal:
    """A number, with a currency or unit around it or not."""
    found = _NUMBER.search(text)
    if found is None:
        raise RowRefused(field, text, "is not a number")
    around = text[: found.start()] + text[found.end() :]
    if not _AROUND_A_NUMBER.fullmatch(around):
        raise RowRefused(field, text, "is not a number")
    try:
        return Decimal(_plain(found.group()))
    except InvalidOperation as error:
        raise RowRefused(field, text, "is not a number") from error


def _plain(text: str) -> str:
    """The digits with a decimal point only: the last of "." and "," is the decimal mark, the other groups."""
    digits = re.sub(r"['\s\u00a0\u202f]", "", text).rstrip(".,")
    point, comma = digits.rfind("."), digits.rfind(",")
    if point >= 0 and comma >= 0:
        group, mark = (",", ".") if point > comma else (".", ",")
        return digits.replace(group, "").replace(mark, ".")
    # One mark alone: several of them group thousands, and so does a comma before exactly three digits.
    if comma >= 0:
        groups = digits.count(",") > 1 or len(digits) - comma == 4
        return digits.replace(",", "" if groups else ".")
    return digits.replace(".", "") if digits.count(".") > 1 else digits


def whole_number(text: str, field: str, *, least: int = 0) -> int:
    """A whole number from `least` up; "2.0" is one too."""
    amount = number(text, field)
    if amount != amount.to_integral_value():
        raise RowRefused(field, text, "is not a whole number")
    if not least <= amount <= _MOST_ITEMS:
        raise RowRefused(field, text, f"must be at least {least}" if amount < least else "is too large")
    return int(amount)


def yes_or_no(text: str, field: str) -> bool:
    """True for yes, y, true, 1, x; False for no, n, false, 0."""
    lowered = text.lower()
    if lowered in _YES:
        return True
    if lowered in _NO:
        return False
    raise RowRefused(field, text, "is neither yes nor no")


def split_list(text: str) -> list[str]:
    """The parts of "a|b|c", each once."""
    return list(dict.fromkeys(part.strip() for part in text.split("|") if part.strip()))


class DateReader:
    """Reads dates and times; whether 3/4/2025 is in March or April is decided by the whole column."""

    def __init__(self, texts: Iterable[str], *, country: str, zone: tzinfo) -> None:
        self._zone = zone
        self._known: dict[str, datetime] = {}
        self._day_first = _day_first(texts, country)

    def at(self, text: str, field: str) -> datetime:
        """The moment in UTC; a text without an offset is in the shop's time zone, without a time at midnight."""
        moment = self._known.get(text)
        if moment is None:
            local = self._parsed(text, field)
            aware = local if local.tzinfo else local.replace(tzinfo=self._zone)
            moment = self._known[text] = aware.astimezone(UTC)
        return moment

    def day(self, text: str, field: str) -> date:
        """The date in the text, whatever the time and zone."""
        return self._parsed(text, field).date()

    def _parsed(self, text: str, field: str) -> datetime:
        try:
            slashed = _SLASHED.fullmatch(text)
            if slashed is None:
                moment = datetime.fromisoformat(re.sub(r"\s+(?=[+-]\d{2}:?\d{2}$)|\s*UTC$", "", text))
            else:
                first, second, year, clock = slashed.groups()
                day, month = (first, second) if self._day_first else (second, first)
                hours = _clock(clock)
                moment = datetime(int(year), int(month), int(day), *hours)  # noqa: DTZ001  the caller knows the zone
        except ValueError as error:
            raise RowRefused(field, text, "is not a date, like 2026-11-23") from error
        if not 1900 <= moment.year <= 2200:
            raise RowRefused(field, text, "is not a year of our time")
        return moment


def _clock(text: str | None) -> tuple[int, ...]:
    if not text:
        return ()
    parts = re.fullmatch(r"(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.\d+)?\s*([AaPp][Mm])?", text.strip(), re.ASCII)
    if parts is None:
        raise ValueError(text)
    hour = int(parts.group(1))
    if parts.group(4):
        hour = hour % 12 + (12 if parts.group(4).lower() == "pm" else 0)
    return hour, int(parts.group(2)), int(parts.group(3) or 0)


def _day_first(texts: Iterable[str], country: str) -> bool:
    for text in texts:
        slashed = _SLASHED.fullmatch(text)
        if slashed is None:
            continue
        if int(slashed.group(1)) > 12:
            return True
        if int(slashed.group(2)) > 12:
            return False
    return country not in ("US", "PH")
