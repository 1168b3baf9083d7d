"""Where kiro-cli is.

Looks and starts nothing; must import nothing that takes time, since `kiro-tui --version` tells it too.
"""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from kiro_tui.domain.text import clean
from kiro_tui.errors import NotInstalled

NAME = "kiro-cli"
KNOWN_PLACES = (
    "~/.local/bin/kiro-cli",
    "~/.kiro/bin/kiro-cli",
    "/usr/local/bin/kiro-cli",
    "/opt/homebrew/bin/kiro-cli",
    "/Applications/Kiro CLI.app/Contents/MacOS/kiro-cli",
)


def find(environment: Mapping[str, str], override: str | None = None) -> str:
    """Return the absolute path of kiro-cli; raise NotInstalled, naming every place that was looked at."""
    search = environment.get("PATH", os.defpath)
    home = environment.get("HOME")
    if override is not None:
        wanted = _at_home(override, home)
        if found := wanted and shutil.which(wanted, path=search):
            return str(Path(found).absolute())
        raise NotInstalled(
            f"There is no program at {clean(override)}, where --kiro-cli or the settings say kiro-cli is.",
            "Correct that path, or leave it out: kiro-tui then looks on the PATH and in the usual places.",
        )
    places = [place for known in KNOWN_PLACES if (place := _at_home(known, home))]
    for candidate in (NAME, *places):
        if found := shutil.which(candidate, path=search):
            return str(Path(found).absolute())
    looked = ", ".join(["the PATH", *KNOWN_PLACES])
    raise NotInstalled(
        f"kiro-cli was not found. Looked at: {looked}.",
        "Install it from https://kiro.dev/cli/, or say where it is with --kiro-cli PATH.",
    )


def _at_home(place: str, home: str | None) -> str | None:
    """Return the place with its `~` replaced; None where there is no home to put there."""
    if not place.startswith("~/"):
        return place
    return str(Path(home) / place[2:]) if home else None
