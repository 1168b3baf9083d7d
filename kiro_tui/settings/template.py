"""The settings file that a person starts from: every key as a comment with its default, and a line that explains it."""

from collections.abc import Iterator

from kiro_tui.settings.catalogue import TABLES, Entry
from kiro_tui.settings.mistakes import as_toml
from kiro_tui.settings.values import KEYS

HEAD = """\
# The settings of kiro-tui. Each key stands here with its default: take the # away from a line to change it.
#   kiro-tui config           what is set, and where
#   kiro-tui config --check   what is wrong
"""
TITLES = {
    "alerts": "When kiro-tui watch and the dashboard tell what happened, and how.",
    "keys": f"What is pressed for what: {KEYS.expected}.",
}
EXAMPLES = {"kiro_cli": "/opt/kiro/kiro-cli", "log": "~/kiro-tui.log"}
"""For what is not set unless a person sets it."""


def template() -> str:
    """Return the file; as long as nothing in it is changed it says nothing."""
    return HEAD + "".join(line for table in TABLES for line in _lines(table))


def _lines(table: str) -> Iterator[str]:
    if table:
        yield f"\n[{table}]\n# {TITLES[table]}\n"
    for entry in TABLES[table].values():
        yield f"\n# {entry.explained}\n# {entry.name} = {_value(entry)}\n"


def _value(entry: Entry) -> str:
    if entry.default is None and entry.name in EXAMPLES:
        return as_toml(EXAMPLES[entry.name])
    return as_toml(entry.kind.written(entry.default))
