"""The build that one writes first, pexpect alone, so that the tests can show what it does where the real one does not.

A program of its own, because it blocks and leaves processes behind; whoever starts it ends those by their token.

    python naive.py close|expect|lag|read PROGRAM ARGUMENTS…
"""

import asyncio
import sys

import pexpect

ENOUGH = 300_000
"""Bytes after which a reader with a limit would have stopped."""


def _close(argv: list[str]) -> None:
    child = pexpect.spawn(argv[0], argv[1:], echo=False)
    child.expect(b"x|out|done", timeout=60)
    child.close(force=True)


def _expect(argv: list[str]) -> None:
    pexpect.spawn(argv[0], argv[1:], echo=False).expect(pexpect.EOF, timeout=0.1)


async def _lag(argv: list[str]) -> None:
    from campaigns.chaos import LoopLag  # noqa: PLC0415 - only here

    child = pexpect.spawn(argv[0], argv[1:], echo=False)
    with LoopLag() as lag:
        await asyncio.sleep(0)
        child.expect([pexpect.EOF, pexpect.TIMEOUT], timeout=0.5)
        await asyncio.sleep(0)
    child.close(force=True)
    sys.stdout.write(str(lag.worst))


def _read(argv: list[str]) -> None:
    child = pexpect.spawn(argv[0], argv[1:], echo=False)
    received = 0
    while received < ENOUGH:
        received += len(child.read_nonblocking(65536, timeout=60))
    child.close(force=True)
    sys.stdout.write(str(received))


if __name__ == "__main__":
    mode, *program = sys.argv[1:]
    if mode == "lag":
        asyncio.run(_lag(program))
    else:
        {"close": _close, "expect": _expect, "read": _read}[mode](program)
