"""The few lines that matter out of a file of any length.

A session of engine v3 is megabytes of conversation with a line of a few hundred bytes about usage here and there.
Lines are found by a search for their names, and no other line is decoded. Memory is bounded whatever the file holds.
"""

import os
from collections.abc import Iterator

USAGE = b'"usage_summary"'
"""Within a text of the conversation its second quote would be written as `\\"`, so that only a value is found."""
END = b'"turn_end"'
MODEL = b'"reasoningModelId"'
NEEDLES = (USAGE, END, MODEL)
BLOCK = 1 << 20
LONGEST_LINE = 4 << 20
"""Bytes; longer ones are passed over. A line may have six megabytes of pictures (docs/kiro-cli.md, section 7), and
that is a loss only where it is one about usage."""


class NotableLines:
    """Iterates over the notable lines from `start` to `end`, each with the place behind it.

    The fields hold after the last line.
    """

    def __init__(self, descriptor: int, start: int, end: int) -> None:
        self._descriptor = descriptor
        self._position = start
        self._end = end
        self._passing = False  # inside a line that is too long
        self._has_usage = False  # what is passed is about usage
        self._seam = b""  # the end of what was passed last: a needle may lie across two blocks
        self.rest = b""
        """What stands behind the last line break: a line that is unfinished, or whose break is missing."""
        self.too_long = 0
        """The lines about usage that were too long."""
        self.passed = start
        """Behind the last of these."""

    @property
    def unfinished(self) -> bool:
        """Whether something about usage stands behind the last line break, or is still to be told from other lines."""
        return self._passing or bool(self.rest.strip())

    def __iter__(self) -> Iterator[tuple[bytes, int]]:
        while block := self._next_block():
            if self._passing:
                block = self._passed(block)
            at = self._position - len(block)
            begins, ends = block.find(b"\n") + 1, block.rfind(b"\n") + 1
            if begins:
                begun = self.rest + block[:begins]
                yield from _notable(begun, 0, len(begun), at + begins - len(begun))
                yield from _notable(block, begins, ends, at)
                self.rest = block[ends:]
            else:
                self.rest += block
            if len(self.rest) > LONGEST_LINE:
                self._has_usage, self._seam = USAGE in self.rest, self.rest[1 - len(USAGE) :]
                self.rest = b""
                self._passing = True

    def _next_block(self) -> bytes:
        block = os.pread(self._descriptor, min(BLOCK, self._end - self._position), self._position)
        self._position += len(block)
        return block

    def _passed(self, block: bytes) -> bytes:
        """Return what stands behind the line that is too long."""
        line, line_break, behind = block.partition(b"\n")
        self._has_usage = self._has_usage or USAGE in self._seam + line
        self._seam = line[1 - len(USAGE) :]
        if line_break:
            self._passing = False
            if self._has_usage:
                self.too_long += 1
                self.passed = self._position - len(behind)
        return behind


def _notable(block: bytes, begin: int, end: int, offset: int) -> Iterator[tuple[bytes, int]]:
    """Yield the lines that have one of the needles; `offset` is where the block stands in the file."""
    found: list[int] = []
    for needle in NEEDLES:
        at = block.find(needle, begin, end)
        while at >= 0:
            found.append(at)
            at = block.find(needle, at + len(needle), end)
    line_end = -1
    for at in sorted(found):
        if at > line_end:
            line_end = block.find(b"\n", at, end)
            yield block[block.rfind(b"\n", begin, at) + 1 or begin : line_end], offset + line_end + 1
