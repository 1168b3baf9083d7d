"""What an interactive chat makes of each key: the input line, the question that may stand in the way, and leaving.

Pure: a key goes in, and what follows from it comes out. Both interfaces, the full-screen one and the classic one,
are this conversation drawn differently.
"""

from dataclasses import dataclass
from enum import StrEnum

COMMANDS = {
    "/agent": "Select or manage agents",
    "/clear": "Clear the conversation",
    "/context": "Show context window usage",
    "/exit": "Quit",
    "/help": "Show the commands",
    "/model": "Select a model",
    "/quit": "Quit",
    "/usage": "Show billing and credits information",
}
LEAVING = {"/quit", "/exit"}
CONTROL_KEYS = {
    b"\033": "escape",
    b"\r": "enter",
    b"\n": "enter",
    b"\x03": "ctrl+c",
    b"\x04": "ctrl+d",
    b"\x15": "ctrl+u",
    b"\x7f": "backspace",
    b"\x08": "backspace",
    b"\t": "tab",
}
SEQUENCE_KEYS = {
    b"\033[A": "up",
    b"\033[B": "down",
    b"\033OA": "up",
    b"\033OB": "down",
    b"\033[13u": "enter",
    b"\033[99;5u": "ctrl+c",
    b"\033[27u": "escape",
}


@dataclass(frozen=True, slots=True)
class Option:
    """One thing that can be chosen."""

    text: str
    harm: str = ""
    """What choosing it does to the machine; empty where it does nothing."""
    leaves: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """Something that wants an answer before anything can be typed; the first option is under the cursor."""

    title: str
    options: tuple[Option, ...]


QUESTIONS = {
    "switch_menu": Question(
        "Kiro CLI 3.0 is here",
        (
            Option("Switch to 3.0 and upgrade my agent configs", harm="default engine changed"),
            Option("Remind me later"),
        ),
    ),
    "trust": Question(
        "Do you trust the files in this folder?",
        (Option("Yes, and remember it", harm="folder trusted"), Option("No, leave", leaves=True)),
    ),
    "first_run": Question(
        "Welcome to Kiro CLI! How do you want to start?",
        (Option("Use the new experience (3.0)", harm="default engine changed"), Option("Not now")),
    ),
}


class Event(StrEnum):
    """What a key may lead to."""

    LEAVE = "leave"
    COMMAND = "command"
    PROMPT = "prompt"
    """The text goes to the model, and costs."""
    HARM = "harm"


class Conversation:
    """Where the conversation stands."""

    def __init__(self, question: Question | None = None) -> None:
        self.question = question
        self.selected = 0
        self.typed = ""
        self.said = ""
        """What the last event is about: the command, the prompt, or the harm."""
        self.hint = ""

    @property
    def completions(self) -> list[str]:
        """The commands that the menu offers for what is typed; the first is under the cursor."""
        if not self.typed.startswith("/"):
            return []
        return [name for name in COMMANDS if name.startswith(self.typed)]

    def press(self, key: str) -> Event | None:
        """Take one key (`a`, `enter`, `ctrl+c`, `down`…) and return what follows from it."""
        armed, self.hint = bool(self.hint), ""
        if self.question:
            return self._answer(key, self.question)
        match key:
            case "enter":
                return self._send()
            case "ctrl+c" if armed:
                return Event.LEAVE
            case "ctrl+c":
                self.typed = ""
                self.hint = "Press Ctrl+C again to exit"
            case "ctrl+d":
                return None if self.typed else Event.LEAVE
            case "backspace":
                self.typed = self.typed[:-1]
            case "ctrl+u":
                self.typed = ""
            case "tab" if self.completions:
                self.typed = self.completions[0]
            case _ if len(key) == 1:
                self.typed += key
        return None

    def _answer(self, key: str, question: Question) -> Event | None:
        match key:
            case "up" | "down":
                self.selected = (self.selected + (1 if key == "down" else -1)) % len(question.options)
            case "enter":
                chosen = question.options[self.selected]
                self.question, self.selected, self.said = None, 0, chosen.harm
                if chosen.leaves:
                    return Event.LEAVE
                return Event.HARM if chosen.harm else None
            case "ctrl+c" | "ctrl+d":
                return Event.LEAVE
            case "escape":
                self.question = None
        return None

    def _send(self) -> Event | None:
        # With the completion menu open, Enter takes what is under its cursor.
        text = self.completions[0] if self.completions else self.typed.strip()
        self.typed, self.said = "", text
        if not text:
            return None
        if text in LEAVING:
            return Event.LEAVE
        return Event.COMMAND if text in COMMANDS else Event.PROMPT


class Keys:
    """Cuts what a terminal sends into keys, and drops its answers to our queries; bytes may come in any pieces."""

    def __init__(self) -> None:
        self._left = b""

    def feed(self, data: bytes) -> list[str]:
        """Return the keys that are complete now."""
        self._left += data
        keys = []
        while self._left:
            length = _token_length(self._left)
            if length == 0:
                break
            token, self._left = self._left[:length], self._left[length:]
            if key := _key(token):
                keys.append(key)
        return keys


def _key(token: bytes) -> str | None:
    if token in SEQUENCE_KEYS or token in CONTROL_KEYS:
        return SEQUENCE_KEYS.get(token) or CONTROL_KEYS[token]
    text = token.decode("utf-8", "replace")
    return text if len(text) == 1 and text.isprintable() else None


def _token_length(data: bytes) -> int:
    """Return the length of the first key or answer, 0 while it is not complete."""
    if data[0] != 0x1B:  # noqa: PLR2004 - ESC
        width = 1 if data[0] < 0xC0 else 2 if data[0] < 0xE0 else 3 if data[0] < 0xF0 else 4  # noqa: PLR2004 - UTF-8
        return width if len(data) >= width else 0
    kind = data[1:2]
    if kind == b"[":
        return next((at + 1 for at in range(2, len(data)) if 0x40 <= data[at] <= 0x7E), 0)  # noqa: PLR2004 - final bytes
    if kind in {b"]", b"P", b"_"}:
        ends = [found + len(end) for end in (b"\007", b"\033\\") if (found := data.find(end, 2)) >= 0]
        return min(ends, default=0)
    if kind == b"O":
        return 3 if len(data) > 2 else 0  # noqa: PLR2004 - ESC O and a letter
    return 1
