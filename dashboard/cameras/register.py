"""What the doors ask of the register of adopted cameras; `data` keeps it."""

from collections.abc import Sequence
from typing import Protocol

from dashboard.board import Unknown
from dashboard.cameras.adopted import Adopted, Done, Named, Wish


class Register(Protocol):
    """The adopted cameras and what was done with them. Every method raises Away."""

    def adopt(self, source: str, called: str, wish: Wish, *, who: str) -> Adopted:
        """Take a camera in. Raises Unfit, and Taken where it is somebody's already."""
        ...

    def change(self, camera: str, wish: Wish, *, who: str) -> Adopted:
        """Give an adopted camera other names, another place or another owner. Raises Unfit, Missing."""
        ...

    def remove(self, camera: str, *, who: str) -> Adopted:
        """Let go of an adopted camera: what it says from now on is a stranger's. Raises Missing."""
        ...

    def name(self, source: str, called: str, camera: str, *, who: str) -> Named:
        """Say that a stranger is a camera of ours. Raises Missing, Unfit, and Taken where it is another's already."""
        ...

    def unname(self, source: str, called: str, *, who: str) -> Named:
        """Take such a name back. Raises Missing."""
        ...

    def names(self) -> Sequence[Named]:
        """Return the names that people added."""
        ...

    def adopted(self) -> Sequence[Adopted]:
        """Return all that ever were adopted, in order of adoption."""
        ...

    def strangers(self) -> Sequence[Unknown]:
        """Return the cameras that speak and were in no registry when they last did, the last one first."""
        ...

    def history(self, camera: str) -> Sequence[Done]:
        """Return what was done with an adopted camera, the oldest first."""
        ...
