"""`kiro-tui config`: what is set and where, and all that helps with the settings file.

A broken file must never keep a person from learning where it is and what is wrong with it, so that nothing is loaded
before it is known what was asked. Must never import textual, nor write over a file.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kiro_tui.commands.new_file import new_file
from kiro_tui.domain.text import clean
from kiro_tui.errors import SettingsError, UsageError
from kiro_tui.output.as_json import render
from kiro_tui.settings import Level, Settings, load
from kiro_tui.settings.catalogue import CATALOGUE, TABLES, Entry
from kiro_tui.settings.mistakes import as_toml
from kiro_tui.settings.places import settings_file
from kiro_tui.streams import write

SCHEMA = 1
GAP = "   "
WIDEST_VALUE = 24
"""Cells; where a longer one came from stands behind it, out of its column, so that all fits into 80."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is said on the command line; at most one of them."""

    init: bool = False
    check: bool = False
    path: bool = False
    schema: bool = False
    json: bool = False


def run(asked: Asked, options: Mapping[str, str], environment: Mapping[str, str]) -> int:
    """Do what was asked, with the options that every command takes, and return the exit status."""
    if asked.schema:
        from kiro_tui.settings.schema import schema  # noqa: PLC0415 - only where it is asked for

        write(render(schema(), pretty=True) + "\n")
    elif asked.path:
        write(f"{clean(str(_file(options, environment)))}\n")
    elif asked.init:
        _init(_file(options, environment))
    elif asked.check:
        write(_fine(load(options, environment)))
    elif asked.json:
        write(render(document(load(options, environment)), pretty=False) + "\n")
    else:
        write(text(load(options, environment)))
    return 0


def text(settings: Settings) -> str:
    """Return every setting and where it came from, in columns."""
    tables = {table: [_row(settings, entry) for entry in entries.values()] for table, entries in TABLES.items()}
    widths = [max(len(row[cell]) for rows in tables.values() for row in rows) for cell in (0, 1)]
    blocks = [f"Settings file: {_said_of(settings.config)}"]
    for table, rows in tables.items():
        lines = [_line(row, widths[0], min(widths[1], WIDEST_VALUE)) for row in rows]
        blocks.append("\n".join([f"[{table}]", *lines] if table else lines))
    return "\n\n".join(blocks) + "\n"


def document(settings: Settings) -> dict[str, Any]:
    """Return the same for programs; what is not set is null."""
    return {
        "schema": SCHEMA,
        "file": None if settings.config is None else str(settings.config),
        "settings": {
            key: {
                "value": _written(settings, entry),
                "from": settings.origin(key).level.value,
                "place": settings.origin(key).place or None,
            }
            for key, entry in CATALOGUE.items()
        },
    }


def _row(settings: Settings, entry: Entry) -> tuple[str, str, str]:
    origin, value = settings.origin(entry.key), _written(settings, entry)
    shown = "not set" if value is None else clean(as_toml(value))
    return entry.name, shown, "file" if origin.level is Level.FILE else origin.place or origin.level.value


def _line(row: tuple[str, str, str], name_width: int, value_width: int) -> str:
    name, value, origin = row
    return f"{name:{name_width}}{GAP}{value:{value_width}}{GAP}{origin}"


def _written(settings: Settings, entry: Entry) -> object:
    value = settings.value(entry.key)
    return None if value is None else entry.kind.written(value)


def _said_of(config: Path | None) -> str:
    if config is None:
        return "none, as there is no home to look in"
    shown = clean(str(config))
    return shown if config.exists() else f"{shown} (not there yet: kiro-tui config --init)"


def _fine(settings: Settings) -> str:
    return f"{_said_of(settings.config)}: fine\n"


def _file(options: Mapping[str, str], environment: Mapping[str, str]) -> Path:
    path, _ = settings_file(options, environment)
    if path is None:
        raise SettingsError("There is no home to keep settings in.", "Name a file: --config FILE")
    return path


def _init(path: Path) -> None:
    from kiro_tui.settings.template import template  # noqa: PLC0415 - only where it is asked for

    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"{clean(str(path.parent))} cannot be made: {error.strerror}.", "Name another file: --config FILE"
        ) from error
    with new_file(str(path)) as write_to_file:
        write_to_file(template())
    write(f"{clean(str(path))} is written. Every setting in it is a comment until you take its # away.\n")
