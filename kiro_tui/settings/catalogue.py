"""The settings by the names that they have in the file, the environment and on the command line.

Derived from the types in wanted.py, and from nothing else: a setting is added there.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Annotated, Any, get_args, get_origin

from kiro_tui.keys import COMMANDS, Keys
from kiro_tui.settings.kinds import Kind
from kiro_tui.settings.values import KEYS
from kiro_tui.settings.wanted import Wanted

PREFIX = "KIRO_TUI_"
ONLY_IN_FILE = "keys"
"""A table that has no variables."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One setting."""

    key: str
    """With its table, as in `alerts.bell`."""
    kind: Kind
    default: Any
    says: str
    """What it is, in a few words."""

    @property
    def table(self) -> str:
        """The table that it stands in, "" for none."""
        return self.key.rpartition(".")[0]

    @property
    def name(self) -> str:
        """The key within its table."""
        return self.key.rpartition(".")[2]

    @property
    def explained(self) -> str:
        """One sentence about it; those of the keys leave out what a key is."""
        said = self.says if self.table == ONLY_IN_FILE else f"{self.says}: {self.kind.expected}"
        return f"{said[0].upper()}{said[1:]}."

    @property
    def variable(self) -> str | None:
        """The variable that sets it."""
        return None if self.table == ONLY_IN_FILE else PREFIX + self.key.upper().replace(".", "_")

    @property
    def option(self) -> str:
        """What it is called where the command line has it."""
        return "--" + self.key.replace("_", "-")


def kind_of(hint: object) -> Kind | None:
    """Return the kind that a type carries."""
    if get_origin(hint) is not Annotated:
        return None
    return next((each for each in get_args(hint) if isinstance(each, Kind)), None)


def _entries(table: type, prefix: str = "") -> Iterator[Entry]:
    for field in fields(table):
        kind = kind_of(field.type)
        if kind is not None:
            yield Entry(prefix + field.name, kind, field.default, get_args(field.type)[-1])
        elif field.type is Keys:
            yield from (Entry(f"{field.name}.{each.name}", KEYS, each.keys, each.does) for each in COMMANDS)
        elif isinstance(field.type, type):
            yield from _entries(field.type, f"{field.name}.")


CATALOGUE: Mapping[str, Entry] = MappingProxyType({entry.key: entry for entry in _entries(Wanted)})
"""Every setting by its key, in the order in which people read of them."""
TABLES: Mapping[str, Mapping[str, Entry]] = MappingProxyType(
    {
        table: MappingProxyType({entry.name: entry for entry in CATALOGUE.values() if entry.table == table})
        for table in dict.fromkeys(entry.table for entry in CATALOGUE.values())
    }
)
"""The settings of each table by their names in it; those above the first table stand under \"\"."""
