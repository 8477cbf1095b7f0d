"""The ways in which the world disappoints the house."""

from collections.abc import Sequence
from dataclasses import dataclass


class Away(Exception):  # noqa: N818  a state of the road, not a mistake
    """What is asked for does not answer now; ask again later."""


class TooLong(Away):
    """A question that took longer than it may; the record has stopped answering it. Ask for less."""


class Superseded(Exception):  # noqa: N818  a state of the lease, not a mistake
    """Another board has written since: this one must not write any more."""


class Missing(Exception):  # noqa: N818  an answer, not a mistake
    """There is no such thing."""


class Unfit(Exception):  # noqa: N818  an answer, not a mistake
    """What was given cannot be taken: `field` names the part, the text says why, in one word."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(f"{field}: {why}")
        self.field, self.why = field, why


class Rejected(Exception):  # noqa: N818  a verdict on a payload
    """A payload that no source can read; the reason is the message, fit to be shown to an administrator."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake in a city pack: where it stands, and what to do about it."""

    file: str
    line: int
    field: str
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.field}: {self.text}"


class BrokenPack(Exception):  # noqa: N818  a verdict on a city pack
    """A city pack that cannot be used, with every mistake found in it."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        super().__init__("\n".join(str(mistake) for mistake in mistakes))
        self.mistakes = tuple(mistakes)
