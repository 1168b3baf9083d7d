"""Cuts what a program writes to its terminal into text, controls and whole sequences.

Pure: bytes in, tokens out, nothing of any screen. It takes any bytes, cut anywhere, and never fails: a sequence comes
out whole or not at all, and nothing of it leaks into the text. It must never lose the text that follows a broken
sequence, so ESC, CAN and SUB end whatever is open, and a line break ends an OSC that nobody ended. For the same
reason the 8-bit introducers (U+0090, U+009B, ...) open nothing: in UTF-8 they come from garbled text.
"""

import codecs
import re
from collections.abc import Callable
from typing import NamedTuple

ESCAPE = "\x1b"
CANCEL = "\x18\x1a"
STRING_END = "\x07\x9c"
LINE_BREAK = "\n\r"

TEXT = re.compile(r"[^\x00-\x1f\x7f-\x9f]+")
CSI_BODY = re.compile(r"[^\x00-\x1f@-\x9f]+")
CSI_GRAMMAR = re.compile(r"([<=>?]?)([0-9:;]*)([ -/]*)")
PAYLOAD = re.compile(r"[^\x07\x18\x1a\x1b\x9c]+")
HEX_DIGITS = frozenset("0123456789abcdefABCDEF")

LONGEST_CSI = 256
LONGEST_COMMAND = 64
PALETTE_DIGITS = 7
LARGEST_NUMBER = 9999


class Text(NamedTuple):
    """Characters to be drawn; how many come in one token depends on how the bytes were cut."""

    text: str


class Control(NamedTuple):
    """One control character, C0 or C1, other than those that begin or end sequences."""

    code: str


class Escape(NamedTuple):
    """ESC and what followed it up to its final character: `7`, `(B`, `#8`."""

    code: str


class ControlSequence(NamedTuple):
    """A CSI sequence; the selector is all of it but the numbers: `H`, `?h`, `!p`, `?$p`."""

    selector: str
    parameters: str
    """Digits, semicolons and colons."""


class Command(NamedTuple):
    """An operating system command (OSC), without its ends; a long one is cut to one character more than we know."""

    text: str


CONTROLS = {char: Control(char) for char in map(chr, (*range(0x20), *range(0x7F, 0xA0)))}

Token = Text | Control | Escape | ControlSequence | Command


def numbers(parameters: str, separator: str = ";") -> list[int]:
    """Return the numbers of a sequence, at least one; a missing one is 0 and a huge one is 9,999."""
    digits = len(str(LARGEST_NUMBER))
    return [
        0 if not field.isdecimal() else int(field) if len(field) <= digits else LARGEST_NUMBER
        for field in parameters.split(separator)
    ]


class Tokenizer:
    """Turns bytes into tokens, and remembers the sequence or the character that a cut went through."""

    def __init__(self) -> None:
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._tokens: list[Token] = []
        self._state: Callable[[str, int], int] = self._ground
        self._held = ""

    def feed(self, data: bytes) -> list[Token]:
        """Return the tokens that these bytes complete."""
        text = self._decode(data)
        at = 0
        while at < len(text):
            if text[at] == ESCAPE:
                self._end_command()
                self._enter(self._escape)
                at += 1
            elif text[at] in CANCEL:
                self._enter(self._ground)
                at += 1
            else:
                at = self._state(text, at)
        tokens, self._tokens = self._tokens, []
        return tokens

    def _enter(self, state: Callable[[str, int], int]) -> None:
        self._state = state
        self._held = ""

    def _end_command(self) -> None:
        if self._state == self._command:
            self._tokens.append(Command(self._held))

    # Each state reads on from a position that is neither ESC nor CAN nor SUB, and returns where it stopped.

    def _ground(self, text: str, at: int) -> int:
        if match := TEXT.match(text, at):
            self._tokens.append(Text(match[0]))
            return match.end()
        self._tokens.append(CONTROLS[text[at]])
        return at + 1

    def _escape(self, text: str, at: int) -> int:
        char = text[at]
        if char < " ":
            self._tokens.append(CONTROLS[char])
        elif char == "[" and not self._held:
            self._enter(self._control_sequence)
        elif char == "]" and not self._held:
            self._enter(self._command_start)
        elif char in "PX^_" and not self._held:
            self._enter(self._payload)
        elif char < "0":
            self._held = self._held[:3] + char
        elif char < "\x7f":
            self._tokens.append(Escape(self._held + char))
            self._enter(self._ground)
        elif char > "\x7f":  # it cannot belong to a sequence, so it is read again as what it is
            self._enter(self._ground)
            return at
        return at + 1

    def _control_sequence(self, text: str, at: int) -> int:
        if match := CSI_BODY.match(text, at):
            self._held += match[0][: LONGEST_CSI + 1 - len(self._held)]
            return match.end()
        char = text[at]
        if "@" <= char <= "~":
            self._end_control_sequence(char)
        elif char != "\x7f":
            self._tokens.append(CONTROLS[char])
        return at + 1

    def _end_control_sequence(self, final: str) -> None:
        match = CSI_GRAMMAR.fullmatch(self._held)
        if match and len(self._held) <= LONGEST_CSI:
            prefix, parameters, intermediates = match.groups()
            self._tokens.append(ControlSequence(prefix + intermediates + final, parameters))
        self._enter(self._ground)

    def _command_start(self, text: str, at: int) -> int:
        # The Linux console has two commands that nothing ends: R, and P with seven digits.
        if text[at] == "R":
            self._enter(self._ground)
            return at + 1
        if text[at] == "P":
            self._enter(self._palette)
            return at + 1
        self._enter(self._command)
        return at

    def _palette(self, text: str, at: int) -> int:
        if text[at] not in HEX_DIGITS:
            self._enter(self._ground)
            return at
        self._held += text[at]
        if len(self._held) == PALETTE_DIGITS:
            self._enter(self._ground)
        return at + 1

    def _command(self, text: str, at: int) -> int:
        if match := TEXT.match(text, at):
            self._held += match[0][: LONGEST_COMMAND + 1 - len(self._held)]
            return match.end()
        if text[at] in LINE_BREAK:
            self._enter(self._ground)
            return at
        if text[at] in STRING_END:
            self._end_command()
            self._enter(self._ground)
        return at + 1

    def _payload(self, text: str, at: int) -> int:
        if match := PAYLOAD.match(text, at):
            return match.end()
        self._enter(self._ground)
        return at + 1
