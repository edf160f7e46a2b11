"""Places and postcodes: what completes an address, and what is no person's name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from zoneinfo import available_timezones

from babel import Locale
from babel.core import get_global

CHINESE_CITIES = frozenset(
    """北京 上海 天津 重庆 广州 深圳 杭州 南京 苏州 成都 武汉 西安 郑州 长沙 青岛 宁波 无锡 佛山 东莞 济南
    大连 厦门 福州 沈阳 哈尔滨 长春 昆明 合肥 南昌 石家庄 太原 贵阳 南宁 兰州 海口 珠海 温州 常州 徐州 扬州 香港
    澳门 台北 高雄""".split()
)
CHINESE_PROVINCES = frozenset(
    """河北 山西 辽宁 吉林 黑龙江 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 广东 海南 四川 贵州 云南 陕西 甘肃 青海
    台湾 内蒙古 广西 西藏 宁夏 新疆""".split()
)
SHORT_NAMES = frozenset(
    ["uk", "u.k.", "gb", "us", "u.s.", "usa", "u.s.a.", "england", "scotland", "wales", "uae", "prc", "manchester"]
    + ["birmingham", "leeds", "bristol", "oxford", "cambridge", "liverpool", "edinburgh", "glasgow", "boston"]
    + ["seattle", "san francisco", "washington", "philadelphia", "beijing", "shenzhen", "guangzhou"]
)
# Places that are as often somebody's first name.
ALSO_NAMES = frozenset(
    "adelaide sydney chad jordan georgia jersey regina jamaica florence martinique israel cuba vincennes".split()
)
_POSTCODE = (
    r"[a-z]{1,2}\d[a-z\d]?\s*\d[a-z]{2}"  # SW1A 1AA
    r"|[a-z]\d[a-z]\s?\d[a-z]\d"  # K1A 0B1
    r"|\d{4}\s?[a-z]{2}|\d{5}(?:-\d{4})?|\d{6}"  # 1012 AB, 02101, 210018
)
POSTCODE = re.compile(rf"(?<![\w-])(?:{_POSTCODE})(?![\w-])", re.IGNORECASE | re.ASCII)
_COUNTRY_REGIONS = (
    (re.compile(r"\b(?:usa?|u\.s\.a?\.?|united states|america)(?!\w)|美国", re.IGNORECASE), "US"),
    (
        re.compile(
            r"\b(?:uk|u\.k\.|united kingdom|england|scotland|wales|london|[a-z]{1,2}\d[a-z\d]? \d[a-z]{2})(?!\w)|英国",
            re.IGNORECASE,
        ),
        "GB",
    ),
    (re.compile(r"\bchina\b|[\u4e00-\u9fff]", re.IGNORECASE), "CN"),
)


def is_place(text: str) -> bool:
    """Whether a text is the name of a country or of a large city, and nothing else."""
    name = re.sub(r"\s+", " ", text.casefold()).strip(" .,，")
    return name in _places() or name.removesuffix("市").removesuffix("省") in CHINESE_CITIES | CHINESE_PROVINCES


def is_postcode(text: str) -> bool:
    return bool(POSTCODE.fullmatch(text.strip()))


def has_chinese_place(text: str) -> bool:
    return any(place in text for place in CHINESE_CITIES | CHINESE_PROVINCES)


def regions_in(text: str, likely: Sequence[str]) -> list[str]:
    """The countries whose phone numbers a message may hold: the likely ones, then those it speaks of."""
    return list(dict.fromkeys([*likely, *(code for words, code in _COUNTRY_REGIONS if words.search(text))]))


@cache
def region_of(timezone: str) -> str | None:
    """The country (ISO 3166) of a time zone; UTC and its like have none."""
    territory = get_global("zone_territories").get(timezone)
    return territory if territory and len(territory) == 2 and territory.isalpha() else None


@cache
def _places() -> frozenset[str]:
    """Countries as the locales name them, and the cities that time zones are named after."""
    countries = {name.casefold() for locale in ("en", "zh") for name in Locale.parse(locale).territories.values()}
    cities = {zone.rsplit("/")[-1].replace("_", " ").casefold() for zone in available_timezones() if "/" in zone}
    letters = {city for city in cities if city.replace(" ", "").isalpha() and len(city) > 3}
    return frozenset((countries | letters | SHORT_NAMES) - ALSO_NAMES)
