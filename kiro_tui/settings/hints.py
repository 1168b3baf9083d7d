"""What a person perhaps meant: the value without its quotes, the key in its table, the word in quotes.

A value is only proposed if it is right: it is tried by the same rules as the file. Must never change what is loaded.
"""

import re
from collections.abc import Callable, Sequence

from kiro_tui.settings.catalogue import CATALOGUE, TABLES, Entry
from kiro_tui.settings.mistakes import Unexpected, as_toml, did_you_mean, nearest, said, unknown

_SETTING = re.compile(r"\s*(\w+)\s*[=:]\s*(.*?)\s*(#.*)?")
_TABLE = re.compile(r"\s*\[\s*(\w+)\s*\]\s*(#.*)?")


def meant_value(entry: Entry, value: object) -> str | None:
    """Return how a value should have been written, where that is plain: 60 for "60", [90] for 90."""
    tries: list[Callable[[], object]] = [lambda: [value]]
    if isinstance(value, str):
        tries.insert(0, lambda: entry.kind.of_text(value))
    for attempt in tries:
        try:
            written = attempt()
            entry.kind.checked(written)
        except ValueError:
            continue
        return as_toml(written)
    return None


def meant_line(lines: Sequence[str]) -> str | None:
    """Return how the last of these lines, which is no TOML, should have been written: in quotes, for instance."""
    found = _SETTING.fullmatch(lines[-1])
    if found is None:
        return None
    tables = [table[1] for table in map(_TABLE.fullmatch, lines) if table]
    entry = TABLES.get(tables[-1] if tables else "", {}).get(found[1])
    value = _meant_word(entry, found[2].strip("\"'")) if entry else None
    return f"{found[1]} = {value}" if value and value != found[2] else None


def _meant_word(entry: Entry, word: str) -> str | None:
    """Return the value that a word without quotes stands for, although it may be misspelt too."""
    try:
        entry.kind.checked(word)
    except ValueError as error:
        near = error.meant if isinstance(error, Unexpected) else None
        return meant_value(entry, word) or (meant_value(entry, near) if near else None)
    return as_toml(word)


def meant_place(entry: Entry, value: object) -> str | None:
    """Return the key of the same name in another table that the value is right for: a theme among the keys, say."""
    for other in CATALOGUE.values():
        if other.name == entry.name and other is not entry:
            try:
                other.kind.checked(value)
            except ValueError:
                continue
            return f"the {other.name} that belongs {_home(other.table)}"
    return None


def _home(table: str) -> str:
    return f"in [{table}]" if table else "above the first [table]"


def stranger(table: str, name: str, value: object) -> str:
    """Say what is wrong with a name that its table does not have; perhaps it belongs to another."""
    if not table and isinstance(value, dict):
        return _strange_table(name, value)
    what = f"key {said(name)}" + (f" in [{table}]" if table else "")
    known = [*TABLES[table], *(() if table else filter(None, TABLES))]
    homes = [entry.table for entry in CATALOGUE.values() if entry.name == name]
    if homes:
        return f"unknown {what}: it belongs {' or '.join(map(_home, homes))}"
    swapped = TABLES[table].get(value) if isinstance(value, str) else None
    right = meant_value(swapped, name) if swapped else None
    return f"unknown {what}{did_you_mean(f'{value} = {right}')}" if right else unknown(what, name, known)


def _strange_table(name: str, value: dict[str, object]) -> str:
    tables = [table for table in TABLES if table]
    if not nearest(name, tables) and not value.keys().isdisjoint(TABLES[""]):
        return f"unknown table {said(name)}: its keys belong {_home('')}"
    return unknown(f"table {said(name)}", name, tables)
