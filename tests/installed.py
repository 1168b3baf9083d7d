"""The programs that some tests need beside Python and make, and what to install where one is missing.

A test that needs another program is skipped without it, and the reason says how to get it.
"""

import shutil
from pathlib import Path

import pytest

DEBIAN_PACKAGES = {
    "Xvfb": "xvfb",
    "bash": "bash",
    "curl": "curl",
    "dbus-run-session": "dbus",
    "fish": "fish",
    "git": "git",
    "groff": "groff-base",
    "man": "man-db",
    "mandoc": "mandoc",
    "notification-daemon": "notification-daemon",
    "pkill": "procps",
    "promtool": "prometheus",
    "ruby": "ruby",
    "setsid": "util-linux",
    "systemd-analyze": "systemd",
    "tmux": "tmux",
    "zsh": "zsh",
}
"""For each program the package that holds it."""

ELSEWHERE = {"notification-daemon": Path("/usr/lib/notification-daemon/notification-daemon")}
"""Programs that are not on PATH."""


def missing(*programs: str) -> str:
    """Return what is missing and how to install it; an empty text where all are here."""
    absent = [each for each in programs if not (ELSEWHERE[each].exists() if each in ELSEWHERE else shutil.which(each))]
    if not absent:
        return ""
    packages = " ".join(sorted({DEBIAN_PACKAGES[each] for each in absent}))
    return f"{' and '.join(absent)} not found; on Debian: apt install {packages}"


def needs(*programs: str) -> pytest.MarkDecorator:
    """Skip the test where a program is missing."""
    return pytest.mark.skipif(missing(*programs) != "", reason=missing(*programs) or "all are here")


def require(*programs: str) -> None:
    """Skip the test that calls this where a program is missing."""
    if reason := missing(*programs):
        pytest.skip(reason)
