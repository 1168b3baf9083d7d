"""A terminal without glass: a program's bytes go in, the replies that it waits for and a Frame come out.

No I/O, no clock. It never raises, whatever the bytes, and a program cannot make it work without end: its bytes,
its work and its replies are counted. Work is counted and not timed, because the result must depend neither on the
machine nor on how the bytes were cut.
"""

from collections.abc import Callable

from kiro_tui.domain.frame import Frame
from kiro_tui.probe.process.child import Size
from kiro_tui.probe.terminal.screen import Screen
from kiro_tui.probe.terminal.sequences import Command, Control, ControlSequence, Escape, Text, Token, Tokenizer, numbers

BYTE_LIMIT = 2 << 20
WORK_LIMIT = 2 * BYTE_LIMIT
"""In characters of plain text; so much of it, in lines of at least a few characters, cannot use it up."""
REPLY_LIMIT = 64

CONTROLS: dict[str, Callable[[Screen], object]] = {
    "\b": Screen.backspace,
    "\t": Screen.tab,
    "\n": Screen.linefeed,
    "\v": Screen.linefeed,
    "\f": Screen.linefeed,
    "\r": Screen.carriage_return,
    "\x85": Screen.next_line,
}
ESCAPES: dict[str, Callable[[Screen], object]] = {
    "7": Screen.save_cursor,
    "8": Screen.restore_cursor,
    "D": Screen.index,
    "E": Screen.next_line,
    "M": Screen.reverse_index,
    "c": Screen.reset,
}
COUNTED: dict[str, Callable[[Screen, int], object]] = {
    "@": Screen.insert_characters,
    "A": Screen.cursor_up,
    "B": Screen.cursor_down,
    "C": Screen.cursor_forward,
    "D": Screen.cursor_back,
    "E": Screen.cursor_down1,
    "F": Screen.cursor_up1,
    "G": Screen.cursor_to_column,
    "I": Screen.tab,
    "L": Screen.insert_lines,
    "M": Screen.delete_lines,
    "P": Screen.delete_characters,
    "S": Screen.scroll_up,
    "T": Screen.scroll_down,
    "X": Screen.erase_characters,
    "Z": Screen.tab_back,
    "`": Screen.cursor_to_column,
    "a": Screen.cursor_forward,
    "b": Screen.repeat,
    "d": Screen.cursor_to_line,
    "e": Screen.cursor_down,
}
"""Sequences whose one number says how often or how far: a missing one and 0 are 1."""

LISTED: dict[str, Callable[[Screen, list[int]], object]] = {
    "H": lambda screen, given: screen.cursor_position(*given[:2]),
    "f": lambda screen, given: screen.cursor_position(*given[:2]),
    "J": lambda screen, given: screen.erase_in_display(given[0]),
    "?J": lambda screen, given: screen.erase_in_display(given[0]),
    "K": lambda screen, given: screen.erase_in_line(given[0]),
    "?K": lambda screen, given: screen.erase_in_line(given[0]),
    "h": lambda screen, given: screen.switch(given, on=True, private=False),
    "l": lambda screen, given: screen.switch(given, on=False, private=False),
    "?h": lambda screen, given: screen.switch(given, on=True, private=True),
    "?l": lambda screen, given: screen.switch(given, on=False, private=True),
    "r": lambda screen, given: screen.set_margins(given[0], given[1] if len(given) > 1 else 0),
    "s": lambda screen, _: screen.save_cursor(),
    "u": lambda screen, _: screen.restore_cursor(),
    "!p": lambda screen, _: screen.soft_reset(),
    "n": lambda screen, given: screen.report_status(given[0]),
    "?n": lambda screen, given: screen.report_status(given[0], "?"),
    "c": lambda screen, given: screen.report_device_attributes(given[0]),
    ">c": lambda screen, _: screen.write_process_input("\x1b[>0;10;1c"),
    "?u": lambda screen, _: screen.write_process_input("\x1b[?0u"),
    "$p": lambda screen, given: screen.write_process_input(f"\x1b[{given[0]};0$y"),
    "?$p": lambda screen, given: screen.write_process_input(f"\x1b[?{given[0]};0$y"),
}
"""All other sequences; a missing number is 0."""

COMMANDS = {
    "10;?": "\x1b]10;rgb:ffff/ffff/ffff\x1b\\",
    "11;?": "\x1b]11;rgb:0000/0000/0000\x1b\\",
}
"""What is answered to a question for the colours: white on black."""


class Terminal:
    """One program's terminal, from its first byte to its last."""

    def __init__(self, size: Size) -> None:
        self._screen = Screen(size.columns, size.rows, work=WORK_LIMIT, replies=REPLY_LIMIT)
        self._tokenizer = Tokenizer()
        self._bytes_left = BYTE_LIMIT
        self._too_long = False

    @property
    def exhausted(self) -> bool:
        """Whether the program wrote or did too much; all that follows is ignored."""
        return self._too_long or self._screen.work_left <= 0

    def feed(self, data: bytes) -> bytes:
        """Take in what the program wrote, cut anywhere; return what to write to the program's input, often nothing."""
        if self.exhausted:
            return b""
        self._too_long = len(data) > self._bytes_left
        tokens = self._tokenizer.feed(data[: self._bytes_left])
        self._bytes_left -= min(len(data), self._bytes_left)
        for token in tokens:
            if self._screen.work_left <= 0:
                break
            self._perform(token)
        replies, self._screen.replies = self._screen.replies, []
        return "".join(replies).encode()

    def _perform(self, token: Token) -> None:
        screen = self._screen
        match token:
            case Text(text):
                screen.draw(text)
            case Control(code):
                if control := CONTROLS.get(code):
                    control(screen)
            case ControlSequence("m", parameters):
                screen.restyle(parameters)
            case ControlSequence(selector, parameters):
                self._perform_sequence(selector, parameters)
            case Escape(code):
                if escape := ESCAPES.get(code):
                    escape(screen)
            case Command(text):
                if reply := COMMANDS.get(text):
                    screen.write_process_input(reply)

    def _perform_sequence(self, selector: str, parameters: str) -> None:
        if ":" in parameters:  # parts of a parameter mean something in colours only
            return
        given = numbers(parameters)
        if counted := COUNTED.get(selector):
            counted(self._screen, given[0] or 1)
        elif listed := LISTED.get(selector):
            listed(self._screen, given)

    def frame(self) -> Frame:
        """Return what a person would see by scrolling all the way up; on the alternate screen there is no up."""
        screen = self._screen
        past = [row.runs for row in screen.scrollback] if screen.main is None else []
        rows = past + [row.runs() for row in screen.buffer]
        while rows and not rows[-1]:
            rows.pop()
        cursor = (min(len(past) + screen.cursor.y, len(rows)), min(screen.cursor.x, screen.columns - 1))
        return Frame(columns=screen.columns, rows=tuple(rows), cursor=cursor)
