"""When a promise is due: the day and the time that were said, put together with what is known already."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from babel.dates import get_timezone_location

from actions.turn import Turn
from actions.wording import DAY_PARTS, LOCALES, clock, day, local
from crm_store.tables import FollowUp

FIRST_CALL, LAST_CALL = time(8), time(21)
IMPLIED_TIME = time(9)  # when a promise for a day without a time comes up
DAY_GRAINS = ("day", "week", "month")
VAGUE_GRAINS = ("week", "month")  # too wide for a call
_EARLIEST_HOUR = 8  # "at 3" is in the afternoon, as the engine reads it too

_NAMES_DAY = re.compile(
    r"\b(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?s?\b|\bto(?:day|night|morrow|morow)\b|\btom+or+ow\b|\btmrw?\b|\byesterday\b"
    r"|\b(?:next|this|coming|following) (?:week|weekend|month)\b|\bweekend\b"
    r"|\bdays?\b|\bweeks?\b|\bmonths?\b|\bin (?:\w+ ){1,3}(?:hour|hr|minute|min)s?\b"
    r"|\d(?:st|nd|rd|th)\b|\b(?:jan|feb|mar|apr|may|june?|july?|aug|sep|oct|nov|dec)\w*\b|christmas|new year|easter"
    r"|\b\d{1,2}[/-]\d{1,2}\b"
    r"|[今明后昨][天日早晚]|周|星期|礼拜|[\d一二三四五六七八九十][号日]|月|天[之以]?[后内]|小时|分钟|节",
    re.IGNORECASE,
)
_PARTS: tuple[tuple[re.Pattern[str], time, str], ...] = (
    (re.compile(r"\bmorning\b|上午|早上|早晨", re.IGNORECASE), time(9), "morning"),
    (re.compile(r"\b(?:noon|midday|lunch ?time)\b|中午", re.IGNORECASE), time(12), "hour"),
    (re.compile(r"\bafternoon\b|下午", re.IGNORECASE), time(14), "afternoon"),
    (re.compile(r"\b(?:evening|night)\b|晚上|傍晚", re.IGNORECASE), time(18), "evening"),
)  # fmt: skip
_HOUR = re.compile(
    r"(?:(?:ok|okay|actually|no|sorry|oh|wait|please|then|or|rather|better|let's"
    r"|can you|could you|can we|could we)[\s,.]+)*"
    r"(?:(?:can|could) (?:it|that) be\s+|(?:change|move|make|switch|push|shift|set|do|say)\s+)?"
    r"(?:(?:it|that|the call)\s+)?"
    r"(?:(?:be|to|at|for|how about|what about|around|about)\s+)*"
    r"(?P<hour>\d{1,2})(?:[:.](?P<minute>\d{2}))?\s*(?:o'?clock)?\s*(?P<half>[ap]\.?m\.?)?"
    r"(?:[\s,]*(?:instead|please|pls|then|would be better|is better|works|is fine))*[\s.!?]*"
    r"|(?:还是|那就?|请|帮我|把?电话|能不能|可以)*(?:改成|改到|改为|换成|换到|推迟到|提前到|改)?(?P<时>\d{1,2})(?:[点时])?(?:吧|行吗|可以吗|好了|好吗)?[\s。！？?]*",
    re.IGNORECASE,
)
_NOW = re.compile(
    r"\W*(?:right |just )?now(?: is (?:fine|good|ok))?(?: please| works)?\W*"
    r"|\W*(?:asap|immediately|straight away|right away)\W*"
    r"|\W*(?:就)?(?:现在|马上|立刻|立即)(?:就)?(?:可以|吧|打|行|就行|能打吗|打给我|打过来)?\W*",
    re.IGNORECASE,
)
_CALL_NOW = re.compile(
    r"\b(?:call|phone|ring)\b(?: me)?(?: back)? (?:right )?(?:now|immediately|straight away|right away|asap)\b"
    r"|(?:现在|马上|立刻|立即)[就能请可以]*(?:给我|跟我)?(?:打|来电|回电|回个?电)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Said:
    """A moment as it was said: without a time when only a day was, and `names_day` False when only a time was."""

    day: date | None
    time: time | None
    grain: str
    names_day: bool


@dataclass(frozen=True)
class Known:
    """What stands already and stays when it is not said anew."""

    day: date | None = None
    time: time | None = None
    grain: str = "hour"
    not_before: date | None = None
    timezone: str | None = None


def said_moment(turn: Turn, timezone: str, answering: bool = False) -> Said | None:
    """The day and time in a message; a bare number or "in the morning" only in answer to the question for it."""
    if moment := turn.mentions.get("moment"):
        at = _naive(datetime.fromisoformat(moment["at"]), timezone)
        grain = moment.get("grain", "hour")
        if grain not in DAY_GRAINS:
            return Said(at.date(), at.time(), grain, bool(_NAMES_DAY.search(turn.text)))
        part = _part_of_day(turn.text)
        return Said(at.date(), part[0], part[1], True) if part else Said(at.date(), None, grain, True)
    if not answering:
        return None
    hour = turn.mentions.get("amount")
    if isinstance(hour, int | float) and 0 <= hour < 24 and int(hour) == hour:
        return Said(None, time(int(hour) + (12 if hour < _EARLIEST_HOUR else 0)), "hour", False)
    part = _part_of_day(turn.text)
    return Said(None, *part, False) if part else None


def hour_said(text: str) -> Said | None:
    """The hour in "10", "change it to 11", "make it 15:30", "改到11": a message that says nothing else."""
    found = _HOUR.fullmatch(text.strip().replace("’", "'"))
    if found is None:
        return None
    hour, minute = int(found["hour"] or found["时"]), int(found["minute"] or 0)
    half = (found["half"] or "").casefold()
    if half and hour <= 12:
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    elif not half and hour < _EARLIEST_HOUR:
        hour += 12
    return Said(None, time(hour, minute), "hour", False) if hour < 24 and minute < 60 else None


def put_together(said: Said, known: Known, local_now: datetime) -> tuple[datetime, str]:
    """The local time that is meant, naive, and how exact it is."""
    on = said.day if said.names_day or known.day is None else known.day
    at, grain = (said.time, said.grain) if said.time else (known.time, known.grain if known.time else "day")
    if on is not None and known.day is not None and said.grain == "week":  # "next week": the same day of it
        on += timedelta(days=known.day.weekday() - on.weekday())
    if on is None:
        on = local_now.date() if at and at > local_now.time() else local_now.date() + timedelta(days=1)
    while known.not_before and on < known.not_before:
        on += timedelta(weeks=1)
    if at is None:
        soon = local_now + timedelta(minutes=15)
        at = max(IMPLIED_TIME, soon.time()) if soon.date() == on == local_now.date() else IMPLIED_TIME
    return datetime.combine(on, at.replace(second=0, microsecond=0)), grain


def can_be_called(at: datetime) -> bool:
    return FIRST_CALL <= at.time() <= LAST_CALL


def wants_call_now(text: str) -> bool:
    return bool(_NOW.fullmatch(text) or _CALL_NOW.search(text)) and "later" not in text.casefold()


_SPOKEN_ZONES = (
    ("Asia/Shanghai", re.compile(r"北京时间|中国时间|国内时间|\b(?:beijing|china|shanghai) time\b", re.IGNORECASE)),
    ("Europe/London", re.compile(r"伦敦时间|英国时间|\b(?:london|uk|british) time\b", re.IGNORECASE)),
    ("America/New_York", re.compile(r"纽约时间|美东时间|\b(?:eastern|new york|east coast) time\b", re.IGNORECASE)),
    ("America/Los_Angeles", re.compile(r"美西时间|\b(?:pacific|west coast) time\b", re.IGNORECASE)),
    ("Europe/Paris", re.compile(r"\b(?:central european|paris|berlin|german) time\b", re.IGNORECASE)),
)


def spoken_timezone(text: str) -> str | None:
    """The time zone that a customer names with a time, None when they name none."""
    return next((zone for zone, words in _SPOKEN_ZONES if words.search(text)), None)


def in_timezone(at: datetime, timezone: str) -> datetime:
    return at.replace(tzinfo=ZoneInfo(timezone))


def known_of(promise: FollowUp) -> Known:
    due = local(promise.due_at, promise.timezone)
    return Known(due.date(), None if promise.grain in DAY_GRAINS else due.time(), promise.grain)


def when_text(turn: Turn, promise: FollowUp) -> str:
    """The due time as it was promised: no more exact than the customer said it."""
    moment = local(promise.due_at, promise.timezone)
    date_text = day(moment, turn.language)
    if promise.grain in DAY_PARTS:
        return turn.phrase(f"utter_when_{promise.grain}", day=date_text)
    if promise.grain in DAY_GRAINS:
        return date_text
    return turn.phrase("utter_when_time", day=date_text, time=clock(moment, turn.language))


def moved_text(turn: Turn, promise: FollowUp) -> str:
    """The new due time, with its zone where the customer may take it for another one."""
    when = when_text(turn, promise)
    if promise.timezone == turn.shop.timezone and spoken_timezone(turn.text) is None:
        return when
    return turn.phrase("utter_when_zone", when=when, timezone=timezone_text(turn, promise.timezone))


def timezone_text(turn: Turn, timezone: str) -> str:
    """A time zone by its city: "London time", "伦敦时间"."""
    city = get_timezone_location(timezone, locale=LOCALES[turn.language], return_city=True)
    return turn.phrase("utter_timezone", city=city)


def _part_of_day(text: str) -> tuple[time, str] | None:
    return next(((at, grain) for pattern, at, grain in _PARTS if pattern.search(text)), None)


def _naive(at: datetime, timezone: str) -> datetime:
    return local(at, timezone).replace(tzinfo=None) if at.tzinfo else at
