"""What became of an alert on each of the channels that lead to a person. Pure."""

from dataclasses import dataclass
from enum import StrEnum


class Channel(StrEnum):
    """A way to a person who looks elsewhere; the value is the name of its setting."""

    BELL = "bell"
    TERMINAL = "terminal"
    TMUX = "tmux"
    DESKTOP = "desktop"
    COMMAND = "command"


class Fate(StrEnum):
    """What became of an alert on one channel."""

    SENT = "sent"
    OFF = "off"
    """The person does not want this channel."""
    UNAVAILABLE = "unavailable"
    """There is no such thing here: no tmux, no desktop. Nothing is wrong."""
    FAILED = "failed"
    HELD = "held"
    """It is quiet now; it is sent when the quiet ends."""


@dataclass(frozen=True, slots=True)
class Told:
    """One channel's word on one alert."""

    channel: Channel
    fate: Fate
    text: str
    """How, or why not, and what to do; a sentence without its full stop, already cleaned."""
