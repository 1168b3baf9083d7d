"""Reads the few wanted values out of a JSON document of any size, in bounded memory.

A session of engine v2 keeps whole requests with their pictures and may have 40 MiB and more (docs/kiro-cli.md, section
7), of which the turns are a small part. Everything else is passed over by looks for quotes and brackets only, and is
not checked. No library is needed for it: the ones that stream JSON are either slow or compiled.
"""

import os
import re
from collections.abc import Mapping
from typing import Any

from kiro_tui.spend.reasons import Reason, Unreadable
from kiro_tui.spend.values import decode

KEEP = None
"""Stands in a pattern for a value that is wanted as it is."""
Pattern = Mapping[str, Any] | list[Any] | None
"""A mapping for the wanted members of an object, a list with one pattern for the elements of an array, or KEEP."""
BLOCK = 1 << 20
LONGEST_VALUE = 256 << 10
"""Bytes of a value that is wanted as it is; a longer one reads as null."""
MOST_ELEMENTS = 200_000

_BOM = b"\xef\xbb\xbf"
_WHITESPACE = re.compile(rb"[ \t\r\n]*+")
_STRING = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+', re.DOTALL)
"""What stands behind an opening quote, up to the closing one or the end of what was read."""
_NOTABLE = re.compile(rb'["{}\[\]]')
_SCALAR = re.compile(rb"[^,\]}\s\"{\[:]*+")
_OPENING, _CLOSING = b"{[", b"}]"
_QUOTE = 0x22


def read_pruned(descriptor: int, size: int, pattern: Pattern) -> Any:  # noqa: ANN401 - JSON is anything
    """Return the document with nothing but what the pattern wants; raises OSError and Unreadable."""
    return _Reader(descriptor, size).document(pattern)


class _Reader:
    def __init__(self, descriptor: int, size: int) -> None:
        self._descriptor = descriptor
        self._position = 0
        self._end = size
        self._buffer = b""
        self._at = 0
        self._held: int | None = None
        """Where the value begins that must not leave the buffer yet."""

    def document(self, pattern: Pattern) -> Any:  # noqa: ANN401 - JSON is anything
        self._fill()
        if self._buffer.startswith(_BOM):
            self._at = len(_BOM)
        value = self._value(pattern)
        if self._next() is not None:
            raise Unreadable(Reason.DAMAGED_FILE)
        return value

    def _value(self, pattern: Pattern) -> Any:  # noqa: ANN401 - JSON is anything
        first = self._next()
        if isinstance(pattern, Mapping) and first == b"{":
            return self._object(pattern)
        if isinstance(pattern, list) and first == b"[":
            return self._array(pattern[0])
        raw = self._raw()
        # A container in the place of another kind of value is wanted by nobody.
        return decode(raw, Reason.DAMAGED_FILE) if raw is not None and pattern is KEEP else None

    def _object(self, pattern: Mapping[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        self._at += 1
        if self._next() == b"}":
            self._at += 1
            return found
        while True:
            if self._next() != b'"':
                raise Unreadable(Reason.DAMAGED_FILE)
            raw = self._raw()
            key = decode(raw, Reason.DAMAGED_FILE) if raw is not None else None
            self._expect(b":")
            if isinstance(key, str) and key in pattern:
                found[key] = self._value(pattern[key])
            else:
                self._skip()
            if self._expect(b",}") == b"}":
                return found

    def _array(self, pattern: Pattern) -> list[Any]:
        found: list[Any] = []
        self._at += 1
        if self._next() == b"]":
            self._at += 1
            return found
        while True:
            if len(found) >= MOST_ELEMENTS:
                raise Unreadable(Reason.LARGE)
            found.append(self._value(pattern))
            if self._expect(b",]") == b"]":
                return found

    def _raw(self) -> bytes | None:
        """Read a value and return its bytes; None where they are too many."""
        self._next()
        self._held = self._at
        self._skip()
        held, self._held = self._held, None
        return None if held is None or self._at - held > LONGEST_VALUE else self._buffer[held : self._at]

    def _skip(self) -> None:
        """Read a value, however deep it is."""
        first = self._next()
        if first is None:
            raise Unreadable(Reason.DAMAGED_FILE)
        if first == b'"':
            self._at += 1
            self._skip_string()
        elif first in _OPENING:
            self._skip_container()
        else:
            self._skip_scalar()

    def _skip_container(self) -> None:
        depth = 0
        while True:
            found = _NOTABLE.search(self._buffer, self._at)
            if found is None:
                self._at = len(self._buffer)
                self._need_more()
                continue
            self._at = found.end()
            if found[0] == b'"':
                self._skip_string()
                continue
            depth += 1 if found[0] in _OPENING else -1
            if depth == 0:
                return

    def _skip_string(self) -> None:
        """Read to behind the closing quote."""
        while True:
            found = _STRING.match(self._buffer, self._at)
            if found is not None:
                self._at = found.end()
            if self._at < len(self._buffer) and self._buffer[self._at] == _QUOTE:
                self._at += 1
                return
            self._need_more()

    def _skip_scalar(self) -> None:
        begins = self._position - len(self._buffer) + self._at
        while True:
            found = _SCALAR.match(self._buffer, self._at)
            if found is not None:
                self._at = found.end()
            if self._at < len(self._buffer) or not self._fill():
                break
        if self._position - len(self._buffer) + self._at == begins:
            raise Unreadable(Reason.DAMAGED_FILE)

    def _next(self) -> bytes | None:
        """Go to the next byte that is not white space and return it; None at the end."""
        while True:
            found = _WHITESPACE.match(self._buffer, self._at)
            if found is not None:
                self._at = found.end()
            if self._at < len(self._buffer):
                return self._buffer[self._at : self._at + 1]
            if not self._fill():
                return None

    def _expect(self, any_of: bytes) -> bytes:
        found = self._next()
        if found is None or found not in any_of:
            raise Unreadable(Reason.DAMAGED_FILE)
        self._at += 1
        return found

    def _need_more(self) -> None:
        if not self._fill():
            raise Unreadable(Reason.DAMAGED_FILE)

    def _fill(self) -> bool:
        """Read another block; what is done with leaves the buffer."""
        if self._held is not None and self._at - self._held > LONGEST_VALUE:
            self._held = None
        begins = self._at if self._held is None else self._held
        block = os.pread(self._descriptor, min(BLOCK, self._end - self._position), self._position)
        self._position += len(block)
        self._buffer = self._buffer[begins:] + block
        self._at -= begins
        if self._held is not None:
            self._held = 0
        return bool(block)
