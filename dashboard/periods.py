"""Periods of the city's days: the one under way, the same stretch of the one before, and of the year before."""

from datetime import date, timedelta
from typing import Literal, NamedTuple

from dashboard.calendar import date_of, month_of, month_start, number_of

Name = Literal["day", "week", "month", "quarter", "year", "custom"]
PERIODS: tuple[Name, ...] = ("day", "week", "month", "quarter", "year")
MOST_DAYS = 1100  # of a stretch that a person chose: three years
MOST_POINTS, QUARTER_DAYS = 12, 92
MONTHS = {"month": 1, "quarter": 3}


class Span(NamedTuple):
    """A stretch of the city's days, both ends included."""

    first: int
    last: int

    @property
    def days(self) -> int:
        """How many days it has."""
        return self.last - self.first + 1


def course(span: Span) -> list[Span]:
    """Return the pieces that a figure's course is drawn over: at most a dozen, by calendar month where it is longer than a quarter."""
    if span.days <= QUARTER_DAYS:
        width = max(1, -(-span.days // MOST_POINTS))
        return [Span(at, min(at + width - 1, span.last)) for at in range(span.first, span.last + 1, width)]
    months = range(month_of(span.first), month_of(span.last) + 1)
    return [Span(max(month_start(one), span.first), min(month_start(one + 1) - 1, span.last)) for one in months]


class Period(NamedTuple):
    """A stretch, and the two that it is compared with (F14): the same elapsed part one period and one year before."""

    now: Span
    previous: Span
    last_year: Span

    def ended(self, today: int) -> "Period | None":
        """Return the same without the day that is not over, in all three; None where there is no other day."""
        if self.now.last < today:
            return self
        if self.now.last == self.now.first:
            return None
        return Period(*(Span(one.first, max(one.first, one.last - 1)) for one in self))


def period_of(name: Name, today: date) -> Period:
    """Return the period under way."""
    span = span_of(name, today)
    return Period(span, before(name, span), year_before(span))


def chosen(first: date, last: date, today: date) -> Period:
    """Return the stretch that a person chose, until today at the longest, against as many days right before it.

    Raises ValueError where it begins after its end or after today, or is longer than three years.
    """
    span = Span(number_of(first), min(number_of(last), number_of(today)))
    if not 0 < span.days <= MOST_DAYS:
        raise ValueError("a period begins before it ends, not after today, and lasts three years at the most")
    return Period(span, Span(span.first - span.days, span.first - 1), year_before(span))


def until(period: Period, last: int, name: Name | None) -> Period:
    """Return a period as it was at the end of the day `last`: by its name the one that was under way then, else without the days after it."""
    if name is not None:
        return period_of(name, date_of(last))
    if period.now.last <= last:
        return period
    span = Span(min(period.now.first, last), last)
    return Period(span, Span(span.first - span.days, span.first - 1), year_before(span))


def span_of(name: Name, today: date) -> Span:
    """Return the period under way: from its first day until today. Weeks begin on Monday."""
    starts: dict[Name, date] = {
        "day": today,
        "week": today - timedelta(days=today.weekday()),
        "month": today.replace(day=1),
        "quarter": today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1),
        "year": today.replace(month=1, day=1),
    }
    return Span(number_of(starts[name]), number_of(today))


def before(name: Name, span: Span) -> Span:
    """Return the same elapsed part of the period before (UX-87): 1 to 23 November is compared with 1 to 23 October."""
    if name == "year":
        return year_before(span)
    first = date_of(span.first)
    if name in MONTHS:
        earlier = _months(first, -MONTHS[name])
        last = min(number_of(earlier) + span.days - 1, span.first - 1)
        return Span(number_of(earlier), last)
    back = 1 if name == "day" else 7
    return Span(span.first - back, span.last - back)


def year_before(span: Span) -> Span:
    """Return the same days of the year before; 29 February becomes the 28th."""
    return Span(*(number_of(_months(date_of(day), -12)) for day in span))


def _months(on: date, by: int) -> date:
    month = on.year * 12 + on.month - 1 + by
    for day in (on.day, 30, 29, 28):
        try:
            return date(month // 12, month % 12 + 1, day)
        except ValueError:
            continue
    raise AssertionError
