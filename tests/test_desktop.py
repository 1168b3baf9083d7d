"""Desktop notifications, on a real session bus: with Debian's notification daemon, and with servers that misbehave."""

import re
import socket
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import desktops
import hostile
import pytest
from channels import USED
from desktops import Server, close, debian, monitor, needs_bus, needs_daemon, played

from kiro_tui.alerts import desktop
from kiro_tui.alerts.desktop import Desktop, DesktopFailed, NoDesktop
from kiro_tui.commands.examination import look_around, look_at_desktop
from kiro_tui.domain.alerts import Severity
from kiro_tui.domain.checkup import Checkup, Found, Notifications
from kiro_tui.domain.told import Channel, Fate, Told
from kiro_tui.errors import NotInstalled
from kiro_tui.output.checkup import document, surroundings_text


@pytest.fixture(autouse=True)
def _nothing_is_left() -> Iterator[None]:
    before = hostile.descriptors()
    yield
    # The event loop that pytest closes after us is part of both numbers.
    assert hostile.descriptors() <= before


def at(address: str, system: str = "linux") -> Desktop:
    return Desktop({"DBUS_SESSION_BUS_ADDRESS": address}, system)


@needs_daemon
async def test_a_notification_is_seen_arriving_on_a_real_desktop() -> None:
    with debian() as address:
        async with monitor(address) as seen:
            told = await at(address).send(replace(USED, title="<b>90%</b> used", text="<b>1800</b> & more"))
            said, number = await seen.notification()
            await close(address, number)
            await seen.until("member=NotificationClosed", f"uint32 {number}", "uint32 3")

    assert told.fate is Fate.SENT
    assert re.fullmatch(r"to Notification Daemon \d+\.\d+\.\d+", told.text)
    assert 'string "Kiro: <b>90%</b> used"' in said
    assert 'string "&lt;b&gt;1800&lt;/b&gt; &amp; more"' in said


@needs_bus
@pytest.mark.parametrize(
    ("abilities", "text"),
    [(("body", "body-markup"), "&lt;b&gt; &amp;amp;"), (("body",), "<b> &amp;"), ((), "<b> &amp;")],
)
async def test_the_text_is_markup_only_for_a_server_that_takes_it_for_markup(
    abilities: tuple[str, ...], text: str
) -> None:
    server = Server(abilities)
    async with played(server) as address:
        told = await at(address).send(replace(USED, text="<b> &amp;"))

    assert told == Told(Channel.DESKTOP, Fate.SENT, "to Played[31m 1.0")
    assert server.shown == [("Kiro: 90% used", text, 2)]


@needs_bus
@pytest.mark.parametrize(("severity", "urgency"), [(Severity.INFO, 0), (Severity.WARNING, 1), (Severity.CRITICAL, 2)])
async def test_what_matters_more_is_more_urgent(severity: Severity, urgency: int) -> None:
    server = Server()
    async with played(server) as address:
        await at(address).send(replace(USED, severity=severity))

    assert server.shown[0][2] == urgency


@needs_bus
async def test_a_server_that_refuses_has_failed() -> None:
    async with played(Server(refuses=True)) as address:
        told = await at(address).send(USED)

    assert told == Told(Channel.DESKTOP, Fate.FAILED, "it was refused: too many")


@needs_bus
async def test_a_server_that_does_not_answer_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desktop, "LIMIT", 0.2)
    async with played(Server(hangs=True)) as address:
        told = await at(address).send(USED)

    assert told == Told(Channel.DESKTOP, Fate.FAILED, "no answer in time")


@needs_bus
async def test_a_bus_without_a_server_shows_none_and_nothing_is_wrong() -> None:
    with desktops.session() as address:
        told = await at(address).send(USED)

    assert (told.fate, told.text.split(";")[0]) == (Fate.UNAVAILABLE, "nothing on this desktop shows notifications")


@pytest.mark.parametrize(
    "address", ["unix:path=/nowhere/bus", "nonsense", "unix:path=/a b", "tcp:host=127.0.0.1,port=1"]
)
async def test_an_address_that_leads_nowhere_has_failed(address: str) -> None:
    told = await at(address).send(USED)

    assert told.fate is Fate.FAILED
    assert told.text.startswith("the session bus cannot be used: ")


async def test_a_bus_that_hangs_up_has_failed(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "bus"))
        listening.listen()
        listening.shutdown(socket.SHUT_RD)
        told = await at(f"unix:path={tmp_path}/bus").send(USED)

    assert told.fate is Fate.FAILED


@needs_bus
async def test_the_usual_place_of_the_bus_is_known(tmp_path: Path) -> None:
    server = Server()
    async with played(server) as address:
        place = re.search(r"path=([^,]+)", address)
        assert place
        (tmp_path / "bus").symlink_to(place[1])
        told = await Desktop({"XDG_RUNTIME_DIR": str(tmp_path)}).send(USED)

    assert told.fate is Fate.SENT


@pytest.mark.parametrize(
    ("environment", "system", "why"),
    [
        ({}, "linux", "no desktop session here"),
        ({"XDG_RUNTIME_DIR": "/nowhere"}, "linux", "no desktop session here"),
        ({"DBUS_SESSION_BUS_ADDRESS": "unix:path=/x"}, "darwin", "macOS shows none"),
    ],
)
async def test_where_there_is_no_desktop_it_is_said(environment: dict[str, str], system: str, why: str) -> None:
    told = await Desktop(environment, system).send(USED)

    assert told.fate is Fate.UNAVAILABLE
    assert told.text.startswith(why)


async def test_without_the_extra_it_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in [name for name in sys.modules if name.split(".")[0] == "dbus_fast"]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "dbus_fast", None)
    told = await at("unix:path=/x").send(USED)

    assert told == Told(Channel.DESKTOP, Fate.UNAVAILABLE, "not installed; uv tool install 'kiro-tui[desktop]'")


@needs_bus
async def test_a_look_says_who_would_show_it() -> None:
    async with played(Server()) as address:
        assert str(await at(address).look()) == "Played[31m 1.0"

    with pytest.raises(NoDesktop):
        await Desktop({}, "linux").look()
    with pytest.raises(DesktopFailed):
        await at("unix:path=/nowhere").look()


@pytest.mark.parametrize(
    ("found", "row"),
    [
        (Notifications(server="Dunst 1.9"), "desktop     alerts are shown by Dunst 1.9"),
        (Notifications(why_not="no bus"), "desktop     no alerts: no bus"),
    ],
)
def test_doctor_says_what_there_is(found: Notifications, row: str) -> None:
    around = replace(look_around({}, None), desktop=found)

    assert row in surroundings_text(around, 80).splitlines()
    assert document(Checkup(around, Found(), obstacle=NotInstalled("x")), show_email=False)["desktop"] == {
        "server": found.server,
        "why_not": found.why_not,
    }


@needs_bus
async def test_doctor_looks_at_the_desktop() -> None:
    async with played(Server()) as address:
        found = await look_at_desktop({"DBUS_SESSION_BUS_ADDRESS": address})

    assert found == Notifications(server="Played[31m 1.0")
    assert (await look_at_desktop({})).why_not == "no desktop session here (no session bus)"
