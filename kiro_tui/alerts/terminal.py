"""The terminal itself: its bell, and the notifications that many terminals show for an escape sequence.

Two sequences are in use, OSC 9 (one text) and OSC 777 (title and body). Nobody can ask a terminal which it knows, and
what it does not know it leaves out; so both are sent, but only the richer to those that would show both. OSC 9 is also
ConEmu's for other things, from progress bars to running programs, told apart by a number at its start: our text starts
with a name.

Must never write anything but one whole sequence, in which there is no control character and no `;` but our own.
"""

from collections.abc import Callable, Mapping

from kiro_tui.alerts.tmux import Surroundings, Tmux, TmuxFailed
from kiro_tui.domain.alerts import Alert
from kiro_tui.domain.text import clean
from kiro_tui.domain.told import Channel, Fate, Told

Write = Callable[[str], None]
"""Writes to the terminal; raises OSError where it takes nothing."""

LONGEST_TITLE = 80
LONGEST_TEXT = 240
SHOW_BOTH = ("foot", "ghostty", "kitty", "warp", "wezterm")
"""Terminals that know both sequences, by a part of the name that they give themselves."""
SHOW_NONE = ("linux", "dumb", "vt100", "vt220")
PASSES_ALL = (3, 4)
"""The first tmux that can let sequences through from a window that is not looked at."""
_NO_TERMINAL = "no terminal here"


class Bell:
    """Rings the terminal's bell once; tmux marks the window for it."""

    channel = Channel.BELL

    def __init__(self, write: Write | None) -> None:
        """None where there is no terminal."""
        self._write = write

    async def send(self, alert: Alert) -> Told:  # noqa: ARG002 - a bell says the same for all
        """Ring."""
        if self._write is None:
            return Told(self.channel, Fate.UNAVAILABLE, _NO_TERMINAL)
        return _written(self.channel, self._write, "\a", "rang once")


class Notification:
    """Has the terminal show a notification."""

    channel = Channel.TERMINAL

    def __init__(self, write: Write | None, environment: Mapping[str, str], tmux: Tmux | None) -> None:
        """`write` is None where there is no terminal, `tmux` where we do not run in one."""
        self._write = write
        self._environment = environment
        self._tmux = tmux

    async def send(self, alert: Alert) -> Told:
        """Write the sequences, where something can come of it."""
        if self._write is None:
            return Told(self.channel, Fate.UNAVAILABLE, _NO_TERMINAL)
        if self._tmux is not None:
            return await self._through_tmux(self._tmux, self._write, alert)
        if self._environment.get("STY"):
            return Told(self.channel, Fate.UNAVAILABLE, "not sent through GNU screen")
        names = (self._environment.get("TERM", ""), self._environment.get("TERM_PROGRAM", ""))
        terminal = " ".join(names).lower()
        if self._environment.get("TERM", "dumb") in SHOW_NONE:
            return Told(self.channel, Fate.UNAVAILABLE, "this terminal shows none")
        return _written(self.channel, self._write, *_sequences(alert, terminal))

    async def _through_tmux(self, tmux: Tmux, write: Write, alert: Alert) -> Told:
        try:
            async with tmux.turn():
                around = await tmux.look()
                if refusal := _refusal(around):
                    return Told(self.channel, Fate.UNAVAILABLE, refusal)
                terminals = [client.terminal for client in around.around_us]
                # Where they differ, what one of them would show twice is still better than what one would not show.
                poorest = next((each for each in terminals if not _shows_both(each)), terminals[0])
                sequences, how = _sequences(alert, poorest)
                return _written(self.channel, write, passed_through(sequences), f"{how}, through tmux")
        except TmuxFailed as error:
            return Told(self.channel, Fate.FAILED, f"tmux {error}")


def _refusal(around: Surroundings) -> str | None:
    """Return why tmux would let nothing through; None where it will."""
    if not around.around_us:
        return "nobody is attached to this tmux session"
    widest = "all" if around.version >= PASSES_ALL else "on"
    if around.passes == "off":
        return f"tmux lets none through; in ~/.tmux.conf: set -g allow-passthrough {widest}"
    if around.passes != "all" and not around.seen:
        advice = "; in ~/.tmux.conf: set -g allow-passthrough all" if widest == "all" else " before version 3.4"
        return f"tmux lets none through from a hidden window{advice}"
    return None


def _shows_both(terminal: str) -> bool:
    return any(name in terminal for name in SHOW_BOTH)


def _sequences(alert: Alert, terminal: str) -> tuple[str, str]:
    """Return what is to be written for this terminal, and how it is called."""
    title, text = _word(f"Kiro: {alert.title}", LONGEST_TITLE), _word(alert.text, LONGEST_TEXT)
    with_title = f"\x1b]777;notify;{title};{text}\a"
    if _shows_both(terminal):
        return with_title, "as OSC 777"
    return f"\x1b]9;{title}. {text}\a{with_title}", "as OSC 9 and OSC 777, for a terminal that knows one"


def _word(text: str, limit: int) -> str:
    return clean(text.replace(";", ","), limit)


def passed_through(sequences: str) -> str:
    """Return the sequences wrapped so that tmux hands them on to the terminal around it."""
    return "\x1bPtmux;" + sequences.replace("\x1b", "\x1b\x1b") + "\x1b\\"


def _written(channel: Channel, write: Write, data: str, how: str) -> Told:
    try:
        write(data)
    except OSError as error:
        return Told(channel, Fate.FAILED, f"the terminal takes nothing: {clean(error.strerror or str(error))}")
    return Told(channel, Fate.SENT, how)
