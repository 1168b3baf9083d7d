"""Hostile plan names reach no shell, no terminal and no markup through any channel; each of these is a real one."""

import json
import os
import re
import tty
import unicodedata
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import desktops
import pytest
from channels import HOSTILE, AttachedTmux, called, hostile_names, programs
from installed import needs

from kiro_tui.alerts.command import OwnCommand
from kiro_tui.alerts.crier import Crier
from kiro_tui.alerts.desktop import Desktop
from kiro_tui.alerts.terminal import Bell, Notification
from kiro_tui.alerts.tmux import Tmux, TmuxMessage
from kiro_tui.clock import SystemClock
from kiro_tui.domain.text import clean
from kiro_tui.domain.told import Channel, Fate

pytestmark = [
    needs("tmux"),
    desktops.needs_daemon,
]
VARIABLES = 'env -0 > "$HOME/variables"; cat > "$HOME/said"'


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("hostile")


@pytest.fixture(scope="module")
def tmux(folder: Path) -> Iterator[AttachedTmux]:
    server = AttachedTmux(folder, columns=250)
    server("set-option", "-g", "allow-passthrough", "on")
    server.attach().shows("[ours]")
    yield server
    server.end()


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with desktops.debian() as address:
        yield address


@pytest.fixture
async def bus(address: str) -> AsyncIterator[desktops.Monitor]:
    async with desktops.monitor(address) as seen:
        yield seen


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_name_is_text_on_every_channel(
    name: str, folder: Path, tmux: AttachedTmux, address: str, bus: desktops.Monitor
) -> None:
    touched = folder / "touched"
    alert = called(hostile_names(touched)[name])
    environment = {**tmux.environment, "DBUS_SESSION_BUS_ADDRESS": address}
    here = programs(environment, folder)
    there = Tmux(here, SystemClock(), shown=0.05)
    crier = Crier(
        [
            Bell(tmux.write),
            Notification(tmux.write, environment, there),
            TmuxMessage(there),
            Desktop(environment),
            OwnCommand(here, ("sh", "-c", VARIABLES), 20.0),
        ],
        SystemClock(),
    )
    assert tmux.person
    began = len(tmux.person.raw)
    told = await crier.send(alert)
    assert {each.channel: each.fate for each in told} == dict.fromkeys(Channel, Fate.SENT), told

    title, text = clean(alert.title, 100), clean(alert.text, 500)
    assert on_desktop((await bus.notification())[0]) == (clean(f"Kiro: {title}", 100), text)

    said = json.loads((folder / "said").read_text())
    assert (said["title"], said["text"]) == (title, text)
    assert (said["window"], said["threshold"]) == (clean(alert.window or "", 100), clean(alert.threshold or "", 100))
    variables = dict(each.split("=", 1) for each in (folder / "variables").read_text().split("\0") if each)
    assert variables["KIRO_TUI_ALERT_TEXT"] == text

    assert in_status_line(tmux) == as_a_style(clean(f"Kiro: {title}. {text}", 200))
    person = tmux.person
    person.until(lambda: b"\x1b]777;notify;" in person.raw[began:] and b"Kiro:" in person.raw[began:])
    nothing_but_ours(bytes(person.raw[began:]).decode(errors="replace"))
    assert not touched.exists()
    assert tmux("list-windows", "-a", "-F", "#{window_panes}") == "1"


def in_status_line(tmux: AttachedTmux) -> str:
    """What tmux showed last."""
    lines = tmux("show-messages").splitlines()
    return as_a_style(next(line.split(" message: ", 1)[1] for line in lines if re.match(r"\S+ \S+ message: ", line)))


def as_a_style(text: str) -> str:
    """The text with one # before each bracket: so that it is no style tmux leaves there as many as it is given."""
    return re.sub(r"#+\[", "#[", text)


def on_desktop(message: str) -> tuple[str, str]:
    """The title and the text that a notification shows; fails where a name has become markup."""
    strings = re.findall(r'^   string "(.*?)"$', message, re.MULTILINE | re.DOTALL)
    body = ET.fromstring(f"<body>{strings[3]}</body>")  # noqa: S314 - what a server would do with it
    assert len(body) == 0
    return strings[2], body.text or ""


def nothing_but_ours(raw: str) -> None:
    """Fail where the person's terminal was told something that only a name can have said."""
    commands = re.findall(r"\x1b\](\d*);?([^\x07\x1b]*)(?:\x07|\x1b\\)", raw)
    assert {number for number, _ in commands} <= {"9", "777"}, commands
    assert all(unicodedata.category(character) not in {"Cc", "Cf"} for _, text in commands for character in text)
    assert "\x1b[31m" not in raw
    assert "\x1b[2J" not in raw


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_name_is_text_on_a_terminal_without_tmux(name: str, folder: Path) -> None:
    alert = called(hostile_names(folder / "touched")[name])
    ours, theirs = os.openpty()

    def write(data: str) -> None:
        os.write(theirs, data.encode())

    try:
        tty.setraw(theirs)
        crier = Crier(
            [Notification(write, {"TERM": "xterm"}, None)],
            SystemClock(),
        )
        await crier.send(alert)
        raw = os.read(ours, 65536).decode()
    finally:
        os.close(ours)
        os.close(theirs)

    assert raw.startswith("\x1b]9;Kiro: ")
    assert re.sub(r"\x1b](9;[^;]*|777;notify;[^;]*;[^;]*)\x07", "", raw) == ""
    nothing_but_ours(raw)
