"""A small process of its own that holds one program: its terminal or pipes, its deadline, and all that it starts.

    standard input    one line of orders, then what the program is to read; its end means: end everything
    standard output   the program's bytes, as they are
    standard error    the program's pid; why the run is over, where the program is still leaving then; and last, when
                      nothing is left of it, the report
    SIGUSR1           give the program no time to leave

It is a process, not a thread, because forking a threaded program is unsafe, and because it outlives the app: when
that ends, is killed or stopped, standard input ends or the deadline passes, and the warden ends what it holds: it
gives the program the time to leave that its command grants, and then kills what is left. It has one thread and may
fork plainly. Of pexpect only `spawn` is used, which opens the terminal: its `close`, `isalive` and `expect` sleep,
and wait for ever for a program that closes its terminal and lives on.

Must never wait without a limit, and never leave before everything below it is gone.
"""

import os
import resource
import select
import shlex
import signal
import subprocess
from collections.abc import Callable
from contextlib import suppress
from errno import EACCES, EINVAL, ENOENT
from pathlib import Path
from typing import NoReturn

from kiro_tui.probe.process import descendants
from kiro_tui.probe.process.command import Command, End, Ending, Orders, Size
from kiro_tui.probe.process.folder import remove_if_free
from kiro_tui.probe.process.watch import Program, Watch

_LIFELINE, _REPORT = 0, 2
_CHUNK = 65_536


def main() -> NoReturn:
    """Run one program by the orders on standard input, report, and exit."""
    signal.pthread_sigmask(signal.SIG_SETMASK, ())  # what the app blocks, the program and we would be deaf to
    for harmless in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGPIPE, signal.SIGTSTP):
        signal.signal(harmless, signal.SIG_IGN)
    bell = _bell_for(signal.SIGCHLD, signal.SIGTERM, signal.SIGUSR1)
    line, early_input = _first_line()
    report = Ending(End.RELEASED)
    if line:
        orders = Orders.decode(line)
        if not _app_has_let_go():
            report = _carry_out(orders, early_input, bell)
        if orders.command.discard:
            remove_if_free(orders.command.discard)
    with suppress(BrokenPipeError):  # nobody is left to hear it
        os.write(_REPORT, report.encode())
    os._exit(0)  # without finalizers: nothing may speak after the report, and pexpect's would sleep


def _bell_for(*signals: signal.Signals) -> int:
    """Return a descriptor on which each of these signals arrives as one byte, so that `select` wakes up for it."""
    bell, clapper = os.pipe()
    os.set_blocking(bell, False)
    os.set_blocking(clapper, False)
    signal.set_wakeup_fd(clapper, warn_on_full_buffer=False)
    for number in signals:
        signal.signal(number, lambda _number, _frame: None)
    return bell


def _first_line() -> tuple[bytes, bytes]:
    """Return the line of orders and what came behind it; nothing when the app has let go already."""
    received = b""
    while not (parts := received.partition(b"\n"))[1]:
        if not (data := os.read(_LIFELINE, _CHUNK)):
            return b"", b""
        received += data
    return parts[0], parts[2]


def _app_has_let_go() -> bool:
    lifeline = select.poll()
    lifeline.register(_LIFELINE, 0)  # no event is asked for; a hang-up is told all the same, also behind unread input
    return bool(lifeline.poll(0))


def _carry_out(orders: Orders, early_input: bytes, bell: int) -> Ending:
    inherits = not orders.process_table and descendants.Subreaper.available()

    def family(root: int | None = None) -> descendants.Family:
        return descendants.Subreaper() if inherits else descendants.ProcessTable(root)

    try:
        program = _start(orders.command)
    except _NotStarted as reason:
        descendants.end_all(family())  # a fork that got no further
        return reason.ending
    with suppress(BrokenPipeError):  # the app has just gone: then the watch ends what was started for it
        os.write(_REPORT, b"%d\n" % program.pid)
    return Watch(orders, program, family(program.pid), bell, early_input).run()


class _NotStarted(Exception):
    def __init__(self, detail: str, errno: int | None = None) -> None:
        super().__init__(detail)
        self.ending = Ending(End.NOT_STARTED, detail=detail, errno=errno)


def _start(command: Command) -> Program:
    try:
        os.chdir(command.directory)
    except OSError as error:
        raise _NotStarted(f"{command.directory}: {error.strerror}") from error
    try:
        path = _executable(command)
        return _OnTerminal(path, command, command.terminal) if command.terminal else _OnPipes(path, command)
    except OSError as error:
        raise _NotStarted(os.strerror(error.errno) if error.errno else str(error), error.errno) from error


def _executable(command: Command) -> str:
    """Return the program's path, or raise what the system would: pexpect says the same for every reason."""
    name = command.argv[0]
    if "\0" in name:
        raise OSError(EINVAL, name)
    if "/" in name:
        candidates = [name]
    else:
        candidates = [f"{folder}/{name}" for folder in command.environment.get("PATH", os.defpath).split(":")]
    reason = OSError(ENOENT, name)
    for path in candidates:
        try:
            Path(path).stat()
        except OSError as error:
            reason = error if path == name else reason
        else:
            if Path(path).is_file() and os.access(path, os.X_OK):
                return path
            reason = OSError(EACCES, path)
    raise reason


def _before_exec() -> Callable[[], None]:
    """Return what the fork does before it becomes the program: start clean, and die with the warden."""
    warden = os.getpid()

    def prepare() -> None:
        descendants.die_with(warden)
        for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
            signal.signal(number, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    return prepare


class _OnTerminal:
    """The program on a terminal of its own."""

    def __init__(self, path: str, command: Command, size: Size) -> None:
        import pexpect  # noqa: PLC0415 - a third of the start-up time, and pipes do without

        warden = os.getpid()
        try:
            self._spawned = pexpect.spawn(
                path if command.argv[1:] else shlex.quote(path),  # without arguments it would split the path at blanks
                list(command.argv[1:]),
                env=dict(command.environment),
                echo=False,
                timeout=None,
                encoding=None,
                dimensions=(size.rows, size.columns),
                preexec_fn=_before_exec(),
            )
        except pexpect.ExceptionPexpect as error:
            raise OSError(str(error)) from error
        finally:
            if os.getpid() != warden:  # what fails between fork and exec may come out here, in the wrong process
                os._exit(1)
        self.pid: int = self._spawned.ptyproc.pid  # type: ignore[attr-defined]  # the stubs leave it out
        self.output: int = self._spawned.child_fd
        self.input: int | None = self.output

    def end_input(self) -> bool:
        return False

    def hang_up(self) -> None:
        ptyproc = self._spawned.ptyproc  # type: ignore[attr-defined]  # the stubs leave it out
        ptyproc.fileobj.close()  # it owns the descriptor, and would later close a stranger's of the same number
        ptyproc.closed = True  # or its finalizer would close again, and sleep


class _OnPipes:
    """The program on plain pipes, in a session of its own."""

    def __init__(self, path: str, command: Command) -> None:
        self._started = subprocess.Popen(  # noqa: S603 - running what it is told to is the warden's whole work
            [path, *command.argv[1:]],
            env=dict(command.environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT if command.merge_stderr else subprocess.DEVNULL,
            bufsize=0,
            start_new_session=True,
            preexec_fn=_before_exec(),  # noqa: PLW1509 - this process has one thread
        )
        assert self._started.stdin and self._started.stdout  # noqa: S101, PT018 - they are pipes
        self._ends = self._started.stdin, self._started.stdout
        self.pid = self._started.pid
        self.input: int | None = self._ends[0].fileno()
        self.output = self._ends[1].fileno()

    def end_input(self) -> bool:
        self.input = None
        self._ends[0].close()
        return True

    def hang_up(self) -> None:
        for end in self._ends:
            end.close()
