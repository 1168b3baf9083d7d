"""Writing a few settings into the person's own file, and leaving all else in it as they wrote it.

tomlkit changes the file without losing a comment or a blank line. What would then be in the file is read as the next
start will read it, and only if it says exactly what it shall is it put in the place of the old one, whole. Must never
touch a file that is broken, and never write what was not asked for.
"""

import tomllib
from collections.abc import Mapping, MutableMapping
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
    """Write settings, by their keys as in `alerts.bell` and with values as Settings has them; a new file is made.

    Raises SettingsError where the file is broken or cannot be written, and then it is as it was.
    """
    shown = clean(str(path))
    target = path.resolve()  # a link into a folder of dotfiles stays a link
    try:
        before = read(target) if target.exists() else Content()
        if before.values:
            load({"config": str(target)}, {})
        after = _changed(before, changes)
        if not _says(after, before, changes):
            raise SettingsError(f"{shown}: cannot be changed without changing more", "Write it there yourself.")
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        replace_file(target, after.encode(), lasting=True)
    except OSError as error:
        raise SettingsError(f"{shown}: cannot be written: {error.strerror}", "Nothing was saved.") from error


def _changed(before: Content, changes: Mapping[str, Any]) -> str:
    document = tomlkit.parse(before.text)
    for key, value in changes.items():
        entry = CATALOGUE[key]
        table: MutableMapping[str, Any] = document
        if entry.table:
            table = document.setdefault(entry.table, tomlkit.table())
        table[entry.name] = entry.kind.written(value)
    return tomlkit.dumps(document)


def _says(text: str, before: Content, changes: Mapping[str, Any]) -> bool:
    """Say whether the new file says what the old one said, and the changes."""
    values, mistakes = decode(tomllib.loads(text))
    return not mistakes and values == {**decode(before.values)[0], **changes}
