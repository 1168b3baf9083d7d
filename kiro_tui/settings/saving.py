"""Writing a few settings into the person's own file, and leaving all else in it as they wrote it.

tomlkit changes the file without losing a comment or a blank line. What would then be in the file is read as the next
start will read it, and only if it says exactly what it shall is it put in the place of the old one, whole. Must never
touch a file that is broken, nor a value that already is what it shall be.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomlkit

from kiro_tui.domain.text import clean
from kiro_tui.errors import SettingsError
from kiro_tui.settings.catalogue import CATALOGUE
from kiro_tui.settings.decoding import decode
from kiro_tui.settings.file import Content, read
from kiro_tui.settings.levels import load
from kiro_tui.whole_file import replace_file


def save(path: Path, changes: Mapping[str, Any]) -> None:
    """Write settings, by their keys as in `alerts.bell` and with values as Settings has them; a new file is made 0600.

    Raises SettingsError where the file is broken or cannot be written, and then it is as it was.
    """
    target = path.resolve()  # a link into a folder of dotfiles stays a link
    try:
        before = _read(target)
        wanted = {**decode(before.values)[0], **changes}
        text = _changed(before, changes)
        if decode(tomllib.loads(text)) != (wanted, []):
            raise SettingsError(f"{clean(str(path))}: what was chosen cannot be added", "Write it there yourself.")
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        replace_file(target, text.encode(), lasting=True)
    except OSError as error:
        raise SettingsError(f"{clean(str(path))}: cannot be written: {error.strerror}", "Nothing was saved.") from error


def _read(file: Path) -> Content:
    """Return what the file says, nothing where there is none; raises SettingsError with all that is wrong with it."""
    if not file.exists():
        return Content()
    if not file.is_file():  # --config /dev/null; whoever is root could put a file in its place
        raise SettingsError(
            f"{clean(str(file))}: nothing can be kept there", "Start with a settings file: --config FILE"
        )
    load({"config": str(file)}, {})
    return read(file)


def _changed(before: Content, changes: Mapping[str, Any]) -> str:
    document = tomlkit.parse(before.text)
    stands, _ = decode(before.values)
    for key, value in changes.items():
        entry = CATALOGUE[key]
        if key not in stands or stands[key] != value:
            table: Any = document.setdefault(entry.table, tomlkit.table()) if entry.table else document
            table[entry.name] = entry.kind.written(value)
    return tomlkit.dumps(document)
