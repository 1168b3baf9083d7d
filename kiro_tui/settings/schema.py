"""The settings file as a JSON schema, for editors that complete and check it while it is written.

Derived from the types. It says what a schema can say; two commands that want one key, for instance, only
`kiro-tui config --check` notices.
"""

from collections.abc import Mapping
from typing import Any

from kiro_tui.settings.catalogue import TABLES, Entry
from kiro_tui.settings.values import DEFINITIONS

DRAFT = "http://json-schema.org/draft-07/schema#"


def schema() -> dict[str, Any]:
    """Return the schema; draft 7, because the TOML editors know that one."""
    top = _table(TABLES[""])
    top["properties"] |= {table: _table(entries) for table, entries in TABLES.items() if table}
    return {"$schema": DRAFT, "title": "The settings of kiro-tui", **top, "definitions": DEFINITIONS}


def _table(entries: Mapping[str, Entry]) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {entry.name: _property(entry) for entry in entries.values()},
    }


def _property(entry: Entry) -> dict[str, Any]:
    default = {} if entry.default is None else {"default": entry.kind.written(entry.default)}
    return {**entry.kind.schema, "description": entry.explained, **default}
