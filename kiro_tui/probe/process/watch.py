"""One program's run, as the warden lives it: bytes both ways until there is a reason to end it, then the ending.

Everything waits in one `select`, which also hears signals, so nothing polls. Every buffer has a limit: output that
the app does not take makes the program wait, input that the program does not take is dropped.

Must never block on the program or on the app, and never return before everything below it is gone.
"""

import os
import select
import signal
import time
from contextlib import suppress
from typing import Protocol

from kiro_tui.probe.process import descendants
from kiro_tui.probe.process.command import End, Ending, Orders

_LIFELINE, _OUT, _REPORT = 0, 1, 2
_CHUNK = 65_536
_HELD = 65_536
"""So many bytes of output wait for the app; then the program has to."""
_UNREAD = 4_096
"""So many bytes of input wait for the program; the rest is dropped."""
_DRAIN = 0.3
"""Seconds for last words, where others still hold the terminal of a program that has exited."""
_LAST_DELIVERY = 0.2
"""Seconds for the app to take what is there when the deadline has passed."""
_SHORT = 0.3
"""Seconds that a program gets to leave where its command gives it no longer period, or has lost it."""


class Program(Protocol):
    """The root of what runs, and the ways to talk to it."""

    pid: int
    output: int
    input: int | None

    def end_input(self) -> bool:
        """Ask it to go by ending its input; False where there is no such thing."""
        ...

    def hang_up(self) -> None:
        """Close all that leads to it."""
        ...


class Watch:
    """One program's run: bytes both ways until there is a reason to end it, then the ending."""

    def __init__(
        self, orders: Orders, program: Program, family: descendants.Family, bell: int, early_input: bytes
    ) -> None:
        self._command = orders.command
        self._program, self._family, self._bell = program, family, bell
        now = time.monotonic()
        self._deadline = now + orders.command.seconds
        self._look_at = now + family.look_every
        self._drained_at = float("inf")
        self._for_program = bytearray(early_input)
        self._for_program += (orders.command.text or "").encode()
        self._for_app = bytearray()
        self._received = 0
        self._output_ended = False
        self._quiet = False
        self._wait_status: int | None = None
        self._let_go = False
        self._at_once = False
        for number in (_LIFELINE, _OUT, program.output, program.input):
            if number is not None:
                os.set_blocking(number, False)

    def run(self) -> Ending:
        """Return how it ended, when nothing is left of it."""
        while not (end := self._reason_to_end()):
            self._take_turn()
        self._family.members()  # a look before the politeness, which may make untraceable orphans of some
        if patient := self._command.leave_within > 0 and end in {End.RELEASED, End.DEADLINE}:
            self._deliver_the_rest()
            self._announce(end)
        self._ask_to_go(end, patient=patient)
        self._program.hang_up()
        toll = descendants.end_all(self._family)
        self._note(toll.statuses)
        self._deliver_the_rest()
        code = None if self._wait_status is None else os.waitstatus_to_exitcode(self._wait_status)
        return Ending(
            end,
            status=code if code is not None and code >= 0 else None,
            signal=-code if code is not None and code < 0 else None,
            killed=len(toll.killed),
            left=len(toll.left),
        )

    def _reason_to_end(self) -> End | None:
        now = time.monotonic()
        if self._wait_status is not None and (self._output_ended or (self._quiet and now >= self._drained_at)):
            return End.EXITED
        if self._received > self._command.max_bytes:
            return End.FLOOD
        if self._let_go:
            return End.RELEASED
        return End.DEADLINE if now >= self._deadline else None

    def _take_turn(self) -> None:
        """Wait until something can be done, and do it."""
        program, has_room = self._program, len(self._for_app) < _HELD
        reading, writing = [_LIFELINE, self._bell], []
        if has_room and not self._output_ended:
            reading.append(program.output)
        if self._for_app:
            writing.append(_OUT)
        if program.input is not None and (self._for_program or self._command.text is not None):
            writing.append(program.input)
        until = min(self._deadline, self._look_at, self._drained_at if has_room else self._deadline)
        readable, writable, _ = select.select(reading, writing, (), max(0, until - time.monotonic()))
        self._quiet = has_room and program.output not in readable
        # Writing comes first, so that there is room for what is read next.
        if _OUT in writable:
            self._deliver()
        if program.input in writable:
            self._feed()
        if _LIFELINE in readable:
            self._listen()
        if program.output in readable:
            data = self._read_output()
            self._for_app += data[: self._command.max_bytes - self._received]
            self._received += len(data)
        if self._bell in readable:
            self._answer_bell()
        self._look()

    def _look(self) -> None:
        """Look at the family again where it is time to."""
        if time.monotonic() >= self._look_at:
            self._family.members()
            self._look_at = time.monotonic() + self._family.look_every

    def _deliver(self) -> None:
        try:
            del self._for_app[: os.write(_OUT, self._for_app)]
        except BlockingIOError:
            pass
        except BrokenPipeError:
            self._let_go = True

    def _feed(self) -> None:
        assert self._program.input is not None  # noqa: S101 - it was writable a moment ago
        try:
            del self._for_program[: os.write(self._program.input, self._for_program)]
        except BlockingIOError:
            pass
        except OSError:  # it has closed its end, which it may
            self._for_program.clear()
        if not self._for_program and self._command.text is not None:
            self._program.end_input()

    def _listen(self) -> None:
        with suppress(BlockingIOError):
            if not (data := os.read(_LIFELINE, _UNREAD)):
                self._let_go = True
            self._for_program += data
            del self._for_program[_UNREAD:]

    def _read_output(self) -> bytes:
        try:
            data = os.read(self._program.output, _CHUNK)
        except BlockingIOError:
            return b""
        except OSError:  # how Linux says that nobody holds the terminal any more
            data = b""
        self._output_ended = not data
        return data

    def _answer_bell(self) -> None:
        with suppress(BlockingIOError):
            signals = os.read(self._bell, _CHUNK)
            self._let_go |= signal.SIGTERM in signals
            self._at_once |= signal.SIGUSR1 in signals
        self._note(descendants.reap())

    def _note(self, statuses: dict[int, int]) -> None:
        if self._program.pid in statuses:
            self._wait_status = statuses[self._program.pid]
            self._drained_at = time.monotonic() + _DRAIN

    def _announce(self, end: End) -> None:
        """Tell the app that the run is over, and why, although the program may take its time to leave."""
        with suppress(BrokenPipeError):  # the app is gone
            os.write(_REPORT, f"{end}\n".encode())
        self._for_app.clear()
        os.dup2(_LIFELINE, _OUT)  # closes the output; the number stays taken, so that nothing else is given it

    def _ask_to_go(self, end: End, *, patient: bool) -> None:
        """Give the program the chance to leave in order; what remains of it or its offspring is killed.

        kiro-cli may be storing a new sign-in when it has answered: docs/kiro-cli.md, section 4.
        """
        if patient or end is End.RELEASED:
            input_ended = self._program.end_input()
            period = self._command.leave_within if patient else _SHORT if input_ended else 0.0
            if self._goes_within(period, patient=patient):
                return
            patient = patient and not self._hurried
        if self._wait_status is None:
            for number in (signal.SIGTERM, signal.SIGCONT):  # a stopped program hears the first only after the second
                with suppress(ProcessLookupError, PermissionError):
                    os.killpg(self._program.pid, number)
            self._goes_within(self._command.kill_after if patient else _SHORT, patient=patient)

    @property
    def _hurried(self) -> bool:
        """Whether a program that was given time to leave has lost it: by our order, or because it floods us."""
        return self._at_once or self._received > self._command.max_bytes

    def _goes_within(self, seconds: float, *, patient: bool) -> bool:
        until = time.monotonic() + seconds
        while self._wait_status is None and not (patient and self._hurried) and (now := time.monotonic()) < until:
            reading = [self._bell] if self._output_ended else [self._bell, self._program.output]
            readable = select.select(reading, (), (), max(0, min(until, self._look_at) - now))[0]
            if self._program.output in readable:
                self._received += len(self._read_output())  # for nobody: one that is stuck in writing could not leave
            if self._bell in readable:
                self._answer_bell()
            self._look()
        return self._wait_status is not None

    def _deliver_the_rest(self) -> None:
        until = max(self._deadline, time.monotonic() + _LAST_DELIVERY)
        while self._for_app and not self._let_go and (left := until - time.monotonic()) > 0:
            readable, writable, _ = select.select([_LIFELINE], [_OUT], (), left)
            if writable:
                self._deliver()
            if readable:
                self._listen()
