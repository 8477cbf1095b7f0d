"""A file in the right folder is a plugin: no list to edit, no name to register."""

from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from types import ModuleType

T = TypeVar("T")


def collect(package: "ModuleType", name: str, kind: type[T]) -> tuple[T, ...]:
    """Return the constant `name` of every module in `package`, in order of file name.

    Raises TypeError when a module's constant is missing or of another kind.
    """
    modules = [import_module(f"{package.__name__}.{m.name}") for m in iter_modules(package.__path__)]
    found = tuple(getattr(module, name, None) for module in modules)
    if strangers := [m.__name__ for m, thing in zip(modules, found, strict=True) if not isinstance(thing, kind)]:
        raise TypeError(f"{name} must be a {kind.__name__} in {', '.join(strangers)}")
    return tuple(thing for thing in found if isinstance(thing, kind))
