"""What a city's pack says of handling reports: times, routes, answers, and when two reports may be of one matter."""

from msgspec import Struct, field

from dashboard.term import Term

Words = dict[str, str]  # language code to text


class Allowance(Struct, frozen=True, kw_only=True):
    """How long reports are given, where the service's own deadline does not say it. Of several that fit, the first counts.

    `of` is the whole report ("report"), the centre's verifying ("check") or a unit's part ("part"). Empty means any.
    """

    of: str
    term: Term
    services: tuple[str, ...] = ()
    priority: str = ""
    units: tuple[str, ...] = ()


class Route(Struct, frozen=True, kw_only=True):
    """To whom a report goes. Of several that fit, the first counts; `units` may hold `WARD` (the committee of the report's ward).

    `services` are codes or fields, `wards` codes, `words` stand in the text without diacritics. Empty means any.
    """

    key: str
    units: tuple[str, ...]
    services: tuple[str, ...] = ()
    wards: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    priority: str = ""
    makes: str = ""  # the priority that it gives
    tasks: tuple[str, ...] = ()


class Template(Struct, frozen=True, kw_only=True):
    """An answer to a citizen, ready to be filled: `{report}`, `{service}`, `{unit}`, `{due}`, `{reason}`, `{result}`."""

    key: str
    act: str
    name: Words
    text: Words


class Alike(Struct, frozen=True, kw_only=True):
    """When two reports may be of one matter (screens.md §1D), and when one has come again (F12)."""

    radius_m: int = 50
    days: int = 7
    likeness: float = 0.35
    again_days: int = 90


HOLES = ("report", "service", "due", "city")
SUBJECT = {"vi": "Phản ánh {report}: {service}", "en": "Your report {report}: {service}"}
FOOTER = {
    "vi": "Mã phản ánh: {report}\nHạn xử lý: {due}\n{city}. Thư được gửi tự động.",
    "en": "Report: {report}\nDue by: {due}\n{city}. This letter was sent automatically.",
}


class Letters(Struct, frozen=True, kw_only=True):
    """How citizens are written to beside the path of their report. Nothing is, unless the pack says so.

    `subject` and `footer` are filled with `{report}`, `{service}`, `{due}`, `{city}`. `reply` is where answers go, "" for nowhere.
    """

    mail: bool = False
    reply: str = ""
    subject: Words = field(default_factory=lambda: dict(SUBJECT))
    footer: Words = field(default_factory=lambda: dict(FOOTER))


class Policy(Struct, frozen=True, kw_only=True):
    """All of it; `reports.toml` of the pack."""

    centre: str = ""
    allowances: tuple[Allowance, ...] = ()
    routes: tuple[Route, ...] = ()
    templates: tuple[Template, ...] = ()
    alike: Alike = Alike()
    check: Term = Term(4, "working_hour")
    letters: Letters = Letters()
