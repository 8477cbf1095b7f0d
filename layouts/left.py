"""How deadlines are written: what is left of them, and with the end of which day they run out (UX-94)."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from dashboard.calendar import date_of
from dashboard.reports.clock import ends_with, left
from layouts.words import Vocabulary


def left_text(words: Vocabulary, due: int, now_ms: int) -> str:
    """Return `còn 1 ngày 4 giờ`, or `quá hạn 3 giờ`: the two largest that are not nothing."""
    told = left(due, now_ms)
    parts = [("days", told.days), ("hours", told.hours)] if told.days else [("hours", told.hours), ("minutes", told.minutes)]
    said = [words.say(f"age.{name}", n=n) for name, n in parts if n] or [words.say("age.minutes", n=0)]
    return words.say("due.over" if told.over else "due.left", t=" ".join(said))


def due_text(words: Vocabulary, due: int, zone: str) -> str:
    """Return `00:00 08/11/2022 (hết 07/11)`, as the public portal prints it and as it is meant; else the instant alone."""
    at = datetime.fromtimestamp(due / 1000, UTC).astimezone(ZoneInfo(zone)).strftime("%H:%M %d/%m/%Y")
    day = ends_with(due, zone)
    return at if day is None else f"{at} ({words.say('due.ends', day=date_of(day).strftime('%d/%m'))})"
