"""Commands and their keys in Textual's words: bindings, and what rebinds them.

The one place that knows what Textual calls a key and an action. It decides nothing about either.
"""

from collections.abc import Iterator

from textual.binding import Binding

from kiro_tui.keys import COMMANDS, Keys

BUILT_IN = {"palette": "command_palette"}
"""Commands that are actions of Textual's own."""


def bindings() -> Iterator[Binding]:
    """Yield a binding for each command, with its usual keys."""
    for command in COMMANDS:
        action = action_of(command.name)
        above_all = command.name in BUILT_IN  # else it would not be heard while a sheet lies over the page
        yield Binding(_joined(command.keys), action, command.does, show=False, id=command.name, priority=above_all)


def keymap(keys: Keys) -> dict[str, str]:
    """Return what Textual needs to know of the keys that are others than usual."""
    return {name: _joined(chosen) for name, chosen in keys.chosen.items()}


def action_of(name: str) -> str:
    """Return the action that does what a command says."""
    return BUILT_IN.get(name, name)


def closed_by(name: str) -> Binding:
    """Return the binding that closes a sheet with the key that opened it."""
    return Binding(next(_joined(command.keys) for command in COMMANDS if command.name == name), "close", id=name)


def _joined(keys: tuple[str, ...]) -> str:
    return ",".join("comma" if key == "," else key for key in keys)
