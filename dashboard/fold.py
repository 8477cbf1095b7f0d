"""The one fold: a board and what was recorded make the next board."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from dashboard import indicators
from dashboard.alarms import outages
from dashboard.alarms.alarm import Acted
from dashboard.alarms.flood import Flood, changed
from dashboard.alarms.ledger import Ledger, put
from dashboard.board import (
    DAYS,
    HOURS,
    LATEST,
    MINUTES,
    RECORDS,
    UNKNOWN,
    Board,
    FeedState,
    OpenReport,
    Unknown,
    newest,
    recent,
)
from dashboard.calendar import MINUTE_MS, hour_of
from dashboard.events import HOUSE, CameraChanged, FeedSpoke, Heard, Recorded, ReportChanged, Sighted
from dashboard.kinds import Kinds
from dashboard.rollups import counts_of, is_row, report_cells
from dashboard.spot import Spot
from dashboard.standing import stand, tended

UNTOLD = Spot()


class Step(NamedTuple):
    """The next board, what the house itself did about alarms on the way to it, and the flood that began or ended."""

    board: Board
    acts: Sequence[Acted]
    flood: Flood | None = None


def advance(board: Board, recorded: Sequence[Recorded], kinds: Kinds, *, dead: int = 0) -> Step:
    """Return the board after what time has made due, what was recorded and `dead` new dead letters, and the acts that this took."""
    ledger = Ledger(board.alarms, pending=board.pending, toggles=board.toggles, acted=board.acted, now_ms=board.now)
    ledger.pass_time()
    ledger.confirm(kinds)
    before, stood = board.cameras, stand(board, recorded)
    for one in recorded:
        if is_row(one) and not one.heard.quarantined and not tended(one.heard, stood.cameras):
            ledger.hear(one, kinds)
    for back in stood.back:
        ledger.hear(back, kinds)
    board = _counted(board, recorded, kinds, dead)
    if stood.cameras is not before:
        board = replace(board, cameras=stood.cameras)
        outages.follow(ledger, stood.cameras, _moved(before, stood.cameras, recorded), kinds)
    ledger.fold()
    if ledger.pending is not board.pending:
        board = replace(board, pending=ledger.pending)
    if ledger.alarms is not board.alarms:
        began = recent([*board.raised, *ledger.opened], board.now) if ledger.opened else board.raised
        board = replace(board, alarms=ledger.alarms, toggles=ledger.toggles, acted=ledger.acted, raised=began)
    flood = changed(board.flood, board.raised, board.duty, board.now)
    if flood is not None:
        board = replace(board, flood=0 if flood.ended else flood.began)
    return Step(board, ledger.acts, flood)


def _moved(before: Mapping[str, Spot], after: Mapping[str, Spot], recorded: Sequence[Recorded]) -> list[str]:
    """Return the cameras that stand differently, in the order in which they were told of."""
    told = dict.fromkeys(one.heard.camera for one in recorded if one.heard.camera)
    return [camera for camera in told if after[camera].state != before.get(camera, UNTOLD).state]


def follow(board: Board, recorded: Sequence[Recorded], kinds: Kinds, *, dead: int = 0) -> Board:
    """Return the board that `advance` leads to."""
    return advance(board, recorded, kinds, dead=dead).board


def catch_up(board: Board, acts: Sequence[Acted]) -> Board:
    """Return the board after acts of people, in their order. Each carries the whole alarm as it stands after."""
    if not acts:
        return board
    alarms = dict(board.alarms)
    for one in acts:
        put(alarms, one.alarm)
    return replace(board, alarms=alarms, acted=acts[-1].seq)


def _counted(board: Board, recorded: Sequence[Recorded], kinds: Kinds, dead: int) -> Board:
    """Return the board with everything but its alarms. Each map is copied once a batch, not once an event."""
    if not recorded:
        return replace(board, dead_letters=board.dead_letters + dead) if dead else board
    rows = [one for one in recorded if is_row(one)]
    fresh = [one for one in rows if one.before is None or not isinstance(one.heard.event, Sighted)]
    shown = [one for one in rows if not one.heard.quarantined]
    listed = [Recorded(one.seq, one.heard, one.kind) for one in shown]
    counts = counts_of(rows, board.zone, kinds.class_of)
    return replace(
        board,
        seq=max([board.seq, *(one.seq for one in fresh)]),
        stored=board.stored + len(fresh),
        quarantined=board.quarantined + sum(_suspect(one) for one in fresh),
        dead_letters=board.dead_letters + dead,
        hours=_added(board.hours, counts.hour_kind, hour_of(board.now, board.zone) - HOURS),
        minutes=_added(board.minutes, counts.minute_class, board.now // MINUTE_MS - MINUTES),
        report_days=_added(board.report_days, _report_counts(rows, board.zone), board.day - DAYS),
        feeds=_feeds(board.feeds, recorded),
        unknown=_unknown(board.unknown, fresh),
        reports=_reports(board.reports, rows),
        indicators=indicators.follow(board.indicators, recorded),
        latest=newest([one for one in listed if one.kind not in kinds.records], board.latest, LATEST),
        records=newest([one for one in listed if one.kind in kinds.records], board.records, RECORDS),
    )


def _suspect(one: Recorded) -> bool:
    """Whether a clock is to be looked at. A report that is told long after it was sent is old, and its clock is right."""
    return one.heard.quarantined and not isinstance(one.heard.event, ReportChanged)


def _added(
    windows: Mapping[int, Mapping[str, int]], cells: Counter[tuple[int, str]], oldest: int
) -> Mapping[int, Mapping[str, int]]:
    """Return the windows with `cells` added; only windows that change are copied, and empty ones are let go."""
    moved = {cell: n for cell, n in cells.items() if n and cell[0] > oldest}
    if not moved:
        return windows
    grown = dict(windows)
    for key in {key for key, _ in moved}:
        grown[key] = dict(windows.get(key, {}))
    for (key, word), n in moved.items():
        window = dict(grown[key])
        window[word] = window.get(word, 0) + n
        if not window[word]:
            del window[word]
        grown[key] = window
    return {key: window for key, window in grown.items() if window}


def _report_counts(rows: Iterable[Recorded], zone: str) -> Counter[tuple[int, str]]:
    counts: Counter[tuple[int, str]] = Counter()
    for one in rows:
        counts.subtract(report_cells(one.before, one.before_due, zone))
        counts.update(report_cells(one.heard, one.due, zone))
    return counts


def _feeds(feeds: Mapping[str, FeedState], recorded: Sequence[Recorded]) -> Mapping[str, FeedState]:
    grown = dict(feeds)
    for one in recorded:
        event, source = one.heard.event, one.heard.source
        if source == HOUSE:
            continue
        held = grown.get(source, FeedState())
        online = event.online if isinstance(event, FeedSpoke) else True
        grown[source] = FeedState(max(held.at, one.heard.received), online)
    return grown


def _unknown(unknown: Mapping[str, Unknown], fresh: Sequence[Recorded]) -> Mapping[str, Unknown]:
    """Return who speaks and is in no registry. Whoever has been taken into one since is told by the next event of theirs."""
    told = [one.heard for one in fresh if isinstance(one.heard.event, Sighted | CameraChanged)]
    strangers = [heard for heard in told if not heard.camera and heard.source != HOUSE]
    found = {f"{heard.source}/{heard.event.camera}" for heard in told if heard.camera} & unknown.keys()  # type: ignore[union-attr]  # chosen above
    if not strangers and not found:
        return unknown
    grown = {key: one for key, one in unknown.items() if key not in found}
    for heard in strangers:
        name = heard.event.camera  # type: ignore[union-attr]  # chosen above
        key = f"{heard.source}/{name}"
        held = grown.get(key, Unknown(heard.source, name, 0, 0))
        state = heard.event.state if isinstance(heard.event, CameraChanged) else held.state
        grown[key] = Unknown(heard.source, name, held.count + 1, max(held.last, heard.received), state)
    return dict(sorted(grown.items(), key=lambda item: (-item[1].last, item[0]))[:UNKNOWN])


def _reports(reports: Mapping[str, OpenReport], rows: Sequence[Recorded]) -> Mapping[str, OpenReport]:
    told = [one for one in rows if isinstance(one.heard.event, ReportChanged)]
    if not told:
        return reports
    grown = dict(reports)
    for one in told:
        report, key = one.heard.event, f"{one.heard.source}/{one.heard.event.report}"  # type: ignore[union-attr]  # chosen above
        if isinstance(report, ReportChanged) and report.open:
            grown[key] = open_report(one.heard, report, one.due)
        else:
            grown.pop(key, None)
    return grown


def open_report(heard: Heard, report: ReportChanged, due: int) -> OpenReport:
    """Return what the board keeps of an open report: no text, no sender."""
    return OpenReport(
        report=report.report,
        service=report.service,
        ward=heard.ward,
        unit=report.unit or "",
        submitted=report.submitted,
        due=due,
        lon=report.lon,
        lat=report.lat,
        urgent=report.urgent,
    )
