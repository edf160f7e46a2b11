"""When a shop may write to somebody: hours and days in the customer's own time zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from crm_store.tables import Shop
from crm_store.tables.catalog import WEEKDAYS

_DAYS = 15  # every weekday twice: an hour of one day may be the one that summer time leaves out


@dataclass(frozen=True, slots=True)
class ContactHours:
    """From the full hour `start` to before the full hour `until` (24 is midnight), on `days` (0 is Monday)."""

    start: int
    until: int
    days: frozenset[int]

    @classmethod
    def of(cls, shop: Shop) -> ContactHours:
        return cls(shop.contact_from, shop.contact_until, frozenset(WEEKDAYS.index(day) for day in shop.contact_days))

    def allow(self, moment: datetime, timezone: str) -> bool:
        """Whether somebody who lives there may be written to at this moment."""
        local = moment.astimezone(zone_of(timezone))
        return local.weekday() in self.days and self.start <= local.hour < self.until

    def next(self, moment: datetime, timezone: str) -> datetime:
        """The moment itself when it is allowed, else the next one that is."""
        if self.allow(moment, timezone):
            return moment
        zone = zone_of(timezone)
        today = moment.astimezone(zone).date()
        for ahead in range(_DAYS):
            opening = datetime.combine(today + timedelta(days=ahead), time(self.start), tzinfo=zone).astimezone(UTC)
            if opening >= moment and self.allow(opening, timezone):
                return opening
        return moment  # a shop whose only hour never comes

    def last(self, moment: datetime, timezone: str) -> datetime:
        """The moment itself when it is allowed, else the beginning of the last allowed hour before it."""
        if self.allow(moment, timezone):
            return moment
        zone = zone_of(timezone)
        today = moment.astimezone(zone).date()
        for ago in range(_DAYS):
            hour = datetime.combine(today - timedelta(days=ago), time(self.until - 1), tzinfo=zone).astimezone(UTC)
            if hour <= moment and self.allow(hour, timezone):
                return hour
        return moment


def zone_of(timezone: str) -> ZoneInfo:
    """The zone of that name; UTC for a name that this machine does not know."""
    try:
        return ZoneInfo(timezone)
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")
