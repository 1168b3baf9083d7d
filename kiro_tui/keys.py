"""What the dashboard does when asked, by name, and the keys that ask for it.

The one source of bindings, help, palette and hints. A key is written as a person would write it: `r`, `R`, `+`, `f5`,
`ctrl+r`, `space`. Pure, so that the settings can check what is rebound; must never know what a command does.
"""

import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Command:
    """Something that the dashboard does when asked."""

    name: str
    """What the settings call it, and the dashboard's action."""
    does: str
    """What help and palette say of it, in a few words."""
    keys: tuple[str, ...]
    """Unless rebound."""
    hint: str = ""
    """One word for the last row of the page."""


COMMANDS = (
    Command("refresh", "ask kiro-cli now", ("r",), "refresh"),
    Command("pause", "pause, and go on", ("p",)),
    Command("less_often", "ask less often", ("+", "=")),
    Command("more_often", "ask more often", ("-",)),
    Command("history", "history: use by hour, day, month and year", ("h",), "history"),
    Command("spend", "where it went: by project, session, model and day", ("w",), "where"),
    Command("terminal", "the terminal as kiro-cli drew it", ("d",)),
    Command("account_page", "account page in the browser", ("o",)),
    Command("status_page", "status page: the AWS Health Dashboard", ("s",)),
    Command("theme", "next theme", ("t",)),
    Command("snooze", "hold alerts back: for an hour, for eight, no more", ("z",)),
    Command("layout", "next layout: by size, compact, normal, wide", ("l",)),
    Command("save", "save these settings: theme, interval, layout and panels", ("ctrl+s",)),
    Command("palette", "all commands, by name", ("ctrl+p",)),
    Command("help", "help", ("?", "f1"), "help"),
    Command("quit", "quit", ("q",), "quit"),
)
NAMES = tuple(command.name for command in COMMANDS)
NAMED = (
    *("space", "enter", "tab", "backspace", "delete", "insert", "up", "down", "left", "right"),
    *("home", "end", "pageup", "pagedown", *(f"f{number}" for number in range(1, 13))),
)
"""Keys that are not written as one sign."""
FIXED = {"ctrl+c": "quits", "ctrl+q": "quits", "ctrl+z": "suspends", "escape": "goes back"}
"""Keys that always do the same."""
SENT_AS_ANOTHER = {"ctrl+h": "backspace", "ctrl+i": "tab", "ctrl+j": "enter", "ctrl+m": "enter"}
"""What a terminal sends for these cannot be told from the other key."""
EXPECTED = "a key, as in r, R, ?, f5, ctrl+r or space"
_SIGNS = frozenset(string.ascii_letters + string.digits + string.punctuation)


@dataclass(frozen=True, slots=True)
class Keys:
    """Which keys ask for what, after rebinding."""

    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By the command's name; what is not named keeps its keys."""

    def of(self, name: str) -> tuple[str, ...]:
        """Return the keys of a command, the one that is shown first."""
        return self.chosen.get(name) or next(command.keys for command in COMMANDS if command.name == name)

    def first(self, name: str) -> str:
        """Return the key that hints name."""
        return self.of(name)[0]


def problem_of(key: str) -> str:
    """Say what is wrong with a key that a command shall be bound to, or nothing."""
    if key in FIXED:
        return f"{key} always {FIXED[key]}"
    if key in SENT_AS_ANOTHER:
        return f"terminals send {key} as {SENT_AS_ANOTHER[key]}"
    with_ctrl = key.startswith("ctrl+") and len(key) == len("ctrl+a") and key[-1] in string.ascii_lowercase
    return "" if key in _SIGNS or key in NAMED or with_ctrl else f"expected {EXPECTED}"


def clashes(chosen: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield every key that more than one command would have, rebound or not, and the names of these commands."""
    wanted: dict[str, list[str]] = {}
    for name in NAMES:
        for key in dict.fromkeys(Keys(chosen).of(name)):
            wanted.setdefault(key, []).append(name)
    yield from ((key, tuple(names)) for key, names in wanted.items() if len(names) > 1)
