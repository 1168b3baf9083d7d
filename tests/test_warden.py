import json
import os
import pty
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

import hostile
import pytest
from waiting import eventually

from kiro_tui.probe.process import child as child_module
from kiro_tui.probe.process import descendants
from kiro_tui.probe.process.child import Command, End, Ending, Size
from kiro_tui.probe.process.command import Orders

ROOT = str(Path(child_module.__file__).parents[2])
SECONDS = 60.0
BOTH = pytest.mark.parametrize("terminal", [Size(), None], ids=["terminal", "pipes"])

StartApp = Callable[..., "subprocess.Popen[bytes]"]

APP = """
import asyncio, os, sys
from kiro_tui.probe.process.child import Command, Size, launch

async def main():
    token, seconds, *names = sys.argv[1:]
    import hostile
    async def run(name):
        command = Command(hostile.argv(name, token), hostile.environment(token), "/", float(seconds), Size())
        async with launch(command) as child:
            await child.read(20)
            print("started", flush=True)
            while await child.read(20):
                pass
            return (await child.close()).end
    print(await asyncio.gather(*map(run, names)), flush=True)

asyncio.run(main())
"""


@pytest.fixture
def token() -> Iterator[str]:
    token = hostile.new_token()
    yield token
    while left := hostile.alive(token):
        for pid in left:
            os.kill(pid, signal.SIGKILL)


class Warden:
    """A warden that the test talks to itself, without the app's side of it."""

    def __init__(self, command: Command, *, process_table: bool = False) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-c", child_module._START, ROOT],
            env={},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            bufsize=0,
        )
        pipes = (self.process.stdin, self.process.stdout, self.process.stderr)
        self.lifeline, self.output, self.words = (pipe for pipe in pipes if pipe)
        self.lifeline.write(Orders(command, process_table=process_table).encode())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        for pipe in (self.lifeline, self.output, self.words):
            pipe.close()
        self.process.wait()

    def report(self) -> Ending:
        """Wait for the end, and give the report, which is the last that it says."""
        return Ending.decode(self.words.read().splitlines()[-1])


def command(name: str, token: str, seconds: float = SECONDS, terminal: Size | None = None) -> Command:
    return Command(hostile.argv(name, token), hostile.environment(token), "/", seconds, terminal)


# The report


def test_the_last_words_are_one_report_and_the_output_is_nothing_but_the_programs(token: str) -> None:
    with Warden(command("polite", token, terminal=Size())) as warden:
        assert warden.output.read() == b"Credits (12.50 of 50 covered in plan)"
        pid, report = warden.words.read().splitlines()

    assert pid.isdigit()
    assert json.loads(report) == {
        "end": "exited",
        "status": 0,
        "signal": None,
        "detail": "",
        "errno": None,
        "killed": 0,
        "left": 0,
    }


def test_orders_and_endings_arrive_as_they_were_sent() -> None:
    ending = Ending(End.NOT_STARTED, detail="Größe \udcff", errno=7)
    orders = Orders(
        Command(("a", "\udcff"), {"K": "v\n"}, "/", 1.5, Size(3, 4), merge_stderr=False), process_table=True
    )

    assert Ending.decode(ending.encode()) == ending
    assert Orders.decode(orders.encode()) == orders
    assert orders.encode().count(b"\n") == 1


@pytest.mark.parametrize("line", [b"", b"{", b"[]", b"{}", b'{"end": "exited"}', b"Traceback"])
def test_what_is_no_report_is_not_taken_for_one(line: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - json's own are of that type, and nothing else is promised
        Ending.decode(line)


# Letting go


@BOTH
@pytest.mark.parametrize("name", ["deaf", "forks when asked to go", "tree of thirty", "no environment"])
def test_the_end_of_standard_input_ends_everything(name: str, terminal: Size | None, token: str) -> None:
    with Warden(command(name, token, terminal=terminal)) as warden:
        warden.output.read(1)
        warden.lifeline.close()

        report = warden.report()

    assert (report.end, report.left) == (End.RELEASED, 0)
    assert hostile.alive(token) == {}


def test_a_program_is_not_even_started_for_an_app_that_is_gone(token: str, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    wanted = Command(("/bin/sh", "-c", f"echo started > {trace}", token), {}, "/", SECONDS)
    for line in (Orders(wanted).encode(), Orders(wanted).encode()[:20], b""):
        done = subprocess.run(
            [sys.executable, "-I", "-c", child_module._START, ROOT], env={}, input=line, capture_output=True, check=True
        )
        assert Ending.decode(done.stderr) == Ending(End.RELEASED)

    assert not trace.exists()


@BOTH
def test_an_app_that_goes_while_the_program_starts_leaves_nobody(terminal: Size | None, token: str) -> None:
    with Warden(command("tree of thirty", token, terminal=terminal)) as warden:
        warden.words.close()  # so the app has gone before it was told the program's pid
        assert warden.output.read(1)
        warden.lifeline.close()
        assert warden.process.wait(10) == 0

    assert hostile.alive(token) == {}


@BOTH
@pytest.mark.parametrize("process_table", [False, True])
def test_it_says_that_the_run_is_over_and_gives_the_program_its_time(
    process_table: bool,  # noqa: FBT001 - a case
    terminal: Size | None,
    token: str,
    tmp_path: Path,
) -> None:
    argv = hostile.refreshing(token, tmp_path / "stored")
    wanted = Command(argv, hostile.environment(token), "/", SECONDS, terminal, leave_within=2.0)
    with Warden(wanted, process_table=process_table) as warden:
        warden.output.read(1)
        warden.lifeline.close()
        pid, announced = warden.words.readline(), warden.words.readline()
        output_ended = warden.output.read().endswith(b"nswer")
        early = (tmp_path / "stored").exists()
        report = warden.report()

    assert pid.strip().isdigit()
    assert (announced, output_ended, early) == (b"released\n", True, False)
    assert report == Ending(End.RELEASED, status=0)
    assert (tmp_path / "stored").exists()


def test_sigusr1_takes_the_time_to_leave_away(token: str) -> None:
    wanted = Command(hostile.argv("deaf", token), hostile.environment(token), "/", SECONDS, None, leave_within=300.0)
    with Warden(wanted) as warden:
        warden.output.read(1)
        warden.lifeline.close()
        warden.process.send_signal(signal.SIGUSR1)

        assert warden.report().end is End.RELEASED
    assert hostile.alive(token) == {}


def test_sigterm_ends_it_in_order(token: str) -> None:
    with Warden(command("deaf", token, terminal=Size())) as warden:
        warden.output.read(1)
        warden.process.terminate()

        assert warden.report().end is End.RELEASED
    assert hostile.alive(token) == {}


@BOTH
def test_the_program_dies_with_its_warden_even_if_nobody_is_there_to_end_it(terminal: Size | None, token: str) -> None:
    with Warden(command("deaf", token, terminal=terminal)) as warden:
        warden.output.read(1)
        warden.process.kill()

        assert eventually(lambda: hostile.alive(token) == {})


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP])
def test_what_the_keyboard_sends_does_not_disturb_it(number: signal.Signals) -> None:
    wanted = Command(("/bin/cat",), {}, "/", SECONDS, terminal=None)
    with Warden(wanted) as warden:
        warden.lifeline.write(b"one")
        warden.output.read(3)
        warden.process.send_signal(number)
        warden.lifeline.write(b"two")

        assert warden.output.read(3) == b"two"


def test_it_holds_the_deadline_when_nobody_reads(token: str) -> None:
    with Warden(command("flood", token, seconds=0.3, terminal=None)) as warden:
        assert warden.report().end in {End.DEADLINE, End.FLOOD}
    assert hostile.alive(token) == {}


def test_pipes_do_without_pexpect_and_nothing_needs_asyncio() -> None:
    script = child_module._START.replace("main()", "print(*sys.modules)")

    modules = subprocess.run([sys.executable, "-I", "-c", script, ROOT], capture_output=True, check=True).stdout.split()

    assert b"kiro_tui.probe.process.watch" in modules
    assert not {b"pexpect", b"asyncio"} & set(modules)


# The process table


@pytest.mark.parametrize(
    "name", ["deaf", "no environment", "tree of thirty", "background, same group", "forks when asked to go"]
)
def test_the_process_table_finds_them_too(name: str, token: str) -> None:
    with Warden(
        command(
            name,
            token,
            terminal=Size(),
        ),
        process_table=True,
    ) as warden:
        warden.output.read(1)
        warden.lifeline.close()

        report = warden.report()

    assert (report.left, report.killed > 0) == (0, True)
    assert hostile.alive(token) == {}


def test_the_process_table_remembers_who_left_and_spares_who_only_has_the_same_number(token: str) -> None:
    sleeper = subprocess.Popen(["/bin/sleep", f"300.{token}"], start_new_session=True)
    table = descendants.ProcessTable(root=None)
    try:
        assert table.members() == {sleeper.pid}
        with pytest.MonkeyPatch.context() as elsewhere:
            elsewhere.setattr(descendants.os, "getpid", lambda: 1 << 30)  # as if it were no child of ours any more
            assert table.members() == {sleeper.pid}
            table._known[sleeper.pid] = "Thu Jan  1 00:00:00 1970"
            assert table.members() == set()
    finally:
        sleeper.kill()
        sleeper.wait()


def test_a_process_that_hides_its_session_is_no_family(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(descendants, "_session", lambda _pid: None)

    assert descendants.ProcessTable(root=None).members() == set()
    assert descendants.ProcessTable(root=1 << 30).members() == set()


def test_the_roots_group_and_session_are_family_and_another_session_is_not(token: str) -> None:
    script = """
for leave in (lambda: None, lambda: os.setpgid(0, 0), os.setsid):
    if os.fork() == 0:
        leave()
        os.execvp("sleep", ["sleep", sys.argv[1]])
"""
    root = subprocess.Popen([sys.executable, "-c", f"import os, sys\n{script}", f"300.{token}"], start_new_session=True)
    root.wait()
    assert eventually(lambda: [line[:5] for line in hostile.alive(token).values()] == ["sleep"] * 3)

    family = descendants.ProcessTable(root.pid).members()

    assert family == {pid for pid in hostile.alive(token) if os.getsid(pid) == root.pid}
    assert len(family) == 2


# The app is killed, stopped, hung up; the warden is killed


@pytest.fixture
def app(token: str) -> Iterator[StartApp]:
    """Start an app of its own, which runs hostile programs; return when all of them run."""
    started = []

    def start(*names: str, seconds: float = 60) -> "subprocess.Popen[bytes]":
        process = subprocess.Popen(
            [sys.executable, "-X", "dev", "-W", "error", "-c", APP, token, str(seconds), *names],
            env={"PYTHONPATH": f"{ROOT}:{Path(__file__).parent}", "PATH": os.environ["PATH"]},
            stdout=subprocess.PIPE,
            bufsize=0,
        )
        started.append(process)
        assert process.stdout
        for _ in names:
            assert process.stdout.readline() == b"started\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.stdout.close()
        process.wait()


NASTY = ("deaf", "no environment", "forks when asked to go", "double fork", "tree of thirty")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGHUP, signal.SIGTERM])
def test_an_app_that_is_killed_leaves_nobody(number: signal.Signals, app: StartApp, token: str) -> None:
    process = app(*NASTY)
    assert eventually(lambda: len(hostile.alive(token)) > 30)

    process.send_signal(number)
    process.wait()

    assert eventually(lambda: hostile.alive(token) == {})


def test_a_stopped_app_does_not_stop_the_deadline(app: StartApp, token: str) -> None:
    process = app("deaf", "forks when asked to go", seconds=1.0)
    process.send_signal(signal.SIGSTOP)

    assert eventually(lambda: not [line for line in hostile.alive(token).values() if "-W error" not in line])
    process.send_signal(signal.SIGCONT)
    assert b"DEADLINE" in process.stdout.readline()
    assert process.wait() == 0


def wardens_of(pid: int) -> set[int]:
    return {
        child
        for child in map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
        if b"warden" in Path(f"/proc/{child}/cmdline").read_bytes()
    }


@pytest.mark.parametrize("name", [*NASTY, "hopper"])
def test_a_warden_that_is_killed_leaves_nobody_and_the_app_lives(name: str, app: StartApp, token: str) -> None:
    process = app(name)
    (warden,) = wardens_of(process.pid)

    os.kill(warden, signal.SIGKILL)

    assert b"LOST" in process.stdout.readline()
    assert process.wait() == 0
    assert hostile.alive(token) == {}


def test_a_warden_that_is_killed_takes_no_other_with_it(app: StartApp, token: str) -> None:
    process = app("no environment", "no environment", seconds=1.5)
    victim = min(wardens_of(process.pid))

    os.kill(victim, signal.SIGKILL)

    ends = process.stdout.readline()
    assert b"LOST" in ends
    assert b"DEADLINE" in ends
    assert process.wait() == 0
    assert hostile.alive(token) == {}


def test_closing_the_apps_own_terminal_leaves_nobody(token: str) -> None:
    environment = {"PYTHONPATH": f"{ROOT}:{Path(__file__).parent}", "PATH": os.environ["PATH"]}
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        ["setsid", "-c", sys.executable, "-c", APP, token, "60", *NASTY],
        env=environment,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    said = b""
    while said.count(b"started") < len(NASTY):
        select.select([ours], [], [])
        said += os.read(ours, 4096)

    os.close(ours)  # what a terminal multiplexer does when its pane is killed

    process.wait()
    assert eventually(lambda: hostile.alive(token) == {})
