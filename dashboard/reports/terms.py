"""How long each clock of a report is given, by the city's rules (reports.toml, services.csv)."""

from dashboard.city import City
from dashboard.term import Term

LONGEST = Term(30, "day")  # of a service that no pack knows


def term_of(city: City, of: str, *, service: str, priority: str = "normal", unit: str = "") -> Term:
    """Return the time of a whole report ("report"), of the centre's verifying ("check") or of a unit's part ("part")."""
    known = next((one for one in city.services if one.code == service), None)
    for one in city.reports.allowances:
        fits = (not one.services or service in one.services or (known and known.field in one.services)) and one.of == of
        if fits and one.priority in {"", priority} and (not one.units or unit in one.units):
            return one.term
    if of == "check":
        return city.reports.check
    return Term(known.deadline_value, known.deadline_unit) if known else LONGEST
