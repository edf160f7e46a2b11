"""Simulated customers: who they are, and the habits that their purchases follow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random

from crm_store.demo import names
from crm_store.demo.names import REGIONS, Region
from crm_store.demo.truth import SEGMENTS, Segment, segment_odds

BY_NAME = {segment.name: segment for segment in SEGMENTS}
SPEAK_CHINESE = 0.14
OPTED_OUT = 0.04
CLOTHING_SIZES = ("S", "M", "L", "XL")
COLORS = ("Black", "Blue", "Green", "Gray", "Red", "Orange", "Teal", "Navy", "Yellow", "White")


@dataclass(frozen=True, slots=True)
class Person:
    """A customer to be, as the store knows them; below the line what only the simulation knows."""

    name: str
    email: str
    phone: str | None
    address: str
    gender: str
    birth_date: date
    income: Decimal
    household_size: int
    region: str
    language: str
    timezone: str
    created_at: datetime
    opted_out_at: datetime | None
    # ---
    segment: Segment
    zeal: float  # how often they come, beside the others of their segment
    clothing_size: str
    shoe_size: str
    color: str  # preferred where there is a choice

    @property
    def is_parent(self) -> bool:
        return self.household_size >= 3


def draw_people(rng: Random, count: int, *, start: datetime, now: datetime) -> list[Person]:
    """`count` customers who first came between `start` and `now`, in the order they came."""
    phones = {region.name: _phone_numbers(rng, region) for region in REGIONS}
    days = (now - start).total_seconds() / 86400
    # The shop has been growing: twice as many new customers a month at the end as at the start.
    arrivals = sorted(days * _growing(rng) for _ in range(count))
    return [
        _draw_person(rng, number, start + timedelta(days=day), now, phones)
        for number, day in enumerate(arrivals, start=1)
    ]


def _growing(rng: Random) -> float:
    while True:
        share = rng.random()
        if rng.random() < (1 + share) / 2:
            return share


def _draw_person(
    rng: Random, number: int, arrived: datetime, now: datetime, phones: dict[str, Iterator[str]]
) -> Person:
    region = rng.choices(REGIONS, [region.share for region in REGIONS])[0]
    gender = rng.choice(("female", "male"))
    age = min(max(rng.gauss(40, 13.5), 18), 82)
    household = _household_size(rng, age)
    odds = segment_odds(age=age, gender=gender, household_size=household, region=region.name)
    language = "zh" if rng.random() < SPEAK_CHINESE else "en"
    name, local_part = draw_name(rng, gender, language)
    opted_out = rng.random() < OPTED_OUT
    return Person(
        name=name,
        email=f"{local_part}{number}@{rng.choice(('example.org', 'example.com'))}",
        phone=next(phones[region.name], None) if rng.random() < 0.7 else None,
        address=_address(rng, region),
        gender=gender,
        birth_date=now.date() - timedelta(days=int(age * 365.25)),
        income=_income(rng, age, region),
        household_size=household,
        region=region.name,
        language=language,
        timezone=region.timezone,
        created_at=arrived,
        opted_out_at=arrived + (now - arrived) * rng.random() if opted_out else None,
        segment=BY_NAME[rng.choices(list(odds), list(odds.values()))[0]],
        zeal=min(rng.gammavariate(4, 0.25), 2.5),
        clothing_size=_clothing_size(rng, gender),
        shoe_size=str(round(rng.gauss(39.2 if gender == "female" else 43, 1.2))),
        color=rng.choices(COLORS, [10, 5, 4, 4, 3, 2, 2, 2, 2, 1])[0],
    )


def _household_size(rng: Random, age: float) -> int:
    middle = 30 <= age <= 54
    return rng.choices((1, 2, 3, 4, 5), (18, 25, 23, 24, 10) if middle else (36, 46, 10, 6, 2))[0]


def _income(rng: Random, age: float, region: Region) -> Decimal:
    """A yearly income that rises until 50 and differs by region."""
    usual = 66_000 * region.income * (0.72 + 0.4 * min(age - 18, 32) / 32)
    return Decimal(round(min(max(rng.lognormvariate(0, 0.38) * usual, 16_000), 260_000), -2))


def _clothing_size(rng: Random, gender: str) -> str:
    weights = (38, 40, 18, 4) if gender == "female" else (9, 38, 36, 17)
    return rng.choices(CLOTHING_SIZES, weights)[0]


def draw_name(rng: Random, gender: str, language: str) -> tuple[str, str]:
    """A full name, and the part of an e-mail address made from it."""
    if language == "zh":
        family = rng.choice(tuple(names.CHINESE_FAMILY))
        given_names = names.CHINESE_WOMEN if gender == "female" else names.CHINESE_MEN
        given = rng.choice(tuple(given_names))
        return f"{family}{given}", f"{given_names[given]}.{names.CHINESE_FAMILY[family]}"
    given, family = rng.choice(names.WOMEN if gender == "female" else names.MEN), rng.choice(names.FAMILY)
    return f"{given} {family}", f"{given}.{family}".lower()


def _address(rng: Random, region: Region) -> str:
    street = f"{rng.randint(2, 980)} {rng.choice(names.STREETS)} {rng.choice(names.STREET_KINDS)}"
    return f"{street}, {rng.choice(region.towns)}{rng.randint(1, 99):02d}"


def _phone_numbers(rng: Random, region: Region) -> Iterator[str]:
    """Numbers from 555-0100 to 555-0199, which no area code gives to anybody."""
    numbers: Sequence[str] = [f"+1{area}55501{last:02d}" for area in region.area_codes for last in range(100)]
    return iter(rng.sample(numbers, len(numbers)))
