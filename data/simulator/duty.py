"""What the people of a simulated city do next about a report: a fate that is drawn once, and what is due by it. Pure."""

from collections.abc import Mapping
from itertools import accumulate
from random import Random
from typing import Any, NamedTuple

from dashboard.calendar import DAY_MS, HOUR_MS
from dashboard.city import City, Service
from dashboard.reports.case import ACTING, Action, Asked, Case, Part
from dashboard.term import Term

CENTRE, LEAD, KEEPER = "Tổng đài (mô phỏng)", "Trưởng ca (mô phỏng)", "Quản trị (mô phỏng)"
REFUSED, TAKEN, DECLINED, EXTENDED = 0.08, 0.4, 0.04, 0.06
BEFORE_MS: dict[str, int] = {"in_progress": 12 * HOUR_MS, "resulted": 7 * HOUR_MS, "approved": 4 * HOUR_MS}
"""How long before the city says that a matter is over the unit has its result, the centre reads it, and the citizen is answered."""
HOURS = {"received": 1.0, "verifying": 0.5, "verified": 0.3, "classified": 0.5, "forwarded": 5.0}  # about so long in each
AFTER_MS = {"published": DAY_MS}  # nobody has rated it
NEXT: dict[str, Action] = {
    "verified": "classify",
    "classified": "forward",
    "resulted": "approve",
    "published": "close",
    "rated": "close",
}
MORE = Term(3, "working_day")


class Fate(NamedTuple):
    """How it goes with one report. `until` tells how long (ms) after it came it stays in a state, `desk_ms` how long anything else lies."""

    refused: bool
    taken: bool
    declined: bool
    extended: bool
    until: Mapping[str, float]
    desk_ms: float


class Duty(NamedTuple):
    """What is due: `unit` is who does it, "": the centre, and of that the shift's lead where it takes one (`lead`)."""

    asked: Asked
    unit: str = ""
    lead: bool = False


def fate(seed: int, report: str) -> Fate:
    """Return how it goes with a report: always the same from the same seed."""
    chance = Random(f"{seed}/{report}")  # noqa: S311  a simulation, nothing secret
    refused, taken, declined, extended = (chance.random() < share for share in (REFUSED, TAKEN, DECLINED, EXTENDED))

    def about(hours: float) -> float:
        return chance.lognormvariate(0.0, 0.8) * hours * HOUR_MS

    waits = accumulate(about(hours) for hours in HOURS.values())
    return Fate(refused, taken, declined, extended, dict(zip(HOURS, waits, strict=True)), about(0.4))


def due(case: Case, city: City, drawn: Fate, *, over_ms: int, now_ms: int, pace: float = 1.0) -> Duty | None:
    """Return what somebody does about a report by now; None: nothing is due, or nobody of the city has to do with it.

    `over_ms` is when the city says that the matter is over; with `pace` everything takes so much less time.
    """
    came = (now_ms - case.submitted) * pace  # so that what has lain long is caught up with at once
    waited, left = (now_ms - case.changed) * pace, over_ms - now_ms
    if case.request or any(one.request for one in case.parts):
        return _grant(case) if waited >= drawn.desk_ms else None
    if case.state in {"forwarded", "in_progress"}:
        done = left * pace < BEFORE_MS["in_progress"]
        found = (_of_unit(case, one, drawn, done=done, came=came, waited=waited) for one in case.parts)
        return next(filter(None, found), None)
    if case.state in drawn.until:
        ready = came >= drawn.until[case.state]
    elif case.state in BEFORE_MS:
        ready = left * pace < BEFORE_MS[case.state]
    else:
        ready = waited >= AFTER_MS.get(case.state, drawn.desk_ms)
    return _of_centre(case, city, drawn) if ready else None


def _of_centre(case: Case, city: City, drawn: Fate) -> Duty | None:
    def does(action: Action, **more: Any) -> Duty:
        return Duty(Asked(action, case.report, case.version, **more))

    if case.state in {"received", "verifying"}:
        if drawn.taken and case.state == "received":
            return does("take")
        if drawn.refused:
            text = answer(city, case, "refuse", reason="hư hỏng trong phần tài sản riêng của hộ dân")
            return does("refuse", why="Không thuộc thẩm quyền", text=text)
        return does("verify")
    if case.state == "approved":
        result = next((one.result.text for one in case.parts if one.result), "")
        return does("publish", text=answer(city, case, "publish", result=result))
    action = NEXT.get(case.state)
    return does(action, by_rules=action == "forward") if action else None


def _of_unit(case: Case, part: Part, drawn: Fate, *, done: bool, came: float, waited: float) -> Duty | None:
    """Return what a unit does with its part: take it on or, once, say that it is not theirs; ask for time; say what was done."""

    def does(action: Action, **more: Any) -> Duty:
        return Duty(Asked(action, case.report, case.version, nth=part.nth, **more), part.unit)

    if part.state not in ACTING:
        return None
    if part.state == "given":
        if came < drawn.until["forwarded"]:
            return None
        again = len(case.parts) > 1
        return does("decline", why="Không thuộc địa bàn quản lý") if drawn.declined and not again else does("accept")
    if done:
        return does("result", text="Đã kiểm tra hiện trường và xử lý xong.")
    if drawn.extended and waited >= drawn.desk_ms and not part.deadline.extensions:
        return does("ask_extension", why="Chờ vật tư", term=MORE)
    return None


def _grant(case: Case) -> Duty:
    nth = next((one.nth for one in case.parts if one.request), 0)
    return Duty(Asked("grant", case.report, case.version, nth=nth), lead=True)


def answer(city: City, case: Case, act: str, **told: str) -> str:
    """Return the pack's answer for an act, filled; without one, its facts alone."""
    service = next((one.name["vi"] for one in city.services if one.code == case.service), case.service)
    unit = next((one.name["vi"] for one in city.units if one.code == case.lead), case.lead)
    facts = {
        "report": case.report.partition("/")[2],
        "service": service,
        "unit": unit,
        "due": "",
        "reason": "",
        "result": "",
    } | told
    text = next((one.text["vi"] for one in city.reports.templates if one.act == act), "{report}: {reason}{result}")
    for name, value in facts.items():
        text = text.replace("{" + name + "}", value)
    return text


ENDINGS = (
    "Đề nghị kiểm tra, xử lý.",
    "Đã kéo dài nhiều ngày, chưa thấy ai xử lý.",
    "Bà con trong kiệt đã phản ánh nhiều lần.",
    "Mong cơ quan chức năng sớm giải quyết.",
    "Kính mong trung tâm xem xét và phản hồi.",
)


def written(chance: Random, service: Service) -> str:
    """Return what a citizen writes about such a matter."""
    return f"{service.name['vi']}. {chance.choice(ENDINGS)}"
