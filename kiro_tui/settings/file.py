"""The settings file as it stands on the disk: TOML of a reasonable size, and on which line a key stands in it.

Knows nothing of what the keys mean, and only reads.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kiro_tui.domain.text import clean
from kiro_tui.errors import SettingsError

MOST_FILE_BYTES = 64 << 10
MOST_LINES_OF_A_VALUE = 200
"""A value that is longer than this has no line, rather than that somebody waits for it."""

_PLACE = re.compile(r"\(at line ([0-9]+), column [0-9]+\)")


@dataclass(frozen=True, slots=True)
class Content:
    """What the file says."""

    text: str = ""
    values: dict[str, Any] = field(default_factory=dict)

    def lines(self) -> dict[tuple[str, ...], int]:
        """Return the line, from 1, on which each key first stands (`("alerts", "bell")`) or its table begins."""
        lines: dict[tuple[str, ...], int] = {}
        for number, path in _statements(self.text):
            lines.setdefault(path, number)
        return lines


class NotToml(SettingsError):
    """The file is no TOML; the last of the `lines` is the one that made it so."""

    def __init__(self, message: str, lines: Sequence[str]) -> None:
        super().__init__(message)
        self.lines = lines


def read(path: Path) -> Content:
    """Return what the file says; raises OSError, NotToml, or SettingsError where it is too much or no text."""
    with path.open("rb") as file:
        content = file.read(MOST_FILE_BYTES + 1)
    if len(content) > MOST_FILE_BYTES:
        raise SettingsError(f"expected at most {MOST_FILE_BYTES >> 10} KiB, found more")
    if content.startswith(b"\xef\xbb\xbf"):
        raise SettingsError("expected UTF-8 without a byte order mark, found one at the start")
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        raise SettingsError(f"expected UTF-8, found something else at byte {error.start + 1}") from error
    import tomllib  # noqa: PLC0415 - a launch without a file does not wait for it

    try:
        return Content(text, tomllib.loads(text))
    except RecursionError as error:
        raise SettingsError("expected keys with simple values, found deep nesting") from error
    except tomllib.TOMLDecodeError as error:
        place = _PLACE.search(str(error))
        lines = text.rstrip().split("\n")[: int(place[1]) if place else None]
        raise NotToml(f"expected TOML, found a mistake: {clean(str(error))}", lines) from error
    except ValueError as error:  # a number of thousands of digits
        raise SettingsError(f"expected TOML, found a mistake: {clean(str(error))}") from error


def _statements(text: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield each statement of a good file, by its first line and the key that it sets or the table that it opens.

    The real parser reads each of them alone: a statement ends with the first line that makes it whole.
    """
    import tomllib  # noqa: PLC0415 - see above

    lines = text.replace("\r\n", "\n").split("\n")
    table: tuple[str, ...] = ()
    first = 0
    while first < len(lines):
        for last in range(first + 1, min(first + MOST_LINES_OF_A_VALUE, len(lines)) + 1):
            try:
                statement = tomllib.loads("\n".join(lines[first:last]))
            except tomllib.TOMLDecodeError:
                continue
            break
        else:
            return
        for path in _paths(statement):
            if lines[first].lstrip().startswith("["):
                table = path
                yield first + 1, table
            else:
                yield first + 1, (*table, *path)
        first = last


def _paths(values: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    """Yield the path of every key that is set, with the table in which it stands; no setting is deeper than that."""
    for key, value in values.items():
        yield (key,)
        if isinstance(value, dict):
            yield from ((key, name) for name in value)
