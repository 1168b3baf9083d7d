"""What can be said on the command line, read from the one parser, for the tests that look whether all of it is told."""

import argparse
import subprocess
import sys
from pathlib import Path

from kiro_tui.arguments import parser

ROOT = Path(__file__).parent.parent
SHARE = ROOT / "share"
DASHBOARD = ""
"""What stands for the command that is none."""


def options_by_command() -> dict[str, list[str]]:
    """Return the options of each command, the dashboard first, with those that all of them have."""
    whole = parser()
    (commands,) = (each for each in whole._actions if isinstance(each, argparse._SubParsersAction))
    return {
        name: [option for action in each._actions for option in action.option_strings]
        for name, each in {DASHBOARD: whole, **commands.choices}.items()
    }


def generated(folder: Path) -> dict[str, str]:
    """Return what would be written into share/ now, by its path there; nothing of it may depend on the machine."""
    subprocess.run(
        [sys.executable, ROOT / "packaging" / "generate.py", folder],
        env={"COLUMNS": "33", "TZ": "Asia/Tokyo", "LC_ALL": "C"},
        check=True,
        timeout=60,
    )
    return files_in(folder)


def files_in(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}
