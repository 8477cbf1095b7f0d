"""The doors of marks: what people draw on the map for everybody, and who did what to one (docs/marks.md)."""

from collections.abc import Callable, Mapping
from typing import Annotated

from flask import Blueprint, Response, g, request
from msgspec import DecodeError, Meta, Struct, ValidationError, json

from callbacks.replies import answer, no
from dashboard.access import may
from dashboard.errors import Missing, Unfit
from dashboard.marks.mark import Action, Illegal, Kind, Wish
from dashboard.marks.marks import Marks
from dashboard.marks.shape import Shape
from dashboard.marks.telling import line, told

MOST_SENT = 2000  # corners; how many may be kept, the core says
Instant = Annotated[int, Meta(ge=0, le=253_402_300_799_000)]
Number = Annotated[int, Meta(ge=0, le=1 << 53)]
Text = Annotated[str, Meta(max_length=2000)]


class Body(Struct, frozen=True, forbid_unknown_fields=True):
    """What is posted. `key` is the browser's own id of the act: posted twice, it is done once."""

    action: Action
    key: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{8,64}$")]
    mark: Number = 0
    version: Number | None = None
    shape: Shape | None = None
    points: Annotated[list[tuple[float, float]], Meta(max_length=MOST_SENT)] | None = None
    kind: Kind | None = None
    name: Text | None = None
    note: Text | None = None
    begins: Instant | None = None
    until: Instant | None = None
    incident: Number | None = None

    def wish(self) -> Wish:
        """Return it as the core asks for it. Raises Unfit where an act names no mark, or a drawing names one."""
        if (self.action == "draw") != (self.mark == 0):
            raise Unfit("mark", "missing" if self.mark == 0 else "given")
        points = None if self.points is None else tuple(self.points)
        return Wish(
            action=self.action,
            mark=self.mark,
            version=self.version,
            shape=self.shape,
            points=points,
            kind=self.kind,
            name=self.name,
            note=self.note,
            begins=self.begins,
            until=self.until,
            incident=self.incident,
        )


def door(marks: Marks) -> Blueprint:
    """Return the doors. Only people with a session draw here, never a token: what all screens show has a name behind it."""
    blueprint = Blueprint("marks", __name__)

    @blueprint.post("/marks/act")
    def act() -> Response:
        if g.who.kind != "session" or not may(g.who.role, "mark.draw"):
            return no(403, "forbidden")
        return _or_no(lambda: _acted(marks))

    @blueprint.get("/marks/<int:mark>")
    def history(mark: int) -> Response:
        return _or_no(lambda: {"lines": [line(one) for one in marks.history(mark)]})

    return blueprint


def _acted(marks: Marks) -> Mapping[str, object]:
    body = json.decode(request.get_data(), type=Body)
    done = marks.act(body.wish(), who=g.who.name, key=body.key)
    return {"seq": done.seq, "at": done.at, "mark": told(done.mark)}


def _or_no(do: Callable[[], Mapping[str, object]]) -> Response:
    """Answer what was asked for, or what stands in its way."""
    try:
        return answer(do())
    except Illegal as illegal:
        last = illegal.last
        told_last = {"who": last.who, "at": last.at, "action": last.action} if last else None
        return answer({"error": {"code": illegal.code}, "last": told_last, "mark": told(last.mark) if last else None}, 409)
    except Unfit as unfit:
        return no(400, "unfit", field=unfit.field, why=unfit.why)
    except Missing:
        return no(404, "not_found")
    except (ValidationError, DecodeError, UnicodeDecodeError, RecursionError):
        return no(400, "bad_request")
