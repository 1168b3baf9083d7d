"""Reads a command line as kiro-cli's own parser does, and refuses in its words.

Pure. The wording matters: programs tell an old version from a broken one by it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kiro_tui.simulator import replies

Accepts = dict[str, tuple[str, ...] | None]
"""What a command knows: each flag, and what its value may be."""
SWITCH: tuple[str, ...] | None = None
"""A flag without a value."""
ANY: tuple[str, ...] = ()
"""A flag whose value may be anything."""
ALIASES = {"-h": "--help", "-V": "--version", "--classic": "--legacy-ui", "-a": "--trust-all-tools", "-f": "--format"}


class Refused(Exception):
    """The command line is not understood by this version."""

    def __init__(self, reply: replies.Reply) -> None:
        super().__init__(reply.err)
        self.reply = reply


@dataclass(frozen=True, slots=True)
class Arguments:
    """A command line that was understood."""

    flags: Mapping[str, str]
    """Each flag that was given, with its value; "" for a switch."""
    words: tuple[str, ...]


def parse(argv: Sequence[str], accepts: Accepts, usage: str) -> Arguments:
    """Read the command line; Refused where a flag or its value is unknown."""
    flags: dict[str, str] = {}
    words: list[str] = []
    rest = list(argv)
    while rest:
        text = rest.pop(0)
        if text == "--":
            words += rest
            break
        if not text.startswith("-"):
            words.append(text)
            continue
        given, has_value, value = text.partition("=")
        name = ALIASES.get(given, given)
        if name not in accepts:
            raise Refused(replies.unknown_flag(given, usage))
        possible = accepts[name]
        if possible is not SWITCH and not has_value:
            if not rest:
                raise Refused(replies.missing_value(name))
            value = rest.pop(0)
        if possible and value not in possible:
            raise Refused(replies.bad_value(name, value, possible))
        flags[name] = value
    return Arguments(flags, tuple(words))


def without_refused(accepts: Accepts, refused: frozenset[str]) -> Accepts:
    """Return what is still accepted when a version shall not know these flags (`--v2`) or values (`--x=y`)."""
    left = {name: possible for name, possible in accepts.items() if name not in refused}
    for name, possible in left.items():
        if possible:
            left[name] = tuple(value for value in possible if f"{name}={value}" not in refused)
    return left
