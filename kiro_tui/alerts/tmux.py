"""The tmux that we run in: what it lets through to the terminals around it, and a message in its status line.

tmux is asked by its own program, never through a shell. It takes a message for a *format*, in which `#(…)` runs a
command and `%H` is the hour: every `#` and `%` is doubled, and that is what this module must never forget.

While a message is shown, another one would take its place, and a tmux before 3.6 draws nothing else on that terminal
and lets nothing through to it: whoever wants something of tmux waits for its turn.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from kiro_tui.alerts.programs import Programs
from kiro_tui.clock import Clock
from kiro_tui.domain.alerts import Alert
from kiro_tui.domain.text import clean
from kiro_tui.domain.told import Channel, Fate, Told

LIMIT = 5.0
"""Seconds for one run of tmux."""
SHOWN = 4.0
"""Seconds; tmux's own 0.75 are over before anybody has looked down. A key ends it."""
LONGEST = 200
_SHOWS_FOR = (3, 2)
"""The first tmux that can be told how long to show a message."""
_PANE = "#{version} #{session_id} #{window_active} #{?window_zoomed_flag,#{pane_active},1} #{allow-passthrough}"
_DRAWS_ON = (3, 6)
"""The first tmux that can draw on under a message."""
_AS_A_FLAG = {"0": "off", "1": "on"}
"""tmux 3.3 knows only these two and says them so."""
_CLIENT = "#{client_name} #{session_id} #{client_termname} #{client_termtype}"


class TmuxFailed(Exception):
    """tmux did not do what it was asked; the message says why."""


@dataclass(frozen=True, slots=True)
class Client:
    """A terminal that shows one of this tmux's sessions."""

    name: str
    session: str
    terminal: str
    """What it is: `xterm-256color iterm2 3.5`, in lower case."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What there is around our pane."""

    version: tuple[int, int]
    session: str
    seen: bool
    """Whether our window is the one that is looked at, and our pane not hidden by another one's zoom."""
    passes: str
    """`off`, `on` (while the pane is seen), `all`; empty in a tmux before 3.3, which does as with `on`."""
    clients: tuple[Client, ...]

    @property
    def around_us(self) -> tuple[Client, ...]:
        """The terminals that show our session."""
        return tuple(client for client in self.clients if client.session == self.session)


class Tmux:
    """The tmux that `TMUX` names."""

    def __init__(self, programs: Programs, clock: Clock, shown: float = SHOWN) -> None:
        """Messages are `shown` for so many seconds."""
        self._programs = programs
        self._clock = clock
        self._shown = shown
        self._turn = asyncio.Lock()
        self._free_at = clock.monotonic()
        pane = programs.environment.get("TMUX_PANE")
        self._target = ("-t", pane) if pane else ()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait until nobody else wants something of tmux and no message of ours is shown any more."""
        async with self._turn:
            if (left := self._free_at - self._clock.monotonic()) > 0:
                await self._clock.sleep(left)
            yield

    async def look(self) -> Surroundings:
        """Return what is around us; raises TmuxFailed."""
        argv = ("display-message", "-p", *self._target, "--", _PANE, ";", "list-clients", "-F", _CLIENT)
        pane, *clients = (await self._run(*argv)).splitlines() or [""]
        try:
            version, session, active, unhidden, passes = pane.split(" ")
        except ValueError as error:
            raise TmuxFailed(f"gave an answer that is not known: {clean(pane)}") from error
        return Surroundings(
            version=_version(version),
            session=session,
            seen="0" not in {active, unhidden},
            passes=_AS_A_FLAG.get(passes, passes),
            clients=tuple(Client(name, session, clean(more).lower()) for name, session, more in map(_fields, clients)),
        )

    async def show(self, text: str, around: Surroundings) -> None:
        """Show a text in the status line of all terminals; raises TmuxFailed."""
        how = ["-d", f"{self._shown * 1000:.0f}"] if around.version >= _SHOWS_FOR else []
        how += ["-C"] if around.version >= _DRAWS_ON else []
        argv: list[str] = []
        for client in around.clients:
            argv += ["display-message", "-c", client.name, *how, "--", escaped(text), ";"]
        await self._run(*argv[:-1])
        self._free_at = self._clock.monotonic() + self._shown

    async def _run(self, *argv: str) -> str:
        ran = await self._programs.run(("tmux", *argv), LIMIT)
        if ran.trouble:
            raise TmuxFailed(ran.trouble)
        return ran.output


def _version(text: str) -> tuple[int, int]:
    found = re.search(r"([0-9]+)\.([0-9]+)", text)
    return (int(found[1]), int(found[2])) if found else _SHOWS_FOR


def _fields(line: str) -> tuple[str, str, str]:
    name, _, rest = line.partition(" ")
    session, _, more = rest.partition(" ")
    return name, session, more


def escaped(text: str) -> str:
    """Return a text of one line as tmux must be given it, so that it shows just that."""
    literal = text.replace("#", "##").replace("%", "%%")
    return literal[:-1] + r"\;" if literal.endswith(";") else literal  # else it would end the command


class TmuxMessage:
    """Shows alerts in the status line of every terminal on our tmux, whichever of its sessions it shows."""

    channel = Channel.TMUX

    def __init__(self, tmux: Tmux | None) -> None:
        """None where we do not run in one."""
        self._tmux = tmux

    async def send(self, alert: Alert) -> Told:
        """Show it."""
        if self._tmux is None:
            return Told(self.channel, Fate.UNAVAILABLE, "not in tmux")
        try:
            async with self._tmux.turn():
                around = await self._tmux.look()
                if not around.clients:
                    return Told(self.channel, Fate.UNAVAILABLE, "nobody is attached to tmux")
                await self._tmux.show(clean(f"Kiro: {alert.title}. {alert.text}", LONGEST), around)
        except TmuxFailed as error:
            return Told(self.channel, Fate.FAILED, f"tmux {error}")
        count = len(around.clients)
        return Told(self.channel, Fate.SENT, "in the status line" + (f" of {count} terminals" if count > 1 else ""))
