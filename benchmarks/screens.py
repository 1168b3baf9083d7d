"""When something stood on the screen, worked out from what a program wrote and when."""

from collections.abc import Callable, Iterable

from benchmarks.pane import COLUMNS, ROWS, Chunk
from kiro_tui.probe.process.child import Size
from kiro_tui.probe.terminal.terminal import Terminal

FRAME_CELLS = 10
"""So many cells that can be seen are a frame."""
INPUT_ON = b"\x1b[?1000h"
"""By this a Textual app begins to listen to the terminal; its own first frame follows."""


def first_frame(chunks: Iterable[Chunk]) -> float | None:
    """Return the seconds from the launch to the first painted frame."""
    return _first(chunks, lambda text: sum(not cell.isspace() for cell in text) >= FRAME_CELLS)


def shown(chunks: Iterable[Chunk], text: str) -> float | None:
    """Return the seconds from the launch until the text stood on the screen."""
    return _first(chunks, lambda screen: text in screen)


def listening(chunks: Iterable[Chunk]) -> float | None:
    """Return the seconds from the launch until a Textual app has drawn its own frame and takes keys."""
    written = b""
    for chunk in chunks:
        _, begun, after = (written := written + chunk.data).partition(INPUT_ON)
        if begun and any(line.strip() for line in _text(Terminal(Size(ROWS, COLUMNS)), after)):
            return chunk.at
    return None


def _first(chunks: Iterable[Chunk], holds: Callable[[str], bool]) -> float | None:
    terminal = Terminal(Size(ROWS, COLUMNS))
    for chunk in chunks:
        if holds("\n".join(_text(terminal, chunk.data))):
            return chunk.at
    return None


def _text(terminal: Terminal, data: bytes) -> list[str]:
    terminal.feed(data)
    return terminal.frame().text.splitlines()
