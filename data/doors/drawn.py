"""Marks as one more layer of the API: in force now, at an instant, or at some time between two (docs/marks.md)."""

from collections.abc import Callable, Iterable
from typing import Any, Protocol

from dashboard.city import City
from dashboard.layers.layer import Layer, told
from dashboard.layers.reading import Box, Feature, Page
from dashboard.marks.layer import Drawn, layer
from dashboard.marks.marks import Marks
from dashboard.ports import Clock

When = tuple[int | None, int | None]


class Features(Protocol):
    """Where the features of a layer are found (dashboard.layers.reading.Layers, dashboard.marks.layer.Drawn)."""

    def page(self, layer: Layer, *, box: Box | None = None, after: int = 0, skip: int = 0, most: int) -> Page:
        """Return features after a number and so many skipped, those whose bounds touch a box."""
        ...

    def feature(self, layer: Layer, number: int) -> Feature:
        """Return one feature. Raises Missing."""
        ...

    def all(self, layer: Layer) -> Iterable[Feature]:
        """Return every feature."""
        ...


class MarksLayer:
    """The marks of one city as a layer."""

    def __init__(self, marks: Marks, clock: Clock, city_now: Callable[[], City]) -> None:
        self._marks, self._clock, self._city_now = marks, clock, city_now

    def given(self, when: When | None) -> tuple[Layer, Features]:
        """Return the layer and its features: in force now, at an instant as they stood then, or between two. Raises Away, TooLong."""
        if when is None:
            marks = self._marks.at(self._clock.now_ms())
        elif when[0] is not None and when[0] == when[1]:
            marks = self._marks.at(when[0])
        else:
            marks = self._marks.between(*when)
        return layer(marks, self._city_now().bounds), Drawn(marks)

    def told(self) -> dict[str, Any]:
        """Return what the API tells of the layer now. Raises Away."""
        now_ms = self._clock.now_ms()
        shown, _ = self.given(None)
        return {**told(shown, now_ms), "shape": "mixed", "imported": now_ms}
