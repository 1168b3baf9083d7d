"""A recording as values: the programs that were run for one question, what was said, and what came of it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from io import BytesIO
from typing import Any

from kiro_tui.domain.frame import Frame
from kiro_tui.domain.state import Way
from kiro_tui.domain.text import disguise
from kiro_tui.probe.memory import Lessons
from kiro_tui.probe.process.child import Ending, Size
from kiro_tui.probe.terminal.terminal import Terminal

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Chunk:
    """Bytes that passed at once."""

    at: float
    """Seconds since the program was started."""
    data: bytes
    """Empty where kiro-cli said that it will say no more."""
    told: bool = False
    """Whether we wrote it, and kiro-cli did not."""


@dataclass(frozen=True, slots=True)
class Run:
    """One program that was run."""

    argv: tuple[str, ...]
    at: float
    """Seconds since the question was asked."""
    terminal: Size | None
    """None where it ran on pipes."""
    seconds: float
    """Its time limit."""
    chunks: tuple[Chunk, ...]
    ending: Ending

    @property
    def said(self) -> bytes:
        """Everything that it wrote."""
        return b"".join(chunk.data for chunk in self.chunks if not chunk.told)

    @property
    def told(self) -> bytes:
        """Everything that was written to it."""
        return b"".join(chunk.data for chunk in self.chunks if chunk.told)

    def frame(self) -> Frame:
        """Return the last screen that it drew; one that it cleared as it left is none."""
        terminal = Terminal(self.terminal or Size())
        terminal.feed(self.said)
        last = terminal.frame()
        return last if last.text.strip() else self._last_drawn() or last

    def _last_drawn(self) -> Frame | None:
        terminal, last = Terminal(self.terminal or Size()), None
        for chunk in self.chunks:
            if not chunk.told and not terminal.exhausted:
                terminal.feed(chunk.data)
                frame = terminal.frame()
                last = frame if frame.text.strip() else last
        return last


@dataclass(frozen=True, slots=True)
class Recording:
    """One question, from what was known before it to what came of it."""

    kiro_tui: str
    """The version that made it."""
    kiro_cli: str | None
    recorded_at: datetime
    masked: bool
    ways: tuple[Way, ...]
    timeout: float
    learned: Lessons
    """What was known of that kiro-cli before; a settled way is that of the account as it stands in here."""
    runs: tuple[Run, ...]
    outcome: Document
    """What was read then, as `outcome_document` says it."""


def disguised_run(run: Run, names: frozenset[str]) -> Run:
    """Return the run with secrets disguised in both directions, cut into the same chunks."""
    said, told = (BytesIO(_disguised(data, names)) for data in (run.said, run.told))
    chunks = (replace(each, data=(told if each.told else said).read(len(each.data))) for each in run.chunks)
    return replace(run, argv=tuple(disguise(word, names) for word in run.argv), chunks=tuple(chunks))


def _disguised(data: bytes, names: frozenset[str]) -> bytes:
    return disguise(data.decode(errors="surrogateescape"), names).encode(errors="surrogateescape")


def disguised_document(content: Any, names: frozenset[str]) -> Any:  # noqa: ANN401 - whatever JSON may hold
    """Return a JSON value with secrets disguised in every text of it."""
    if isinstance(content, str):
        return disguise(content, names)
    if isinstance(content, Mapping):
        return {key: disguised_document(value, names) for key, value in content.items()}
    return [disguised_document(value, names) for value in content] if isinstance(content, list) else content
