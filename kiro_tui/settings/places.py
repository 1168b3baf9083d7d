"""Where settings and state are kept: the usual folders of this system, or none where there is no home."""

import os
from collections.abc import Mapping
from pathlib import Path

from platformdirs.unix import Unix

from kiro_tui.settings.catalogue import PREFIX


def settings_file(options: Mapping[str, str], environment: Mapping[str, str]) -> tuple[Path | None, bool]:
    """Return the settings file, whether it exists or not, and whether the person named it; None where there is no home.

    `options` are those given on the command line (`{"config": "my.toml"}`).
    """
    named = options.get("config") or environment.get(PREFIX + "CONFIG")
    return (Path(named), True) if named else (_usual_file(), False)


def open_state_folder() -> Path | None:
    """Make (0700) and return the folder for what we keep; None where there is no home or nothing can be written."""
    folder = state_folder()
    if folder is None:
        return None
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK | os.X_OK) else None


def state_folder() -> Path | None:
    """Return where what we keep is, whether there is anything or not; None where there is no home."""
    try:
        folder = Unix("kiro-tui").user_state_path
    except RuntimeError:  # there is no home
        return None
    return folder if folder.is_absolute() else None


def _usual_file() -> Path | None:
    try:
        path = Unix("kiro-tui").user_config_path / "config.toml"
    except RuntimeError:  # there is no home
        return None
    return path if path.is_absolute() else None
