"""How Open311 says no: an HTTP status, and one or several reasons."""

from collections.abc import Mapping, Sequence

BAD, FORBIDDEN, NOT_FOUND, NO_SUCH_VERB, TOO_LARGE, NO_FORM, TOO_MANY, AWAY = 400, 403, 404, 405, 413, 415, 429, 503


class Refusal(Exception):  # noqa: N818  an answer, not a mistake
    """What is answered instead: `reasons` are sentences for people, each beginning with the parameter that it speaks of, if any."""

    def __init__(self, status: int, *reasons: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__("; ".join(reasons))
        self.status, self.reasons, self.headers = status, tuple(reasons), dict(headers or {})


class Faults:
    """Gathers what is wrong with a request, so that all of it is said at once."""

    def __init__(self) -> None:
        self._found: list[str] = []

    def note(self, name: str, why: str) -> None:
        """Note that a parameter cannot be taken."""
        self._found.append(f"{name}: {why}")

    @property
    def found(self) -> Sequence[str]:
        """What was noted."""
        return tuple(self._found)

    def check(self) -> None:
        """Raise Refusal where anything was noted."""
        if self._found:
            raise Refusal(BAD, *self._found)
