"""The app's side of a running program: start a warden, stream its bytes, let go.

The program itself hangs on the warden (`warden.py`), a small process of its own that holds the terminal, the
deadline and every descendant. This side never forks, never blocks the event loop, and leaves nothing behind
whatever happens to it: the warden ends everything when its standard input closes. A program whose command grants it
time to leave (`Command.leave_within`) leaves in the background: the reader goes on at once, and the app may end.

There is no task in here that a cancellation could hit, only callbacks of the event loop. Bytes are read when they
are asked for and not before, so what nobody reads waits in the pipe, and then in the program.
"""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from kiro_tui.probe.process.command import Command, End, Ending, Orders, Size
from kiro_tui.probe.process.descendants import Adoption
from kiro_tui.probe.process.folder import remove_if_free
from kiro_tui.probe.process.leaving import leaving

__all__ = ["Child", "Command", "End", "Ending", "Launch", "Size", "launch"]


class Child(Protocol):
    """A running program as its reader sees it."""

    async def read(self, within: float) -> bytes | None:
        """Return the next bytes, b"" at the end of the run, None when nothing came within so many seconds."""
        ...

    def write(self, data: bytes) -> None:
        """Send bytes to the program's input; what a program that never reads would leave waiting is dropped."""
        ...

    async def close(self, *, at_once: bool = False) -> Ending:
        """End the program and all that it started, and say how the run ended; may be repeated.

        A program whose command grants it time to leave is only let go, and leaves in the background; `at_once`
        takes that time away from it.
        """
        ...


Launch = Callable[[Command], AbstractAsyncContextManager[Child]]
"""Start a program, once an earlier run of the same one has left; leaving the context closes it, also when cancelled."""

_SLICE = 4_096
"""Bytes of one read: as much as a terminal screen takes in without the dashboard noticing."""
_WAITING_ORDERS = 65_536
"""So many bytes wait for a warden that does not listen; the rest is dropped."""
_LAST_WORDS = 65_536
_PATIENCE = 6.0
"""Seconds that a warden may take to end everything, beyond the program's time to leave; then it is killed itself."""
_ADOPTING = 2.0
"""Seconds in which what a lost warden left is ended."""
_ADOPTION_STEP = 0.01
_ENDS = frozenset(End)

_START = (
    "import sys; sys.path.insert(0, sys.argv[1]); from kiro_tui.probe.process.warden import main; "
    "del sys.path[0]; main()"
)
"""Isolated (-I), Python does not find a package that runs from its source folder, so it is told where this one is."""
_NEEDED_BY_PYTHON = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
"""Some Pythons do not start without; nothing else of our environment reaches the warden."""

_adoption = Adoption()


@asynccontextmanager
async def launch(command: Command) -> AsyncIterator[Child]:
    """Start a program, once an earlier run of the same one has left; leaving the context closes it."""
    await leaving.wait(command.argv[0])
    child = _start(command)  # without an await, so there is no moment at which it is started and nobody's
    try:
        yield child
    finally:
        await child.close()


def _start(command: Command) -> Child:
    _adoption.prepare()
    try:
        warden = subprocess.Popen(  # noqa: S603 - our own interpreter and our own code
            [sys.executable, "-I", "-X", "utf8", "-c", _START, str(Path(__file__).parents[3])],
            env={name: os.environ[name] for name in _NEEDED_BY_PYTHON if name in os.environ},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            start_new_session=True,
        )
    except OSError as error:
        _adoption.dismiss()
        return _NeverStarted(Ending(End.NOT_STARTED, detail=f"the warden: {error.strerror}"))
    _adoption.expect(warden.pid)
    return _Wardened(warden, Orders(command))


class _NeverStarted:
    """What is left to say where not even a warden could be started."""

    def __init__(self, ending: Ending) -> None:
        self._ending = ending

    async def read(self, within: float) -> bytes | None:  # noqa: ARG002 - there is nothing to wait for
        return b""

    def write(self, data: bytes) -> None:
        pass

    async def close(self, *, at_once: bool = False) -> Ending:  # noqa: ARG002 - there is nothing to end
        return self._ending


class _Wardened:
    """A program under a warden."""

    def __init__(self, warden: "subprocess.Popen[bytes]", orders: Orders) -> None:
        command = orders.command
        self.program, self.discard = command.argv[0], command.discard
        self._in_background = command.leave_within > 0
        self._patience = _PATIENCE + command.leave_within + command.kill_after
        assert warden.stdin and warden.stdout and warden.stderr  # noqa: S101, PT018 - they are pipes
        self._warden = warden
        self._lifeline, self._output, self._report = warden.stdin, warden.stdout, warden.stderr
        for pipe in (self._lifeline, self._output, self._report):
            os.set_blocking(pipe.fileno(), False)
        self._loop = asyncio.get_running_loop()
        self._ending: asyncio.Future[Ending] = self._loop.create_future()
        """How the run ended, once nothing is left of it."""
        self._announced: asyncio.Future[Ending] = self._loop.create_future()
        """The same, as soon as it is known that the run is over; the program may still be leaving."""
        self._reader: asyncio.Future[None] | None = None
        self._impatience: asyncio.TimerHandle | None = None
        self._words = b""
        self._output_ended = False
        self._outbox = bytearray(orders.encode())
        self._loop.add_reader(self._report, self._hear)
        self._flush()

    async def read(self, within: float) -> bytes | None:
        """Return the next bytes, b"" at the end of the run, None when nothing came within so many seconds."""
        if self._output.closed:
            return b""
        self._reader = self._loop.create_future()
        self._loop.add_reader(self._output, _settle, self._reader)
        try:
            async with asyncio.timeout(within):
                await self._reader
            data = b"" if self._output.closed else os.read(self._output.fileno(), _SLICE)
        except TimeoutError:
            return None
        finally:
            if not self._output.closed:
                self._loop.remove_reader(self._output)
        self._output_ended = not data
        return data

    def write(self, data: bytes) -> None:
        """Send bytes to the program's input; what a program that never reads would leave waiting is dropped."""
        if not self._lifeline.closed and len(self._outbox) < _WAITING_ORDERS:
            self._outbox += data
            self._flush()

    def _flush(self) -> None:
        try:
            del self._outbox[: os.write(self._lifeline.fileno(), self._outbox)]
        except BlockingIOError:
            pass
        except BrokenPipeError:  # it is gone, and its report says why
            self._outbox.clear()
        if self._outbox:
            self._loop.add_writer(self._lifeline, self._flush)
        else:
            self._loop.remove_writer(self._lifeline)

    async def close(self, *, at_once: bool = False) -> Ending:
        """End the program and all that it started, and say how the run ended; may be repeated."""
        if at_once and self._warden.returncode is None:
            self._warden.send_signal(signal.SIGUSR1)
        self._let_go()
        return await _undisturbed(self._announced if self._in_background else self._ending)

    def _let_go(self) -> None:
        if self._lifeline.closed:
            return
        self._loop.remove_writer(self._lifeline)
        self._lifeline.close()
        self._loop.remove_reader(self._output)
        self._output.close()
        if self._reader:
            _settle(self._reader)
        if self._ending.done():
            return
        self._impatience = self._loop.call_later(self._patience, self._warden.kill)
        if self._in_background:
            leaving.add(self)
            if not (self._output_ended or self._announced.done()):  # else the warden has said, or is saying, why
                self._announced.set_result(Ending(End.RELEASED))

    @property
    def gone(self) -> "asyncio.Future[Ending]":
        """Done when nothing is left of the program."""
        return self._ending

    def attach(self) -> None:
        """Go on listening on the event loop that runs now, where the one before is closed."""
        if not self._loop.is_closed():
            return
        self._loop = asyncio.get_running_loop()
        self._ending = self._loop.create_future()
        self._impatience = self._loop.call_later(self._patience, self._warden.kill)
        if self._report.closed:
            self._conclude(self._loop.time() + _ADOPTING)
        else:
            self._loop.add_reader(self._report, self._hear)

    def forget(self) -> None:
        """Give up all that we hold of it: the warden goes on by itself."""
        self._report.close()
        self._warden.returncode = 0  # or Python would warn that it is still running, which is intended

    def _hear(self) -> None:
        """Take in what the warden has to say; the end of that is the end of the warden."""
        if data := os.read(self._report.fileno(), _LAST_WORDS):
            self._words = (self._words + data)[-_LAST_WORDS:]
            if self._in_background and not self._announced.done() and (end := _announcement(self._words)):
                self._announced.set_result(Ending(end))
            return
        self._loop.remove_reader(self._report)
        self._report.close()
        self._warden.wait()  # it has closed everything, so it is all but gone: this does not block
        self._conclude(self._loop.time() + _ADOPTING)

    def _conclude(self, until: float) -> None:
        """Settle how it ended; if the warden could not end everything, do that first, in steps."""
        lines = self._words.splitlines() or [b"exit status %d" % self._warden.returncode]
        try:
            ending = Ending.decode(lines[-1])
        except ValueError:
            ending = Ending(End.LOST, detail=lines[-1].decode(errors="replace"), left=1)
        if ending.left:
            left = _adoption.end_orphans(self._warden.pid, root=int(lines[0]) if lines[0].isdigit() else None)
            if left and self._loop.time() < until:
                self._loop.call_later(_ADOPTION_STEP, self._conclude, until)
                return
            ending = replace(ending, left=left)
        _adoption.dismiss(self._warden.pid)
        if self._impatience:
            self._impatience.cancel()
        if self.discard:  # the warden has done it, unless it was lost
            remove_if_free(self.discard)
        leaving.remove(self)
        self._ending.set_result(ending)
        if not self._announced.done():
            self._announced.set_result(ending)


def _announcement(words: bytes) -> End | None:
    """Return why the run is over, where the warden has said so before its report."""
    return next((End(line) for line in words.decode(errors="replace").splitlines() if line in _ENDS), None)


def _settle(waiting: asyncio.Future[None]) -> None:
    if not waiting.done():
        waiting.set_result(None)


async def _undisturbed(future: asyncio.Future[Ending]) -> Ending:
    """Wait for the end of it through any number of cancellations, and let them have their way afterwards."""
    cancellation = None
    while not future.done():
        try:
            await asyncio.wait([future])
        except asyncio.CancelledError as interruption:
            cancellation = interruption
    if cancellation:
        raise cancellation
    return future.result()
