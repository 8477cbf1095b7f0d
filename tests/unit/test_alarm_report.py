"""The report of alarms, against figures reckoned by hand."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from dashboard.alarms.report import Act, Span, Told, figures, span_of

ZONE = "Asia/Ho_Chi_Minh"
START = 1_795_392_000_000
MINUTE = 60_000
SHIFTS = (420, 900, 1380)


def act(
    minute: float, action: str, alarm: str, *, who: str = "", priority: int = 3, source: str = "H-001", chatters: bool = False
) -> Act:
    return Act(START + int(minute * MINUTE), action, who, alarm, priority, source, chatters)


def test_a_shift_of_hand_counted_alarms() -> None:
    acts = [
        act(0, "raise", "1", priority=1, source="H-001"),
        act(1, "acknowledge", "1", who="An", priority=1),  # after 60 s
        act(2, "raise", "2", source="H-002"),
        act(3, "return", "2"),
        act(4, "raise", "2", source="H-002"),  # the same one again
        act(7, "claim", "2", who="An"),  # after 180 s
        act(8, "acknowledge", "2", who="An"),  # an answer already
        act(9, "realarm", "1", priority=1),
        act(9.5, "acknowledge", "1", who="Bình", priority=1),  # after 30 s
        *(act(60 + n / 10, "raise", f"f{n}", source="H-009", chatters=n < 2) for n in range(12)),
        act(65, "shelve", "f1", who="An"),
        act(66, "raise", "late", priority=2, source="gate"),
        act(479, "acknowledge", "nobody-raised-it", who="An"),
    ]
    told = figures(Span(START, START + 480 * MINUTE), Told(acts, 3, [Span(START + 61 * MINUTE, START + 71 * MINUTE)]))
    assert told["raised"] == 16
    assert told["per_window"] == 0.33  # 16 in 48 windows
    assert told["windows_over"] == 2.1  # one of 48: thirteen between minutes 60 and 70
    assert told["top"] == [
        {"source": "H-009", "n": 12, "share": 75.0},
        {"source": "H-002", "n": 2, "share": 12.5},
        {"source": "H-001", "n": 1, "share": 6.2},
        {"source": "gate", "n": 1, "share": 6.2},
    ]
    assert told["top_share"] == 100.0
    assert told["chattering"] == 2
    assert told["standing"] == 3
    assert told["mix"] == {"1": 6.7, "2": 6.7, "3": 86.7, "4": 0.0}  # of fifteen alarms
    assert told["p1_high"] is True
    assert told["shelved"] == 1
    assert (told["ack_median_s"], told["answered"]) == (60.0, 3)
    assert (told["floods"], told["flooded_s"]) == (1, 600)


def test_a_quiet_stretch_has_no_shares_and_nobody_who_answered() -> None:
    told = figures(Span(START, START + 480 * MINUTE), Told([], 0, []))
    assert (told["raised"], told["ack_median_s"], told["p1_high"], told["top"]) == (0, None, False, [])


def test_what_was_over_before_anybody_answered_is_no_answer() -> None:
    acts = [act(0, "raise", "1"), act(1, "return", "1"), act(2, "acknowledge", "1", who="An")]
    assert figures(Span(START, START + 60 * MINUTE), Told(acts, 0, []))["ack_median_s"] is None


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE)).timestamp() * 1000)


@pytest.mark.parametrize(
    ("period", "back", "start", "end", "before"),
    [
        ("shift", 0, "2026-11-25T15:00", "2026-11-25T16:30", "2026-11-25T07:00"),
        ("shift", 1, "2026-11-25T07:00", "2026-11-25T15:00", "2026-11-24T23:00"),
        ("shift", 5, "2026-11-23T23:00", "2026-11-24T07:00", "2026-11-23T15:00"),
        ("day", 0, "2026-11-25T00:00", "2026-11-25T16:30", "2026-11-24T00:00"),
        ("day", 30, "2026-10-26T00:00", "2026-10-27T00:00", "2026-10-25T00:00"),
        ("month", 0, "2026-11-01T00:00", "2026-11-25T16:30", "2026-10-01T00:00"),
        ("month", 11, "2025-12-01T00:00", "2026-01-01T00:00", "2025-11-01T00:00"),
    ],
)
def test_stretches_are_cut_by_the_citys_clock(period: str, back: int, start: str, end: str, before: str) -> None:
    now, then = span_of(period, at("2026-11-25T16:30"), ZONE, SHIFTS, back)
    assert now == Span(at(start), at(end))
    assert then == Span(at(before), min(at(before) + now.end - now.start, now.start))


def test_before_the_first_shift_of_a_day_it_is_the_last_of_the_day_before() -> None:
    now, _ = span_of("shift", at("2026-11-25T02:00"), ZONE, SHIFTS)
    assert now.start == at("2026-11-24T23:00")
