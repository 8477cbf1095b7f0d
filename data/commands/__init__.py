"""Commands, one module each; `COMMAND` in it. One is read only when somebody asks for it: the roles start without them."""

from importlib import import_module
from pkgutil import iter_modules

import click

SAID = {"import_reports": "import"}  # a module cannot be called by every word


class Commands(click.Group):
    """A group whose commands are this folder's modules, besides those that are given to it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all, those of the folder included."""
        return sorted({*super().list_commands(ctx), *_modules()})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, read now where it is one of the folder's."""
        module = _modules().get(cmd_name)
        if module is None:
            return super().get_command(ctx, cmd_name)
        found: click.Command = import_module(f"{__name__}.{module}").COMMAND
        return found


def _modules() -> dict[str, str]:
    """Return the module of each command."""
    return {SAID.get(one.name, one.name.replace("_", "-")): one.name for one in iter_modules(__path__)}
