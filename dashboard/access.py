"""Who may do what. Default deny: what is not named here is refused."""

from typing import Literal, get_args

Role = Literal["wall", "operator", "supervisor", "leader", "ward_officer", "auditor", "privacy_officer", "admin"]
Permission = Literal[
    "public",  # the sign-in page and what it needs, health
    "page.draw",  # what every page is drawn from: its layout, the city's document; never the socket
    "signed_in",  # any person with a session: sign out, language, the shell
    "console.view",
    "wall.view",
    "leader.view",
    "camera.view",  # the page of the cameras, and what is seen through them
    "live.join",  # the socket
    "replay.view",  # what the socket told at any past second
    "api.read",  # GET /api/v1/*
    "alarm.read",  # what was done about an alarm, by whom
    "alarm.act",  # the door of acts; each act asks for its own beside
    "alarm.acknowledge",
    "alarm.claim",
    "alarm.take_over",
    "alarm.shelve",
    "alarm.suppress",  # take out of service
    "alarm.close",
    "alarm.verify",  # say that what a machine suspects is so, or is not
    "alarm.dispatch",
    "alarm.escalate",
    "alarm.note",
    "alarm.undo",
    "violation.view",
    "violation.review",
    "violation.hand",  # over to an authority, and what that decided
    "picture.view",  # pictures of events, masked
    "picture.reveal",  # one of them in the clear, with a reason
    "watch.view",  # watch lists, whom they look for masked
    "watch.propose",
    "watch.decide",  # approve, refuse, withdraw; never one's own proposal
    "watch.reveal",  # see whom one entry looks for, with a reason
    "plate.view",  # the page of plate searches
    "plate.search",  # one plate in the clear, up to a month back, with a reason
    "plate.search_far",  # up to three months back
    "plate.search_old",  # further back
    "plate.report",  # who searched how often
    "incident.view",
    "incident.act",  # open, add, merge, split, take, hand over, note, rename, close
    "incident.lead",  # rename what another owns
    "case.view",  # reports as the centre works on them, without who sent them
    "case.read",  # the doors they are read by; which of them are one's to see is decided there
    "case.own",  # those of which one's own unit has a part
    "case.act",  # the door of acts on reports; each act asks for its own beside
    "case.enter",  # take a report in by hand
    "case.verify",  # say whether it is the city's to handle, what it is, how urgent
    "case.assign",  # give it to units, take it back, pause, merge, split
    "case.grant",  # more time; never what one has asked for oneself
    "case.approve",  # a unit's result, or send it back
    "case.publish",  # tell the citizen, close, reopen
    "case.write",  # letters to and from the citizen
    "case.note",
    "case.work",  # a unit's own part: accept, decline, result
    "case.try",  # see what would happen to a report, and why: the city's rules, tried
    "case.export",  # take a list of them away as a file, without who sent them
    "case.identity",  # see who sent a report, with a reason
    "camera.adopt",  # see the cameras that speak and stand in no pack, take them in, move, rename, remove them
    "camera.maintain",  # say that somebody works on a camera
    "layer.view",  # the layers of the city; each may name roles of its own beside
    "layer.export",  # take a whole one away as a file
    "mark.view",  # what people drew on the map, as a feed and with who did what; the live picture of it is everybody's
    "mark.draw",
    "layer.manage",  # bring files in as layers, take versions back, remove layers
    "source.write",  # the intake; given to sources' keys, never to a role
    "report.view",  # how the alarm system does
    "metrics.read",
    "admin.view",
]
ROLES: tuple[str, ...] = get_args(Role)
PERMISSIONS: tuple[str, ...] = get_args(Permission)

_PERSON = frozenset({"public", "page.draw", "signed_in"})
_ACTS = frozenset(
    {"read", "act", "acknowledge", "claim", "take_over", "shelve", "close", "verify", "dispatch", "escalate", "note", "undo"}
)
_DUTY = frozenset(f"alarm.{name}" for name in _ACTS)  # what a shift does
_INCIDENT = frozenset({"incident.view", "incident.act"})
_CASE = frozenset(
    f"case.{name}"
    for name in ("view", "read", "act", "enter", "verify", "assign", "approve", "publish", "write", "note", "identity")
)
_UNIT = frozenset({"case.own", "case.read", "case.act", "case.work", "case.note"})
_WATCH = frozenset({"watch.view", "watch.propose", "watch.decide", "watch.reveal"})
_PLATES = frozenset({"plate.view", "plate.search"})
_PICTURES = frozenset({"picture.view", "picture.reveal"})
GRANTS: dict[str, frozenset[str]] = {
    "wall": frozenset({"public", "page.draw", "wall.view", "live.join", "replay.view"}),
    "operator": _PERSON
    | _DUTY
    | _INCIDENT
    | _CASE
    | {"console.view", "camera.view", "layer.view", "wall.view", "live.join", "api.read", "watch.view", "watch.reveal"}
    | _PICTURES
    | _PLATES
    | {"violation.view", "violation.review", "mark.view", "mark.draw", "replay.view"},
    "supervisor": _PERSON
    | _DUTY
    | _INCIDENT
    | _CASE
    | _WATCH
    | _PICTURES
    | _PLATES
    | {"violation.view", "violation.review", "violation.hand", "plate.search_far", "mark.view", "mark.draw", "replay.view"}
    | {
        "case.grant",
        "case.try",
        "case.export",
        "alarm.suppress",
        "incident.lead",
        "camera.adopt",
        "camera.maintain",
        "layer.view",
        "layer.export",
        "report.view",
        "console.view",
        "wall.view",
        "camera.view",
        "leader.view",
        "live.join",
        "api.read",
    },
    "leader": _PERSON
    | {
        "case.view",
        "case.read",
        "layer.view",
        "mark.view",
        "alarm.read",
        "incident.view",
        "report.view",
        "leader.view",
        "wall.view",
        "live.join",
        "api.read",
    },
    "ward_officer": _PERSON
    | _UNIT
    | {"layer.view", "mark.view", "alarm.read", "incident.view", "leader.view", "live.join", "api.read"},
    "auditor": _PERSON
    | {
        "case.view",
        "case.read",
        "layer.view",
        "mark.view",
        "alarm.read",
        "incident.view",
        "report.view",
        "api.read",
        "metrics.read",
    }
    | {"watch.view", "violation.view", "plate.view", "plate.report"},
    "privacy_officer": _PERSON | _PLATES | {"watch.view", "plate.search_far", "plate.search_old", "plate.report"},
    "admin": _PERSON
    | {
        "case.view",
        "case.read",
        "case.try",
        "case.export",
        "alarm.read",
        "incident.view",
        "report.view",
        "console.view",
        "camera.view",
        "wall.view",
        "leader.view",
        "live.join",
        "api.read",
        "metrics.read",
        "admin.view",
        "camera.adopt",
        "layer.view",
        "layer.export",
        "mark.view",
        "replay.view",
        "layer.manage",
    },
}
HOME: dict[str, str] = {
    "operator": "/console",
    "supervisor": "/console",
    "admin": "/console",
    "leader": "/leader",
    "ward_officer": "/my-unit",
    "auditor": "/account",
    "privacy_officer": "/plate-search",
}


def may(role: str | None, permission: str) -> bool:
    """Return whether `role` (None: nobody has signed in) holds `permission`."""
    if permission == "public":
        return True
    return role is not None and permission in GRANTS.get(role, frozenset())
