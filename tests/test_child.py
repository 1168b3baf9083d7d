import asyncio
import errno
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import hostile
import pytest
from campaigns.chaos import LoopLag
from waiting import eventually

from kiro_tui.probe.process import child as child_module
from kiro_tui.probe.process.child import Child, Command, End, Ending, Size, launch

NAIVE = Path(__file__).with_name("naive.py")
SECONDS = 60.0
SLICE = 4_096
"""Bytes that one read gives at the most."""
BOTH = pytest.mark.parametrize("terminal", [Size(), None], ids=["terminal", "pipes"])


@pytest.fixture
def token() -> Iterator[str]:
    """Give a token, and see that nothing which bears it is left, nor a descriptor, nor a zombie."""
    token, before, others = hostile.new_token(), hostile.descriptors(), hostile.zombies()
    yield token
    assert hostile.alive(token) == {}
    assert hostile.zombies() <= others
    # The event loop that pytest closes after us is part of both numbers.
    assert hostile.descriptors() <= before


def command(
    *argv: str,
    environment: Mapping[str, str] | None = None,
    seconds: float = SECONDS,
    terminal: Size | None = None,
    merge_stderr: bool = True,
    max_bytes: int = 2 << 20,
    directory: str = "/",
) -> Command:
    return Command(
        argv, environment or {"PATH": os.environ["PATH"]}, directory, seconds, terminal, merge_stderr, max_bytes
    )


def hostile_command(name: str, token: str, terminal: Size | None, seconds: float = SECONDS) -> Command:
    return command(
        *hostile.argv(name, token), environment=hostile.environment(token), terminal=terminal, seconds=seconds
    )


async def run(wanted: Command) -> tuple[bytes, Ending]:
    received = b""
    async with launch(wanted) as child:
        while data := await child.read(SECONDS):
            received += data
        return received, await child.close()


async def read_until(child: Child, awaited: bytes) -> bytes:
    received = b""
    while awaited not in received:
        received += await child.read(SECONDS) or pytest.fail(f"ended with {received!r}")
    return received


def shell(script: str, **options: object) -> Command:
    return command("/bin/sh", "-c", script, **options)  # type: ignore[arg-type]  # passed through as they came


# What is run, and in what


@BOTH
async def test_gives_the_bytes_as_they_came_and_the_exit_status(terminal: Size | None) -> None:
    received, ending = await run(shell(r"printf 'Cr\303\251dits \377\0end'; exit 3", terminal=terminal))

    assert received == "Crédits ".encode() + b"\xff\0end"
    assert ending == Ending(End.EXITED, status=3)


async def test_says_which_signal_ended_the_program() -> None:
    _, ending = await run(shell("kill -9 $$"))

    assert ending == Ending(End.EXITED, signal=signal.SIGKILL)


@BOTH
async def test_the_environment_is_exactly_the_given_one(terminal: Size | None) -> None:
    received, _ = await run(command("/usr/bin/env", environment={"KIRO_HOME": "/nowhere"}, terminal=terminal))

    assert received.split() == [b"KIRO_HOME=/nowhere"]


@BOTH
async def test_runs_in_the_given_directory(terminal: Size | None, tmp_path: Path) -> None:
    received, _ = await run(command("/bin/pwd", terminal=terminal, directory=str(tmp_path)))

    assert received.decode().strip() == str(tmp_path)


@BOTH
async def test_a_path_with_blanks_and_quotes_and_no_arguments_is_run(terminal: Size | None, tmp_path: Path) -> None:
    program = tmp_path / "Kiro 'CLI' \"x\".app"
    program.write_text("#!/bin/sh\necho $#\n")
    program.chmod(0o700)

    received, _ = await run(command(str(program), terminal=terminal))

    assert received.strip() == b"0"


async def test_a_terminal_is_the_controlling_one_of_the_given_size() -> None:
    received, _ = await run(shell("stty size </dev/tty", terminal=Size(rows=61, columns=203)))

    assert received.strip() == b"61 203"


async def test_a_terminal_does_not_echo_what_is_written() -> None:
    async with launch(shell("read answer; echo got", terminal=Size())) as child:
        child.write(b"\x1b[1;1R\n")

        assert (await read_until(child, b"got")).strip() == b"got"


@pytest.mark.parametrize(("merge", "received"), [(True, b"out err "), (False, b"out ")])
async def test_on_pipes_stderr_is_merged_or_discarded(merge: bool, received: bytes) -> None:  # noqa: FBT001 - a case
    assert (await run(shell("printf 'out '; printf 'err ' >&2", merge_stderr=merge)))[0] == received


@BOTH
async def test_signals_are_at_their_defaults_and_none_is_blocked(terminal: Size | None) -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGCHLD, signal.SIGHUP})
    before = signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    try:
        received, ending = await run(command("/bin/grep", "^Sig[BI]", "/proc/self/status", terminal=terminal))
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM, signal.SIGCHLD, signal.SIGHUP})
        signal.signal(signal.SIGUSR1, before)

    # 32 and 33 are the C library's own: no program can change them, and what starts the tests may have left them set.
    theirs = 0b11 << 31
    assert {int(line.split()[1], 16) & ~theirs for line in received.splitlines()} == {0}
    assert ending.end is End.EXITED


async def test_a_crash_leaves_no_core_file() -> None:
    assert (await run(shell("ulimit -c; ulimit -H -c")))[0].split() == [b"0", b"0"]


@BOTH
async def test_nobody_can_read_the_environment_in_the_list_of_processes(terminal: Size | None, token: str) -> None:
    wanted = command("/bin/sleep", "300", environment={"KIRO_API_KEY": token}, terminal=terminal)
    async with launch(shell("sleep 0.05; echo up")) as other, launch(wanted):
        await read_until(other, b"up")

        assert [line for line in hostile.alive(token).values() if "sleep" not in line] == []


async def test_nothing_of_our_own_environment_reaches_anyone(monkeypatch: pytest.MonkeyPatch, token: str) -> None:
    monkeypatch.setenv("SECRET", token)
    async with launch(shell("echo up; sleep 300")) as child:
        await read_until(child, b"up")

        assert hostile.alive(token) == {}


# Input


async def test_on_pipes_a_conversation_goes_both_ways_and_ends_with_its_input() -> None:
    async with launch(shell('while read line; do echo "<$line>"; done; echo bye >&2; exit 7')) as child:
        for number in range(3):
            child.write(b"%d\n" % number)
            await read_until(child, b"<%d>" % number)
        ending = await child.close()

    assert ending == Ending(End.RELEASED, status=7)


async def test_more_input_than_the_buffer_arrives_where_it_is_read() -> None:
    async with launch(shell("echo up; head -c 30000 | wc -c")) as child:
        await read_until(child, b"up\n")
        child.write(b"x" * 30_000)

        assert (await read_until(child, b"\n")).strip() == b"30000"


async def test_only_a_little_input_waits_for_a_program_that_does_not_read(tmp_path: Path) -> None:
    go, count = tmp_path / "go", tmp_path / "count"
    async with launch(shell(f"until [ -e {go} ]; do sleep 0.01; done; wc -c >{count}")) as child:
        for _ in range(100):
            child.write(b"x" * 8192)
            await child.read(0.002)
        go.touch()
        await child.read(0.2)

    assert 0 < int(count.read_text()) < 200_000


async def test_a_question_of_the_terminal_is_answered(token: str) -> None:
    async with launch(hostile_command("waits for an answer", token, Size())) as child:
        await read_until(child, b"\x1b[6n\x1b[c")
        child.write(b"\x1b[1;1R")

        assert await child.read(SECONDS) == b"GOT \x1b[1;1R"


@BOTH
async def test_input_that_is_never_read_is_dropped_and_blocks_nobody(terminal: Size | None, token: str) -> None:
    with LoopLag() as lag:
        async with launch(hostile_command("half an answer", token, terminal)) as child:
            for _ in range(200):
                child.write(b"\x1b[1;1R" * 1000)
            received = await read_until(child, b"12.5")

    assert received.endswith(b"Credits (12.5")
    assert lag.worst < 0.1


# Waiting


async def test_reading_says_none_when_nothing_came_in_time() -> None:
    async with launch(command("/bin/cat")) as child:
        assert await child.read(0.01) is None
        child.write(b"late")
        assert await child.read(SECONDS) == b"late"


async def test_reading_after_the_end_and_after_closing_gives_the_end() -> None:
    async with launch(command("/bin/true")) as child:
        assert await child.read(SECONDS) == b""
        assert await child.read(SECONDS) == b""
        await child.close()
        assert await child.read(SECONDS) == b""
        child.write(b"to nobody")


async def test_closing_may_be_repeated_and_shared_and_wakes_who_reads() -> None:
    async with launch(command("/bin/cat")) as child:
        child.write(b"up")
        await read_until(child, b"up")
        reading = asyncio.create_task(child.read(SECONDS))
        await asyncio.sleep(0)
        endings = await asyncio.gather(child.close(), child.close())

        assert await reading == b""
        assert {*endings, await child.close()} == {Ending(End.RELEASED, status=0)}


@BOTH
async def test_the_event_loop_never_waits(terminal: Size | None, token: str) -> None:
    with LoopLag() as lag:
        _, ending = await run(hostile_command("deaf", token, terminal, seconds=0.5))

    assert ending.end is End.DEADLINE
    assert lag.worst < 0.1


async def test_every_read_lets_others_run_even_in_a_flood(token: str) -> None:
    turns = 0

    def count() -> None:
        nonlocal turns
        turns += 1
        asyncio.get_running_loop().call_soon(count)

    async with launch(hostile_command("flood", token, None)) as child:
        await child.read(SECONDS)
        count()
        for _ in range(50):
            assert len(await child.read(SECONDS) or b"") <= 4096

    assert turns >= 50


# Ends


@BOTH
@pytest.mark.parametrize("name", hostile.NAMES)
async def test_whatever_it_does_nobody_is_left(name: str, terminal: Size | None, token: str) -> None:
    async with launch(hostile_command(name, token, terminal)) as child:
        await child.read(0.3)  # who says something has done its worst by then
        ending = await child.close()

    assert ending.end is not End.LOST
    assert ending.left == 0
    assert hostile.alive(token) == {}


async def test_a_holder_of_the_terminal_does_not_keep_an_ended_program_running(token: str) -> None:
    received, ending = await run(hostile_command("setsid holder", token, Size()))

    assert (received, ending.end, ending.status) == (b"out", End.EXITED, 0)


@pytest.mark.parametrize("length", [120 << 10, 128 << 10])  # nearly what all buffers on the way hold
async def test_what_a_slow_reader_has_not_taken_yet_is_not_lost_when_the_program_ends(length: int, token: str) -> None:
    wanted = shell(f"head -c {length} /dev/zero; : {token}", terminal=Size())
    async with launch(wanted) as child, launch(command("/bin/cat")) as silence:
        received = 0
        while received < SLICE:  # so much must be taken that the rest has room; a busy machine gives it in pieces
            received += len(await child.read(SECONDS) or b"")
        while hostile.alive(token):
            await silence.read(0.05)
        assert await silence.read(0.4) is None
        while data := await child.read(SECONDS):
            received += len(data)

    assert received == length


async def test_a_stopped_program_is_woken_so_that_it_can_go(token: str) -> None:
    async with launch(hostile_command("stops itself", token, Size())) as child:
        await read_until(child, b"x")
        assert await child.read(0.2) is None

        assert await child.close() == Ending(End.RELEASED, signal=signal.SIGTERM)


async def test_the_deadline_holds_for_one_who_closes_the_terminal_and_lives(token: str) -> None:
    received, ending = await run(hostile_command("closes everything and lives", token, Size(), seconds=0.3))

    assert (received, ending.end) == (b"x", End.DEADLINE)


@BOTH
async def test_too_much_output_ends_the_run_and_no_more_than_the_limit_is_given(
    terminal: Size | None, token: str
) -> None:
    wanted = command(*hostile.argv("flood", token), terminal=terminal, max_bytes=100_000)

    received, ending = await run(wanted)

    assert (len(received), ending.end) == (100_000, End.FLOOD)


async def test_output_that_nobody_takes_makes_the_program_wait(token: str, tmp_path: Path) -> None:
    log = tmp_path / "written"
    script = f"import os\nn = 0\nwhile True:\n n += os.write(1, b'x' * 4096)\n open({str(log)!r}, 'w').write(str(n))"
    wanted = command(sys.executable, "-I", "-S", "-c", script, token, max_bytes=1 << 30, seconds=0.6)

    async with launch(wanted) as child:
        await child._ending  # type: ignore[attr-defined]  # the one way to wait without reading
        ending = await child.close()

    assert ending.end is End.DEADLINE
    assert 4096 < int(log.read_text()) < 400_000


async def test_a_program_that_asks_to_be_let_finish_gets_the_time_to() -> None:
    async with launch(shell("trap 'exit 5' TERM; echo up; while :; do sleep 0.01; done", terminal=Size())) as child:
        await read_until(child, b"up")

        assert await child.close() == Ending(End.RELEASED, status=5)


@pytest.fixture
def twin() -> Iterator[str]:
    """Start a daemon like the program's own, which is not ours; give its token."""
    token = hostile.new_token()
    process = subprocess.Popen(["/bin/sleep", f"300.{token}"], env={}, start_new_session=True)
    yield token
    process.kill()
    process.wait()


async def test_only_our_own_descendants_are_ended(twin: str, token: str) -> None:
    async with launch(hostile_command("daemon", token, Size())) as child:
        await read_until(child, b"started")

    assert len(hostile.alive(twin)) == 1


async def test_several_at_once_do_not_harm_each_other() -> None:
    token = hostile.new_token()
    quick = ("polite", "setsid holder", "daemon", "drops dead")
    results = await asyncio.gather(*(run(hostile_command(name, token, Size())) for name in quick * 3))

    assert {ending.end for _, ending in results} == {End.EXITED}
    assert hostile.alive(token) == {}


# Programs that cannot be started


@BOTH
@pytest.mark.parametrize(
    ("argv", "reason"),
    [
        (("/missing/kiro-cli",), errno.ENOENT),
        (("kiro-cli-that-is-not-there",), errno.ENOENT),
        (("/etc/passwd",), errno.EACCES),
        (("/etc",), errno.EACCES),
        (("/etc/passwd/kiro-cli",), errno.ENOTDIR),
        (("/bin/echo", "x" * 200_000), errno.E2BIG),
        (("a\0b",), errno.EINVAL),
    ],
    ids=["absent", "not on the path", "not executable", "folder", "below a file", "too long", "impossible"],
)
async def test_the_systems_own_reason_is_told(
    argv: tuple[str, ...], reason: int, terminal: Size | None, token: str
) -> None:
    received, ending = await run(command(*argv, terminal=terminal, environment={"PATH": "/bin", "TOKEN": token}))

    assert received == b""
    assert ending == Ending(End.NOT_STARTED, detail=os.strerror(reason), errno=reason)


@BOTH
async def test_a_file_that_is_no_program_is_told_apart(terminal: Size | None, tmp_path: Path) -> None:
    program = tmp_path / "kiro-cli"
    program.write_bytes(b"\x7fnothing that runs")
    program.chmod(0o700)

    _, ending = await run(command(str(program), terminal=terminal))

    assert ending == Ending(End.NOT_STARTED, detail="Exec format error", errno=errno.ENOEXEC)


@BOTH
async def test_a_missing_directory_is_not_taken_for_a_missing_program(terminal: Size | None, tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    _, ending = await run(command("/bin/true", directory=str(missing), terminal=terminal))

    assert ending == Ending(End.NOT_STARTED, detail=f"{missing}: No such file or directory")


@BOTH
async def test_without_descriptors_it_fails_cleanly_and_the_next_run_works(terminal: Size | None, token: str) -> None:
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    before = hostile.descriptors()
    ends = set()
    with ExitStack() as gaps:
        while (highest := gaps.enter_context(open(os.devnull)).fileno()) < before:  # noqa: ASYNC230, PTH123 - in memory
            pass
        filled = hostile.descriptors()
        for free in range(1, 14):
            resource.setrlimit(resource.RLIMIT_NOFILE, (highest + free, limits[1]))
            try:
                _, ending = await run(hostile_command("polite", token, terminal))
            finally:
                resource.setrlimit(resource.RLIMIT_NOFILE, limits)
            ends.add((ending.end, ending.detail))
            assert hostile.descriptors() == filled

    assert (End.NOT_STARTED, "the warden: Too many open files") in ends
    assert (await run(hostile_command("polite", token, terminal)))[1].end is End.EXITED


async def test_a_warden_that_cannot_run_is_reported_in_its_own_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_module, "_START", "raise RuntimeError('no pexpect here')")

    received, ending = await run(command("/bin/true"))

    assert (received, ending) == (b"", Ending(End.LOST, detail="RuntimeError: no pexpect here"))


async def test_where_no_warden_can_be_started_the_program_is_not_to_blame(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/missing/python")

    received, ending = await run(command("/bin/true"))

    assert (received, ending) == (b"", Ending(End.NOT_STARTED, detail="the warden: No such file or directory"))
    assert not hostile.inherits_orphans()


# The census, and what the naive build does


def test_the_census_sees_a_planted_orphan() -> None:
    token = hostile.new_token()
    bare = subprocess.Popen(hostile.argv("silent", token), env={})
    marked = subprocess.Popen(["/bin/sleep", "300"], env={"TOKEN": token})
    try:
        # One that is just being started bears nothing yet.
        assert eventually(lambda: {bare.pid, marked.pid} <= set(hostile.alive(token)))
    finally:
        for planted in (bare, marked):
            planted.kill()
            planted.wait()
        end_all_with(token)


def end_all_with(token: str) -> None:
    while found := hostile.alive(token):
        for pid in found:
            os.kill(pid, signal.SIGKILL)


def naive(mode: str, program: str, within: float = 10.0) -> tuple[str, dict[int, str]]:
    token = hostile.new_token()
    try:
        done = subprocess.run(
            [sys.executable, NAIVE, mode, *hostile.argv(program, token)],
            env={**hostile.environment(token), "PYTHONPATH": str(Path(child_module.__file__).parents[3])},
            capture_output=True,
            check=False,
            text=True,
            timeout=within,
        )
        return done.stdout + done.stderr, hostile.alive(token)
    finally:
        end_all_with(token)


@pytest.mark.parametrize("program", ["setsid holder", "tree of thirty", "background, same group"])
def test_the_naive_build_leaves_orphans(program: str) -> None:
    _, left = naive("close", program)

    assert left


def test_the_naive_build_waits_for_ever_for_one_who_closes_its_terminal() -> None:
    with pytest.raises(subprocess.TimeoutExpired):
        naive("expect", "closes everything and lives", within=1.5)


def test_the_naive_build_blocks_the_event_loop() -> None:
    assert float(naive("lag", "silent")[0]) > 0.4


def test_the_naive_build_takes_in_a_flood_without_limit() -> None:
    assert int(naive("read", "flood")[0]) > 200_000
