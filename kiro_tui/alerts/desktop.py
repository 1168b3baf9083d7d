"""Notifications of the desktop, by its session bus (Linux and other systems with D-Bus).

The library is an extra, `kiro-tui[desktop]`, and is imported when it is first needed. What is about notifications on a
bus is three calls: who shows them, what it can do, and the notification. A server that takes markup gets ours escaped:
must never let a name be markup.

There is none on macOS: only signed applications may show notifications there. The terminal can, or a command.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kiro_tui.domain.alerts import Alert, Severity
from kiro_tui.domain.text import clean
from kiro_tui.domain.told import Channel, Fate, Told

if TYPE_CHECKING:
    from dbus_fast.aio import MessageBus

LIMIT = 5.0
"""Seconds for all of it; a desktop that must start its server first takes one or two."""
LONGEST_TITLE = 100
LONGEST_TEXT = 500
INSTALL = "uv tool install 'kiro-tui[desktop]'"
_NAME, _PATH = "org.freedesktop.Notifications", "/org/freedesktop/Notifications"
_URGENCIES = {Severity.INFO: 0, Severity.WARNING: 1, Severity.CRITICAL: 2}


class NoDesktop(Exception):
    """There is nothing here that shows notifications; the message says why, and what to do."""


class DesktopFailed(Exception):
    """There is something, and it did not take the notification; the message says why."""


@dataclass(frozen=True, slots=True)
class Server:
    """What shows notifications on this desktop."""

    name: str
    version: str
    markup: bool
    """Whether it takes the text for markup."""

    def __str__(self) -> str:
        return f"{self.name} {self.version}".rstrip()


class Desktop:
    """The desktop that the variables lead to."""

    channel = Channel.DESKTOP

    def __init__(self, environment: Mapping[str, str], system: str = sys.platform) -> None:
        self._environment = environment
        self._system = system

    async def send(self, alert: Alert) -> Told:
        """Show it."""
        try:
            async with self._bus() as bus:
                server = await _server(bus)
                await _notify(bus, alert, server)
        except NoDesktop as error:
            return Told(self.channel, Fate.UNAVAILABLE, str(error))
        except DesktopFailed as error:
            return Told(self.channel, Fate.FAILED, str(error))
        return Told(self.channel, Fate.SENT, f"to {server}")

    async def look(self) -> Server:
        """Return what would show it; raises NoDesktop or DesktopFailed."""
        async with self._bus() as bus:
            return await _server(bus)

    @asynccontextmanager
    async def _bus(self) -> "AsyncIterator[MessageBus]":
        """Lend a connection to the session bus, for a limited time."""
        address = self._address()
        try:
            from dbus_fast.aio import MessageBus  # noqa: PLC0415 - an extra, and only for this
            from dbus_fast.errors import DBusFastError  # noqa: PLC0415 - an extra, and only for this
        except ImportError as error:
            raise NoDesktop(f"not installed; {INSTALL}") from error
        try:
            async with asyncio.timeout(LIMIT):
                bus = await MessageBus(bus_address=address).connect()
                try:
                    yield bus
                finally:
                    bus.disconnect()
                    await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]  # the library leaves it untyped
        except TimeoutError as error:
            raise DesktopFailed("no answer in time") from error
        except (OSError, EOFError, DBusFastError) as error:
            raise DesktopFailed(f"the session bus cannot be used: {clean(str(error))}") from error

    def _address(self) -> str:
        if self._system == "darwin":
            raise NoDesktop("macOS shows none for programs like this one; use the terminal's or a command")
        if named := self._environment.get("DBUS_SESSION_BUS_ADDRESS"):
            return named
        usual = Path(self._environment.get("XDG_RUNTIME_DIR", "/nowhere")) / "bus"
        if usual.is_socket():
            return f"unix:path={usual}"
        raise NoDesktop("no desktop session here (no session bus)")


async def _server(bus: "MessageBus") -> Server:
    name, _vendor, version, _ = await _call(bus, "GetServerInformation")
    (abilities,) = await _call(bus, "GetCapabilities")
    return Server(clean(name, 60), clean(version, 20), markup="body-markup" in abilities)


async def _notify(bus: "MessageBus", alert: Alert, server: Server) -> None:
    from html import escape  # noqa: PLC0415 - only for this

    from dbus_fast import Variant  # noqa: PLC0415 - an extra, and only for this

    title, text = clean(f"Kiro: {alert.title}", LONGEST_TITLE), clean(alert.text, LONGEST_TEXT)
    hints: dict[str, Variant] = {"urgency": Variant("y", _URGENCIES[alert.severity])}
    shown = escape(text, quote=False) if server.markup else text
    await _call(bus, "Notify", "susssasa{sv}i", "kiro-tui", 0, "", title, shown, [], hints, -1)


async def _call(bus: "MessageBus", member: str, signature: str = "", *body: object) -> list[Any]:
    from dbus_fast import Message, MessageType  # noqa: PLC0415 - an extra, and only for this

    request = Message(
        destination=_NAME, path=_PATH, interface=_NAME, member=member, signature=signature, body=list(body)
    )
    reply = await bus.call(request)
    if reply is None:
        raise DesktopFailed("the session bus went away")
    if reply.message_type is MessageType.ERROR:
        if reply.error_name == "org.freedesktop.DBus.Error.ServiceUnknown":
            raise NoDesktop("nothing on this desktop shows notifications; install a notification daemon")
        raise DesktopFailed(f"it was refused: {clean(str(reply.body[0] if reply.body else reply.error_name))}")
    return reply.body
