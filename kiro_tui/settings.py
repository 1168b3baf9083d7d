"""The settings, where each came from, and everything that can be wrong with them.

The command line beats the KIRO_TUI_ variables, these beat the file, the file beats the defaults. Whatever is wrong
is reported at once and by name: the place, the key, what was expected. A wrong setting is never replaced by a
default in silence, and the file is only ever read here.
"""

import difflib
import os
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from platformdirs.unix import Unix

from kiro_tui.domain.month import EVERY_DAY
from kiro_tui.domain.state import Way
from kiro_tui.domain.text import clean
from kiro_tui.errors import SettingsError, UsageError
from kiro_tui.setting_values import KINDS, said

PREFIX = "KIRO_TUI_"
MOST_FILE_BYTES = 64 << 10
ALIKE = 0.8
"""How like a known name an unknown one must be to be taken for a slip of it."""


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
class Settings:
    """What the person wants; every field has been checked."""

    kiro_cli: str | None = None
    """A path, or a bare name to be looked up in PATH; None looks in the usual places."""
    source: tuple[Way, ...] = ()
    """The ways of asking, in order; () leaves the choice to us (`auto`)."""
    timeout: float = 20.0
    """Seconds for one answer."""
    interval: float = 300.0
    """Seconds between two questions."""
    log: str | None = None
    show_email: bool = False
    theme: str = "dark"
    """Whether there is such a theme only the dashboard knows."""
    workdays: frozenset[int] = EVERY_DAY
    """The days that count for the pace and for what may be used a day, from 0 for Monday."""
    seconds: bool = False
    """Say ages and countdowns to the second, at the cost of drawing every second."""
    tmux_title: bool = True
    config: Path | None = None
    """The settings file, whether it exists or not; None where there is no home to look in."""
    origins: Mapping[str, Origin] = field(default_factory=dict)
    """By key, for every setting that is not a default."""

    def origin(self, key: str) -> Origin:
        """Return where the setting of this key came from."""
        return self.origins.get(key, DEFAULT)


class _Collected:
    """What the levels said so far, and what was wrong with it."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self.origins: dict[str, Origin] = {}
        self._problems: list[tuple[Level, str]] = []

    def take(self, key: str, value: object, origin: Origin) -> None:
        """Accept a value, which beats what was taken before, or note what is wrong with it."""
        kind = KINDS[key]
        in_file = origin.level is Level.FILE
        try:
            self.values[key] = kind.checked(value if in_file else kind.of_text(str(value)))
            self.origins[key] = origin
        except ValueError:
            where = f"{origin.place}: {key}" if in_file else origin.place
            self.blame(origin.level, f"{where}: expected {kind.expected}, found {said(value)}")

    def blame(self, level: Level, problem: str) -> None:
        self._problems.append((level, problem))

    def raise_problems(self) -> None:
        """Raise everything that was wrong, if anything was, as one error."""
        if not self._problems:
            return
        texts = [text for _, text in self._problems]
        message = texts[0] if len(texts) == 1 else f"{len(texts)} settings are wrong:\n  " + "\n  ".join(texts)
        if all(level is Level.COMMAND_LINE for level, _ in self._problems):
            raise UsageError(message, "See: kiro-tui --help")
        raise SettingsError(message, "Correct what is named there; to do without a settings file: --config /dev/null")


def load(options: Mapping[str, str], environment: Mapping[str, str]) -> Settings:
    """Return the settings for the options given on the command line (`{"interval": "60"}`) and the variables.

    Raises SettingsError (UsageError where only options are wrong) with all problems in one message.
    """
    collected = _Collected()
    path = _take_file(collected, options.get("config") or environment.get(PREFIX + "CONFIG"))
    _take_environment(collected, environment)
    for key in KINDS:
        if key in options:
            collected.take(key, options[key], Origin(Level.COMMAND_LINE, "--" + key.replace("_", "-")))
    collected.raise_problems()
    return Settings(**collected.values, config=path, origins=collected.origins)


def open_state_folder() -> Path | None:
    """Make (0700) and return the folder for what we keep; None where there is no home or nothing can be written."""
    try:
        folder = Unix("kiro-tui").user_state_path
        if not folder.is_absolute():
            return None
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
    except (OSError, RuntimeError):  # RuntimeError: there is no home
        return None
    return folder if os.access(folder, os.W_OK | os.X_OK) else None


def _take_file(collected: _Collected, named: str | None) -> Path | None:
    path = Path(named) if named else _usual_path()
    if path is None:
        return None
    shown = clean(str(path))
    try:
        content = _read(path)
    except (FileNotFoundError, NotADirectoryError):
        if named:
            collected.blame(Level.FILE, f"{shown}: there is no such settings file")
        return path
    except OSError as error:
        collected.blame(Level.FILE, f"{shown}: cannot be read: {error.strerror}")
        return path
    except SettingsError as error:
        collected.blame(Level.FILE, f"{shown}: {error.message}")
        return path
    for key, value in content.items():
        if key in KINDS:
            collected.take(key, value, Origin(Level.FILE, shown))
        else:
            collected.blame(Level.FILE, f"{shown}: {_unknown(key, 'key', KINDS)}")
    return path


def _take_environment(collected: _Collected, environment: Mapping[str, str]) -> None:
    variables = {PREFIX + key.upper(): key for key in KINDS}
    for name in sorted(name for name in environment if name.startswith(PREFIX)):
        if name in variables:
            if environment[name]:
                collected.take(variables[name], environment[name], Origin(Level.ENVIRONMENT, name))
        elif name != PREFIX + "CONFIG" and _nearest(name, variables):
            # Other variables of this prefix are none of our business; one that is nearly right is a slip.
            collected.blame(Level.ENVIRONMENT, _unknown(name, "variable", variables))


def _usual_path() -> Path | None:
    try:
        path = Unix("kiro-tui").user_config_path / "config.toml"
    except RuntimeError:  # there is no home
        return None
    return path if path.is_absolute() else None


def _read(path: Path) -> dict[str, object]:
    """Return what the file says; raises OSError, or SettingsError where it is no TOML of a reasonable size."""
    with path.open("rb") as file:
        content = file.read(MOST_FILE_BYTES + 1)
    if len(content) > MOST_FILE_BYTES:
        raise SettingsError(f"expected at most {MOST_FILE_BYTES >> 10} KiB, found more")
    if content.startswith(b"\xef\xbb\xbf"):
        raise SettingsError("expected UTF-8 without a byte order mark, found one at the start")
    try:
        return tomllib.loads(content.decode())
    except UnicodeDecodeError as error:
        raise SettingsError(f"expected UTF-8, found something else at byte {error.start + 1}") from error
    except RecursionError as error:
        raise SettingsError("expected keys with simple values, found deep nesting") from error
    except ValueError as error:  # a TOMLDecodeError, or a number of thousands of digits
        raise SettingsError(f"expected TOML, found a mistake: {clean(str(error))}") from error


def _unknown(name: str, noun: str, known: Iterable[str]) -> str:
    near = _nearest(name, known)
    return f"unknown {noun} {said(name)}: " + (f"did you mean {near}?" if near else f"expected {', '.join(known)}")


def _nearest(name: str, known: Iterable[str]) -> str | None:
    return next(iter(difflib.get_close_matches(name[:100], known, n=1, cutoff=ALIKE)), None)
