"""The printed unit runs `kiro-tui watch` as it runs now, whatever its path is called; systemd and plistlib check it."""

import os
import plistlib
import subprocess
import sys
from pathlib import Path

import pytest
from installed import needs

from kiro_tui.commands import service
from kiro_tui.commands.service import LABEL, launchd, systemd, this_program
from kiro_tui.errors import UsageError

NASTY = (
    "plain",
    "with blank",
    "50%h",
    "a$HOME",
    'q"uote',
    "apos'trophe",
    r"back\slash\n",
    "ünïcode",
    "{brace}",
    "a;b",
    "#c",
)
PATH = {"PATH": "/usr/bin:/home/p q/%h/$HOME"}

needs_systemd = needs("systemd-analyze")


def program(folder: Path, name: str) -> str:
    """A program at a path of this name."""
    (folder / name).mkdir()
    path = folder / name / "kiro-tui"
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return str(path)


def verified(folder: Path, *units: str) -> str:
    """What systemd has to say about units, but that an older one does not know two of their keys."""
    files = [folder / f"kiro-tui-{number}.service" for number, _ in enumerate(units)]
    for file, unit in zip(files, units, strict=True):
        file.write_text(unit)
    done = subprocess.run(
        ["systemd-analyze", "--user", "verify", *files],
        env={**os.environ, "XDG_RUNTIME_DIR": str(folder), "HOME": str(folder)},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    lines = [line for line in done.stderr.splitlines() if "Unknown key 'Restart" not in line]
    return "\n".join([*lines, f"status {done.returncode}"])


@needs_systemd
def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path: Path) -> None:
    units = [systemd((program(tmp_path, name), "watch"), PATH) for name in NASTY]

    assert verified(tmp_path, *units) == "status 0"


def test_the_end_of_the_service_does_not_end_a_kiro_cli_that_stores_a_sign_in() -> None:
    assert "KillMode=process" in systemd(("/bin/kiro-tui", "watch"), PATH).splitlines()


@needs_systemd
def test_the_check_notices_a_program_that_is_not_there(tmp_path: Path) -> None:
    assert verified(tmp_path, systemd((str(tmp_path / "none"), "watch"), PATH)) != "status 0"


@pytest.mark.parametrize("name", NASTY)
def test_the_property_list_names_the_program_as_it_is(name: str) -> None:
    printed = launchd((f"/{name}/<&>/kiro-tui", "watch"), PATH)
    agent = plistlib.loads(printed.encode())

    assert agent["ProgramArguments"] == [f"/{name}/<&>/kiro-tui", "watch"]
    assert agent["EnvironmentVariables"] == PATH
    assert agent["KeepAlive"] == {"SuccessfulExit": False}
    assert agent["Label"] == LABEL


@pytest.mark.parametrize("unit", [systemd, launchd])
@pytest.mark.parametrize("name", ["two\nlines", "\x1b[31m", "\u2028", "nul\0"])
def test_no_path_can_end_a_line(unit: object, name: str) -> None:
    assert callable(unit)
    with pytest.raises(UsageError, match="no unit can hold"):
        unit((f"/{name}", "watch"), PATH)
    with pytest.raises(UsageError, match="no unit can hold"):
        unit(("/x", "watch"), {"PATH": name})


def test_it_starts_what_runs_now_from_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = program(tmp_path, "bin")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.chdir(tmp_path)

    assert this_program(path) == (path,)
    assert this_program("kiro-tui") == (path,)
    assert this_program("bin/kiro-tui") == (path,)
    assert this_program("/elsewhere/kiro_tui/__main__.py") == (sys.executable, "-m", "kiro_tui")
    assert this_program("/nowhere/kiro-tui") == (sys.executable, "-m", "kiro_tui")


@pytest.mark.parametrize(
    ("asked", "here", "begins"),
    [
        ("systemd", "darwin", "# Alerts of kiro-tui"),
        ("launchd", "linux", "<?xml"),
        (None, "linux", "# Alerts of kiro-tui"),
        (None, "darwin", "<?xml"),
    ],
)
def test_it_prints_what_was_asked_for_or_what_fits_this_machine(
    asked: str | None, here: str, begins: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.platform", here)

    assert service.run(asked) == 0
    printed = capsys.readouterr().out
    assert printed.startswith(begins)
    assert printed.endswith("\n")
    assert "enable --now" in printed or "launchctl bootstrap" in printed
