"""The few lines that matter out of a file of any length.

A session of engine v3 is megabytes of conversation with a line of a few hundred bytes about usage here and there.
Lines are found by a search for their name, and no other line is decoded. Memory is bounded whatever the file holds.
"""

import os
from collections.abc import Iterator

NEEDLE = b'"usage_summary"'
"""Within a text of the conversation its second quote would be written as `\\"`, so that only a value is found."""
BLOCK = 1 << 20
LONGEST_LINE = 4 << 20
"""Bytes; longer ones are passed over. Pictures in a conversation may have a megabyte or two."""


class UsageLines:
    """Iterates over the lines about usage from `start` to `end`; the fields hold after the last one."""

    def __init__(self, descriptor: int, start: int, end: int) -> None:
        self._descriptor = descriptor
        self._position = start
        self._end = end
        self._passing = False  # inside a line that is too long
        self.rest = b""
        """What stands behind the last line break: a line that is unfinished, or whose break is missing."""
        self.too_long = 0

    @property
    def unfinished(self) -> bool:
        """Whether something stands behind the last line break."""
        return self._passing or bool(self.rest.strip())

    def __iter__(self) -> Iterator[bytes]:
        while block := self._next_block():
            if self._passing:
                block = self._passed(block)
            begins, ends = block.find(b"\n") + 1, block.rfind(b"\n") + 1
            if begins:
                begun = self.rest + block[:begins]
                yield from _holding_the_needle(begun, 0, len(begun))
                yield from _holding_the_needle(block, begins, ends)
                self.rest = block[ends:]
            else:
                self.rest += block
            if len(self.rest) > LONGEST_LINE:
                self.rest = b""
                self._passing = True

    def _next_block(self) -> bytes:
        block = os.pread(self._descriptor, min(BLOCK, self._end - self._position), self._position)
        self._position += len(block)
        return block

    def _passed(self, block: bytes) -> bytes:
        """Return what stands behind the line that is too long."""
        _, line_break, behind = block.partition(b"\n")
        if line_break:
            self._passing = False
            self.too_long += 1
        return behind


def _holding_the_needle(block: bytes, begin: int, end: int) -> Iterator[bytes]:
    found = block.find(NEEDLE, begin, end)
    while found >= 0:
        line_end = block.find(b"\n", found, end)
        yield block[block.rfind(b"\n", begin, found) + 1 or begin : line_end]
        found = block.find(NEEDLE, line_end, end)
