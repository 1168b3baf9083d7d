"""Where campaigns keep what they found: one JSON file each, with the day, the machine and the versions.

The report is written from these files alone (`report.py`); must never hold a path or a name of this machine's owner.
"""

import argparse
import json
import os
import platform
import sqlite3
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from kiro_tui.clock import SystemClock

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "reliability"
LIBRARIES = ("textual", "pyte", "pexpect", "wcwidth", "hypothesis")


def add_option(parser: argparse.ArgumentParser, name: str) -> None:
    """Let a campaign's caller choose where its JSON goes; nowhere by default, so that a trial changes no document."""
    parser.set_defaults(campaign=name)
    parser.add_argument("--keep", action="store_true", help=f"write docs/reliability/{name}.json")
    parser.add_argument("--json", type=Path, help="write the same to this file")


def keep(options: argparse.Namespace, found: dict[str, Any]) -> None:
    """Write what a campaign found where its caller wants it."""
    text = json.dumps({**circumstances(), **found}, indent=1, default=str, ensure_ascii=False) + "\n"
    wanted = [options.json] if options.json else []
    if options.keep:
        wanted.append(FOLDER / f"{options.campaign}.json")
    for path in wanted:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def circumstances() -> dict[str, Any]:
    """Return when and where this is: nothing that names a person or a place."""
    return {
        "date": f"{SystemClock().now():%Y-%m-%d}",
        "machine": f"{os.cpu_count()} CPUs, {platform.machine()}, {platform.system()} {_kernel()}",
        "versions": {"Python": platform.python_version(), "SQLite": sqlite3.sqlite_version}
        | {name: _version(name) for name in LIBRARIES},
    }


def _kernel() -> str:
    return ".".join(platform.release().split(".")[:2])


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
