"""The layers as who keeps them sees them: versions, what was done with them, and the way back (dashboard.layers.desk.Shelf)."""

from collections.abc import Callable, Mapping, Sequence

from dashboard.layers.layer import Layer
from dashboard.layers.remote import Standing
from data.layers.kept import Kept
from data.layers.served import as_read
from data.store.layers import SqlLayers


class LayerShelf:
    """The shelf of one home."""

    def __init__(self, layers: SqlLayers, files: Kept, *, read: Callable[[str], Standing] = lambda _: Standing()) -> None:
        self._layers, self._files, self._read = layers, files, read

    def shown(self) -> Sequence[Layer]:
        """Return the layers that are shown. Raises Away."""
        return as_read(self._layers.shown(), self._read)

    def removed(self) -> Sequence[Layer]:
        """Return the newest version of each layer that was removed. Raises Away."""
        return self._layers.removed()

    def versions(self, key: str) -> Sequence[Layer]:
        """Return the kept versions of a layer, the newest first. Raises Away."""
        return self._layers.versions(key)

    def history(self, key: str) -> Sequence[Mapping[str, object]]:
        """Return what was done with a layer, the newest first. Raises Away."""
        return [act._asdict() for act in self._layers.acts(key)]

    def undo(self, key: str, *, who: str) -> Layer:
        """Show the version before, or a removed layer again. Raises Missing, Away."""
        shown, gone = self._layers.undo(key, who=who)
        if gone is not None:
            self._files.forget(gone.key, gone.version)
        return shown

    def remove(self, key: str, *, who: str) -> None:
        """Show a layer no longer. Raises Missing, Away."""
        self._layers.remove(key, who=who)
