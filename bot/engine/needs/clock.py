"""Times of day as people say them: "at 5", "3pm", "明早九点半", "in the afternoon"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.engine.needs.numbers import value_of

_PARTS = {
    "morning": (9, "morning"), "noon": (12, "noon"), "midday": (12, "noon"), "lunchtime": (12, "noon"),
    "afternoon": (14, "afternoon"), "evening": (18, "evening"), "tonight": (19, "evening"), "night": (20, "evening"),
    "上午": (9, "morning"), "早上": (9, "morning"), "早晨": (9, "morning"), "早": (9, "morning"), "中午": (12, "noon"),
    "下午": (14, "afternoon"), "傍晚": (18, "evening"), "晚上": (19, "evening"), "晚": (19, "evening"),
}  # fmt: skip
_PART = re.compile(
    r"\b(?:morning|noon|midday|lunchtime|afternoon|evening|tonight|night)\b|上午|早上|早晨|中午|下午|傍晚|晚上|(?<=[今明])[早晚]",
    re.I,
)
_CLOCKS = (
    re.compile(r"(?<![\d$€£.])(?P<hour>\d{1,2})(?:[:.](?P<minute>\d\d))?\s?(?P<half>[ap])\.?m\b\.?", re.IGNORECASE),
    re.compile(r"(?<![\d$€£.])(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)(?!\d)"),
    re.compile(r"\b(?:at|around|about|before|after|by) (?P<hour>\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
               r"(?: ?o'? ?clock)?(?![\d%.,:]|\s?[a-z$€£%]|-)", re.IGNORECASE),
    re.compile(r"\b(?P<hour>\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve) ?o'? ?clock\b", re.IGNORECASE),
    # "便宜一点" is no time: one o'clock takes more words to say.
    re.compile(r"(?<![再更大小轻重好宜快慢长短])(?P<hour>\d{1,2}|[二两三四五六七八九十]{1,2}|十一|(?<=[午上晨])一|一(?=点[钟半]))点(?!东西)(?:(?P<minute>\d{1,2}|[一二三四五]?十[一二三四五六七八九]?)分?|(?P<halfpast>半)|钟)?"),
)  # fmt: skip
_EARLIEST_HOUR = 8  # without "am": nobody asks to be called at three at night


def times_in(text: str, days: list) -> Iterator[tuple[int, int, int, str]]:
    """Yield (start, end, minutes after midnight, grain) of every time of day."""
    taken: list[tuple[int, int]] = []
    parts = [(m.start(), m.end(), *_PARTS[m.group().casefold()]) for m in _PART.finditer(text)]
    for pattern in _CLOCKS:
        for match in pattern.finditer(text):
            start, end = match.span()
            if any(begin < end and stop > start for begin, stop in taken):
                continue
            if (clock := _clock(match, parts)) is not None:
                part = next((p for p in parts if abs(p[0] - end) <= 8 or abs(start - p[1]) <= 1), None)
                taken.append((start, end))
                if part:
                    parts.remove(part)
                    start, end = min(start, part[0]), max(end, part[1])
                yield start, end, clock, "minute" if clock % 60 else "hour"
    for start, end, hour, grain in parts:
        near_day = any(begin - 6 <= end and start <= stop + 6 for begin, stop, *_ in days)
        if near_day or re.search(r"(?:this|in the|tomorrow|at)\s$|今|明", text[max(0, start - 9) : start + 1], re.I):
            yield start, end, hour * 60, grain


def _clock(match: re.Match[str], parts: list) -> int | None:
    groups = match.groupdict()
    hour = value_of(groups["hour"])
    if hour is None or hour > 24:
        return None
    minute = 30 if groups.get("halfpast") else int(value_of(groups.get("minute") or "0") or 0)
    if minute > 59:
        return None
    half = (groups.get("half") or "").casefold()
    near = [grain for begin, stop, _, grain in parts if abs(begin - match.end()) <= 8 or abs(match.start() - stop) <= 1]
    is_late = half == "p" or any(grain in ("afternoon", "evening") for grain in near)
    is_early = half == "a" or "morning" in near
    if is_late and hour < 12:
        hour += 12
    elif is_early and hour == 12:
        hour = 0
    elif not (is_late or is_early or groups.get("minute")) and hour < _EARLIEST_HOUR:
        hour += 12
    return int(hour) * 60 + minute


def nearest_time(times: list, start: int, end: int) -> tuple | None:
    near = [time for time in times if -12 <= time[0] - end <= 12 or -12 <= start - time[1] <= 12]
    return min(near, key=lambda time: min(abs(time[0] - end), abs(start - time[1])), default=None)
