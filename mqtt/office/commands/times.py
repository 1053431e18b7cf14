"""Moments and durations as a person types them."""

import re
from datetime import datetime, timedelta
from typing import Any, Final

import click

_DURATION: Final = re.compile(r"(\d{1,5})\s*(m|h|d)")
_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days"}


class Moment(click.ParamType[datetime]):
    """ISO 8601 with a zone: without one nobody knows which moment is meant."""

    name = "moment"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:  # noqa: ANN401 - click's signature
        """Return the moment."""
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is not like 2026-12-01T18:00+07:00", param, ctx)
        if moment.tzinfo is None:
            self.fail(f"{value!r} has no zone; write it like 2026-12-01T18:00+07:00", param, ctx)
        return moment


class Duration(click.ParamType[timedelta]):
    """A number of minutes, hours or days."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:  # noqa: ANN401 - click's signature
        """Return the duration."""
        if isinstance(value, timedelta):
            return value
        found = _DURATION.fullmatch(str(value).strip())
        if found is None:
            self.fail(f"{value!r} is not like 90m, 6h or 2d", param, ctx)
        return timedelta(**{_UNITS[found[2]]: int(found[1])})


MOMENT: Final = Moment()
DURATION: Final = Duration()
