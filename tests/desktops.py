"""Desktops for tests: a real session bus, with Debian's notification daemon on it or one that a test plays itself."""

import asyncio
import os
import re
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from dbus_fast import Message, MessageType
from dbus_fast.aio import MessageBus
from installed import needs
from waiting import PATIENCE

NAME, PATH = "org.freedesktop.Notifications", "/org/freedesktop/Notifications"
DAEMON = Path("/usr/lib/notification-daemon/notification-daemon")

needs_bus = needs("dbus-run-session")
needs_daemon = needs("dbus-run-session", "Xvfb", "notification-daemon")


@contextmanager
def session(*command: str, **environment: str) -> Iterator[str]:
    """Give the address of a session bus, with this notification server on it and ready."""
    ping = f"dbus-send --print-reply --dest={NAME} {PATH} org.freedesktop.DBus.Peer.Ping"
    ready = f"for n in $(seq 200); do {ping} && break; sleep 0.05; done > /dev/null 2>&1"
    server = f"{' '.join(command)} & {ready}; trap 'kill $!; wait' EXIT;" if command else ""
    script = f'{server} echo "$DBUS_SESSION_BUS_ADDRESS"; cat'
    with subprocess.Popen(
        ["dbus-run-session", "--", "sh", "-c", script],
        env={"PATH": os.environ["PATH"], "HOME": "/nowhere", **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout
        try:
            yield process.stdout.readline().strip()
        finally:
            process.communicate(timeout=PATIENCE)  # which ends `cat`, and so the session


@contextmanager
def display() -> Iterator[str]:
    """Give the name of an X display that nobody sees."""
    argv = ["Xvfb", "-displayfd", "1", "-screen", "0", "640x480x24", "-nolisten", "tcp"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout
        try:
            yield f":{process.stdout.readline().strip()}"
        finally:
            process.terminate()


@contextmanager
def debian() -> Iterator[str]:
    """Give the address of a session bus with Debian's notification daemon on it."""
    with display() as name, session(str(DAEMON), DISPLAY=name, NO_AT_BRIDGE="1") as address:
        yield address


@dataclass
class Server:
    """A notification server that a test plays: notes what it is to show, or does what is wrong with it."""

    abilities: tuple[str, ...] = ("body", "body-markup")
    refuses: bool = False
    hangs: bool = False
    shown: list[tuple[str, str, int]] = field(default_factory=list)
    """Title, text and urgency."""

    def answer(self, message: Message) -> Message | bool:
        """Answer a call; True is no answer."""
        if message.interface != NAME:
            return False
        if self.hangs:
            return True
        if message.member == "GetServerInformation":
            return Message.new_method_return(message, "ssss", ["Played\x1b[31m", "tests", "1.0", "1.2"])
        if message.member == "GetCapabilities":
            return Message.new_method_return(message, "as", [[*self.abilities]])
        if self.refuses:
            return Message.new_error(message, f"{NAME}.Error.ExcessNotifications", "too \x1bmany")
        assert (message.member, message.signature) == ("Notify", "susssasa{sv}i")
        app, replaces, icon, title, text, actions, hints, timeout = message.body
        assert (app, replaces, icon, actions, timeout) == ("kiro-tui", 0, "", [], -1)
        self.shown.append((title, text, hints["urgency"].value))
        return Message.new_method_return(message, "u", [len(self.shown)])


@asynccontextmanager
async def played(server: Server) -> AsyncIterator[str]:
    """Give the address of a session bus with this server on it."""
    with session() as address:
        bus = await MessageBus(bus_address=address).connect()
        bus.add_message_handler(server.answer)
        await bus.request_name(NAME)
        try:
            yield address
        finally:
            bus.disconnect()
            await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]  # the library leaves it untyped


class Monitor:
    """Sees all that is said on a bus about notifications."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout
        self._lines = process.stdout

    async def until(self, *texts: str, within: float = 20) -> str:
        """Return what was said up to a message that holds all of the texts."""
        seen, last = "", ""
        async with asyncio.timeout(within):
            while not all(text in last for text in texts):
                line = (await self._lines.readline()).decode()
                assert line, f"the bus ended after:\n{seen}"
                last = last + line if line.startswith(" ") else line
                seen += line
        return seen

    async def notification(self) -> tuple[str, int]:
        """Return the next notification as it was sent, and the number that the server gave it."""
        call = (await self.until("member=Notify\n")).splitlines(keepends=True)[-1]
        sender, serial = re.findall(r"sender=(\S+) .* serial=(\d+)", call)[0]
        said = await self.until("method return", f"destination={sender} ", f"reply_serial={serial}\n", "   uint32 ")
        return call + said, int(said.split()[-1])


@asynccontextmanager
async def monitor(address: str) -> AsyncIterator[Monitor]:
    """Lend one that sees everything from now on."""
    argv = ("dbus-monitor", "--address", address, f"interface='{NAME}'", "type='method_return'")
    process = await asyncio.create_subprocess_exec(*argv, stdout=asyncio.subprocess.PIPE)
    try:
        seeing = Monitor(process)
        await seeing.until("member=NameLost")  # which is how a connection becomes a monitor
        yield seeing
    finally:
        process.terminate()
        await process.wait()


async def close(address: str, number: int) -> None:
    """Have the server take a notification off the screen."""
    bus = await MessageBus(bus_address=address).connect()
    reply = await bus.call(
        Message(destination=NAME, path=PATH, interface=NAME, member="CloseNotification", signature="u", body=[number])
    )
    bus.disconnect()
    await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]  # the library leaves it untyped
    assert reply
    assert reply.message_type is MessageType.METHOD_RETURN, reply.body
