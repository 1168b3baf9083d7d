"""The settings, and where each came from.

The command line beats the KIRO_TUI_ variables, these beat the file, the file beats the defaults. A wrong setting is
never replaced by a default in silence: whatever is wrong on any level is one error, with all of it by name.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from pathlib import Path
from typing import Any

from kiro_tui.domain.alerts import Alert
from kiro_tui.domain.text import clean
from kiro_tui.errors import SettingsError, UsageError
from kiro_tui.keys import Keys
from kiro_tui.settings.catalogue import CATALOGUE, ONLY_IN_FILE, PREFIX, TABLES, Entry
from kiro_tui.settings.file import Content, NotToml, read
from kiro_tui.settings.mistakes import did_you_mean, mismatch, nearest, said
from kiro_tui.settings.places import settings_file
from kiro_tui.settings.wanted import Alerts, Wanted

MOST_TOLD = 30
"""Mistakes; a file with more of them is not meant for us."""


class Level(StrEnum):
    """The places of a setting, each beaten by the next."""

    DEFAULT = "default"
    FILE = "file"
    ENVIRONMENT = "environment"
    COMMAND_LINE = "command line"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a setting came from: the level, and there the file, the variable or the option."""

    level: Level
    place: str = ""


DEFAULT = Origin(Level.DEFAULT)


@dataclass(frozen=True, slots=True)
class Settings(Wanted):
    """What the person wants, and where they said so."""

    config: Path | None = None
    """The settings file, whether it exists or not; None where there is no home to look in."""
    origins: Mapping[str, Origin] = field(default_factory=dict)
    """By key, for every setting that is not a default."""

    def origin(self, key: str) -> Origin:
        """Return where the setting of this key, as in `alerts.bell`, came from."""
        return self.origins.get(key, DEFAULT)


class _Collected:
    """What the levels said so far, and what was wrong with it."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self.origins: dict[str, Origin] = {}
        self._problems: list[tuple[Level, str]] = []

    def take(self, key: str, value: object, origin: Origin) -> None:
        """Accept a value, which beats what was taken before."""
        self.values[key] = value
        self.origins[key] = origin

    def take_text(self, entry: Entry, text: str, origin: Origin) -> None:
        """Accept what the text stands for, or note what is wrong with it."""
        try:
            self.take(entry.key, entry.kind.checked(entry.kind.of_text(text)), origin)
        except ValueError as error:
            self.blame(origin.level, f"{origin.place}: {mismatch(entry.kind.expected, text, error)}")

    def blame(self, level: Level, problem: str) -> None:
        self._problems.append((level, problem))

    def raise_problems(self) -> None:
        """Raise everything that was wrong, if anything was, as one error."""
        if not self._problems:
            return
        texts = [text for _, text in self._problems]
        message = texts[0]
        if len(texts) > 1:
            rest = [f"and {len(texts) - MOST_TOLD} more"] if len(texts) > MOST_TOLD else []
            message = "\n  ".join([f"{len(texts)} settings are wrong:", *texts[:MOST_TOLD], *rest])
        if all(level is Level.COMMAND_LINE for level, _ in self._problems):
            raise UsageError(message, "See: kiro-tui --help")
        raise SettingsError(message, "Correct what is named there; to do without a settings file: --config /dev/null")

    def settings(self, config: Path | None) -> Settings:
        """Return what was taken."""
        tables: dict[str, dict[str, Any]] = {table: {} for table in TABLES}
        for key, value in self.values.items():
            entry = CATALOGUE[key]
            tables[entry.table][entry.name] = value
        top, alerts, keys = (tables[table] for table in ("", "alerts", "keys"))
        return Settings(**top, alerts=Alerts(**alerts), keys=Keys(keys), config=config, origins=self.origins)


def load(options: Mapping[str, str], environment: Mapping[str, str]) -> Settings:
    """Return the settings for the options given on the command line (`{"interval": "60"}`) and the variables.

    Raises SettingsError (UsageError where only options are wrong) with all problems in one message.
    """
    collected = _Collected()
    path, named = settings_file(options, environment)
    if path is not None:
        _take_file(collected, path, must_exist=named)
    _take_environment(collected, environment)
    for entry in TABLES[""].values():
        if entry.key in options:
            collected.take_text(entry, options[entry.key], Origin(Level.COMMAND_LINE, entry.option))
    collected.raise_problems()
    return collected.settings(path)


def _take_file(collected: _Collected, path: Path, *, must_exist: bool) -> None:
    content = _content(collected, path, must_exist=must_exist)
    if not content.values:
        return
    from kiro_tui.settings.decoding import decode  # noqa: PLC0415 - a launch without a file does not wait for cattrs

    shown = clean(str(path))
    values, mistakes = decode(content.values)
    for key, value in values.items():
        collected.take(key, value, Origin(Level.FILE, shown))
    lines = content.lines() if mistakes else {}
    placed = [(lines.get(mistake.path), mistake.text) for mistake in mistakes]
    for line, text in sorted(placed, key=lambda each: each[0] or 0):
        collected.blame(Level.FILE, f"{shown}:{line}: {text}" if line else f"{shown}: {text}")


def _content(collected: _Collected, path: Path, *, must_exist: bool) -> Content:
    """Return what the file says: nothing where there is none or, and that is noted, where it cannot be read."""
    shown = clean(str(path))
    try:
        return read(path)
    except (FileNotFoundError, NotADirectoryError):
        if must_exist:
            collected.blame(Level.FILE, f"{shown}: there is no such settings file")
    except OSError as error:
        collected.blame(Level.FILE, f"{shown}: cannot be read: {error.strerror}")
    except NotToml as error:
        from kiro_tui.settings.hints import meant_line  # noqa: PLC0415 - most files are TOML

        wrong = f"{error.message} in {said(error.lines[-1])}{did_you_mean(meant_line(error.lines))}"
        collected.blame(Level.FILE, f"{shown}:{len(error.lines)}: {wrong}")
    except SettingsError as error:
        collected.blame(Level.FILE, f"{shown}: {error.message}")
    return Content()


_NO_SLIPS = frozenset({f"{PREFIX}CONFIG", *(f"{PREFIX}ALERT_{each.name.upper()}" for each in fields(Alert))})
"""Ours and no settings: a command that is run for an alert gets the latter, and may run kiro-tui."""


def _take_environment(collected: _Collected, environment: Mapping[str, str]) -> None:
    entries = {entry.variable: entry for entry in CATALOGUE.values() if entry.variable}
    bare = {name.removeprefix(PREFIX): name for name in entries}  # that all begin alike makes none like another
    for name in sorted(name for name in environment if name.startswith(PREFIX)):
        if name in entries:
            if environment[name]:
                collected.take_text(entries[name], environment[name], Origin(Level.ENVIRONMENT, name))
        elif name.startswith(f"{PREFIX}{ONLY_IN_FILE.upper()}_"):
            collected.blame(Level.ENVIRONMENT, f"{name}: keys are set in the file, under [{ONLY_IN_FILE}]")
        elif name not in _NO_SLIPS and (near := nearest(name.removeprefix(PREFIX), bare)):
            # Other variables of this prefix are none of our business; one that is nearly right is a slip.
            collected.blame(Level.ENVIRONMENT, f"unknown variable {said(name)}{did_you_mean(bare[near])}")
