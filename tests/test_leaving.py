"""How a program leaves that was let go: kiro-cli may be storing a refreshed sign-in then, which must not be cut off."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import hostile
import pytest

from kiro_tui.clock import SystemClock
from kiro_tui.probe.asking.conversation import LEAVE_WITHIN, Room, hear
from kiro_tui.probe.process import child as child_module
from kiro_tui.probe.process.child import Child, Command, End, Size, launch
from kiro_tui.probe.process.folder import hold, remove_if_free
from kiro_tui.probe.process.leaving import leaving
from kiro_tui.probe.rooms import rooms

SECONDS = 20.0
NEVER = 300.0
SLACK = 3.0
"""Seconds that a busy machine may take longer."""
BOTH = pytest.mark.parametrize("terminal", [Size(), None], ids=["terminal", "pipes"])
GRANDCHILD = """
if os.fork() == 0:
    os.setsid(); deaf(); nap()
"""


@pytest.fixture
async def token() -> AsyncIterator[str]:
    """Give a token, and see that when all have left no process that bears it, no zombie and no descriptor is left."""
    token, before, others = hostile.new_token(), hostile.descriptors(), hostile.zombies()
    yield token
    await leaving.wait()
    assert hostile.alive(token) == {}
    assert hostile.zombies() <= others
    assert hostile.descriptors() <= before


def command(
    argv: tuple[str, ...],
    token: str,
    terminal: Size | None = None,
    *,
    leave_within: float = LEAVE_WITHIN,
    kill_after: float = LEAVE_WITHIN,
    seconds: float = SECONDS,
    max_bytes: int = 2 << 20,
) -> Command:
    return Command(
        argv,
        hostile.environment(token),
        "/",
        seconds,
        terminal,
        max_bytes=max_bytes,
        leave_within=leave_within,
        kill_after=kill_after,
    )


@asynccontextmanager
async def answered(wanted: Command) -> AsyncIterator[Child]:
    """Run a program until it has said something."""
    async with launch(wanted) as child:
        assert await child.read(SECONDS)
        yield child


class Stopwatch:
    """Seconds since it was made."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    @property
    def shows(self) -> float:
        return time.monotonic() - self._began


# What is being stored is stored


@BOTH
async def test_a_program_that_has_answered_finishes_what_it_does_and_nobody_waits_for_it(
    terminal: Size | None, token: str, tmp_path: Path
) -> None:
    stored = tmp_path / "stored"
    async with answered(command(hostile.refreshing(token, stored), token, terminal)) as child:
        watch = Stopwatch()
        ending = await child.close()
    passed, early = watch.shows, stored.exists()
    await leaving.wait()

    assert ending.end is End.RELEASED
    assert (passed < 0.5, early) == (True, False)
    assert stored.exists()


@BOTH
async def test_a_question_that_is_cancelled_lets_it_finish(terminal: Size | None, token: str, tmp_path: Path) -> None:
    stored, running = tmp_path / "stored", asyncio.Event()

    async def ask() -> None:
        async with answered(command(hostile.refreshing(token, stored), token, terminal)) as child:
            running.set()
            await child.read(SECONDS)

    task = asyncio.create_task(ask())
    await running.wait()
    watch = Stopwatch()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    passed, early = watch.shows, stored.exists()
    await leaving.wait()

    assert (passed < 0.5, early) == (True, False)
    assert stored.exists()


@BOTH
async def test_its_deadline_is_told_at_once_and_it_finishes_behind_it(
    terminal: Size | None, token: str, tmp_path: Path
) -> None:
    stored = tmp_path / "stored"
    wanted = command(hostile.refreshing(token, stored, seconds=1.7), token, terminal, seconds=1.0)
    async with answered(wanted) as child:
        while await child.read(SECONDS):
            pass
        ending = await child.close()
    early = stored.exists()
    await leaving.wait()

    assert (ending.end, early) == (End.DEADLINE, False)
    assert stored.exists()


async def test_whoami_that_is_too_slow_stores_the_sign_in_all_the_same(token: str, tmp_path: Path) -> None:
    stored = tmp_path / "stored"
    room = Room(launch, SystemClock(), hostile.environment(token), "/")

    heard = await hear(room, hostile.refreshing(token, stored, seconds=1.7), 1.0)
    early = stored.exists()
    await leaving.wait()

    assert (heard.text, heard.ending.end, heard.in_time) == ("answer", End.DEADLINE, False)
    assert (early, stored.exists()) == (False, True)


@BOTH
async def test_what_it_has_started_itself_is_ended_when_it_has_left(
    terminal: Size | None, token: str, tmp_path: Path
) -> None:
    stored = tmp_path / "stored"
    async with answered(command(hostile.refreshing(token, stored, also=GRANDCHILD), token, terminal)):
        assert len(hostile.alive(token)) == 2
    await leaving.wait()

    assert stored.exists()
    assert hostile.alive(token) == {}


async def test_a_program_that_leaves_by_itself_costs_the_next_one_no_time(token: str) -> None:
    wanted = command(("/bin/sh", "-c", "echo x; exec cat", token), token)
    async with answered(wanted):
        pass
    watch = Stopwatch()
    async with answered(wanted):
        assert watch.shows < LEAVE_WITHIN


# What does not leave is ended


@BOTH
async def test_it_is_asked_to_go_when_it_has_had_its_time(terminal: Size | None, token: str) -> None:
    script = "trap 'exit 5' TERM; echo x; while :; do sleep 0.01; done"
    wanted = command(("/bin/sh", "-c", script, token), token, terminal, leave_within=0.5, kill_after=NEVER)
    async with answered(wanted) as child:
        watch = Stopwatch()
    await leaving.wait()

    assert 0.5 < watch.shows < 0.5 + SLACK
    assert (await child._ending).status == 5  # type: ignore[attr-defined]  # what it did when nobody waited any more


@BOTH
async def test_who_takes_no_notice_is_killed_after_both_periods(terminal: Size | None, token: str) -> None:
    async with answered(command(hostile.argv("deaf", token), token, terminal)):
        watch = Stopwatch()
    await leaving.wait()

    assert 2 * LEAVE_WITHIN < watch.shows < 2 * LEAVE_WITHIN + SLACK


async def test_a_stopped_program_is_ended_too(token: str) -> None:
    wanted = command(hostile.argv("stops itself", token), token, leave_within=0.3, kill_after=NEVER)
    async with answered(wanted):
        pass
    watch = Stopwatch()
    await leaving.wait()

    assert watch.shows < 0.3 + SLACK


@BOTH
@pytest.mark.parametrize("name", ["deaf", "silent", "no environment", "tree of thirty"])
async def test_who_is_to_be_ended_at_once_gets_no_time(name: str, terminal: Size | None, token: str) -> None:
    async with launch(command(hostile.argv(name, token), token, terminal, leave_within=NEVER)) as child:
        await child.read(0.3)
        watch = Stopwatch()
        ending = await child.close(at_once=True)
    await leaving.wait()

    assert ending.end is End.RELEASED
    assert watch.shows < 0.3 + SLACK


async def test_the_time_to_leave_can_be_taken_away_later(token: str) -> None:
    async with answered(command(hostile.argv("deaf", token), token, leave_within=NEVER)) as child:
        await child.close()
        watch = Stopwatch()
        await child.close(at_once=True)
    await leaving.wait()

    assert watch.shows < 0.3 + SLACK


async def test_who_floods_while_it_leaves_gets_no_more_time(token: str) -> None:
    wanted = command(hostile.argv("flood", token), token, leave_within=NEVER, kill_after=NEVER, max_bytes=100_000)
    async with answered(wanted):
        pass
    watch = Stopwatch()
    await leaving.wait()

    assert watch.shows < 0.3 + SLACK


async def test_a_flood_ends_the_run_and_the_program_at_once(token: str) -> None:
    wanted = command(hostile.argv("flood", token), token, leave_within=NEVER, kill_after=NEVER, max_bytes=100_000)
    watch = Stopwatch()
    async with launch(wanted) as child:
        while await child.read(SECONDS):
            pass
        ending = await child.close()

    assert (ending.end, ending.left) == (End.FLOOD, 0)
    assert watch.shows < 0.3 + SLACK
    assert hostile.alive(token) == {}


# Several


async def test_the_same_program_is_not_started_before_it_has_left_and_another_one_is(
    token: str, tmp_path: Path
) -> None:
    stored = tmp_path / "stored"
    wanted = command(hostile.refreshing(token, stored, seconds=1.8), token)
    async with answered(wanted):
        pass
    async with answered(command(("/bin/echo", "x"), token)):
        assert not stored.exists()
    async with answered(wanted):
        assert stored.exists()


async def test_waiting_for_it_can_be_cancelled_and_starts_nothing(token: str, tmp_path: Path) -> None:
    wanted = command(hostile.refreshing(token, tmp_path / "stored"), token)
    async with answered(wanted):
        pass
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1), launch(wanted):
            pass

    assert len(hostile.alive(token)) == 1


async def test_a_warden_that_is_killed_while_its_program_leaves_harms_no_other(token: str, tmp_path: Path) -> None:
    stored = tmp_path / "stored"
    lost = command(hostile.argv("no environment", token), token, leave_within=NEVER)
    async with (
        answered(command(hostile.refreshing(token, stored), token)),
        answered(lost) as child,
        launch(command(("/bin/cat",), token)) as cat,
    ):
        await child.close()
        child._warden.kill()  # type: ignore[attr-defined]  # as the system does when memory runs out
        await leaving.wait(lost.argv[0])
        assert (await child._ending).end is End.LOST  # type: ignore[attr-defined]  # `close` has said RELEASED
        cat.write(b"still here")
        assert await cat.read(SECONDS) == b"still here"
    await leaving.wait()

    assert stored.exists()


# The app ends first

APP = """
import asyncio, sys, hostile
from pathlib import Path
from kiro_tui.probe.process.child import Command, Size, launch

async def main(token, stored, terminal, stay):
    argv = hostile.refreshing(token, Path(stored), 1.8, {also!r})
    size = Size() if terminal else None
    command = Command(argv, hostile.environment(token), "/", 60, size, leave_within=2, kill_after=2)
    async with launch(command) as child:
        await child.read(20)
        print("answered", flush=True)
        while stay and await child.read(20):
            pass

token, stored, *options = sys.argv[1:]
asyncio.run(main(token, stored, "terminal" in options, "stay" in options), debug=True)
if "twice" in options:
    asyncio.run(main(token, stored + "2", "terminal" in options, "stay" in options), debug=True)
    assert Path(stored).exists()
"""


def app(token: str, stored: Path, *options: str) -> "subprocess.Popen[bytes]":
    root = Path(child_module.__file__).parents[3]
    return subprocess.Popen(
        [sys.executable, "-X", "dev", "-W", "error", "-c", APP.format(also=GRANDCHILD), token, stored, *options],
        env={"PYTHONPATH": f"{root}:{Path(__file__).parent}", "PATH": os.environ["PATH"]},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def all_gone(token: str, within: float) -> bool:
    return hostile.eventually(lambda: hostile.alive(token) == {}, within)


@pytest.mark.parametrize("place", ["terminal", "pipes"])
def test_an_app_that_has_its_answer_ends_at_once_and_holds_nothing_open(place: str, tmp_path: Path) -> None:
    token, stored = hostile.new_token(), tmp_path / "stored"
    process = app(token, stored, place)
    said, warnings = process.communicate(timeout=SECONDS)  # until nobody holds its output any more
    left_before_it = stored.exists()

    assert (process.returncode, said, warnings) == (0, b"answered\n", b"")
    assert not left_before_it
    assert all_gone(token, 1.8 + SLACK)
    assert stored.exists()


def test_an_app_with_a_second_event_loop_goes_on_to_wait_for_it(tmp_path: Path) -> None:
    token, stored = hostile.new_token(), tmp_path / "stored"
    process = app(token, stored, "pipes", "twice")
    said, warnings = process.communicate(timeout=SECONDS)

    assert (process.returncode, said, warnings) == (0, b"answered\n" * 2, b"")
    assert all_gone(token, 1.8 + SLACK)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGHUP, signal.SIGTERM])
@pytest.mark.parametrize("place", ["terminal", "pipes"])
def test_an_app_that_is_killed_cuts_nothing_off(number: signal.Signals, place: str, tmp_path: Path) -> None:
    token, stored = hostile.new_token(), tmp_path / "stored"
    with app(token, stored, place, "stay") as process:
        assert process.stdout
        assert process.stdout.readline() == b"answered\n"
        wardens = hostile.children(process.pid)
        process.send_signal(number)
        process.communicate(timeout=SECONDS)  # until nobody holds its output any more

    assert len(wardens) == 1
    assert not stored.exists()
    assert all_gone(token, 1.8 + SLACK)
    assert stored.exists()
    assert hostile.eventually(lambda: not any(map(hostile.runs, wardens)), SLACK)


# The folder that it runs in


def rooms_in(folder: Path) -> list[Path]:
    return list(folder.glob("asking-*"))


async def test_a_room_is_removed_when_who_runs_in_it_has_left(token: str, tmp_path: Path) -> None:
    stored = tmp_path / "stored"
    late = f"\nimport atexit; atexit.register(lambda: open({str(stored)!r}, 'w').write(os.getcwd()))"
    with rooms(tmp_path, launch, SystemClock(), {"PATH": os.environ["PATH"]}) as lent:
        argv = hostile.refreshing(token, tmp_path / "x", also=late)
        async with launch(lent.private.command(argv, SECONDS)) as child:
            assert await child.read(SECONDS)
    assert len(rooms_in(tmp_path)) == 1
    await leaving.wait()

    assert stored.read_text() == lent.private.directory
    assert rooms_in(tmp_path) == []


async def test_a_room_is_not_removed_under_who_comes_next(token: str, tmp_path: Path) -> None:
    with rooms(tmp_path, launch, SystemClock(), {"PATH": os.environ["PATH"]}) as lent:
        for room in lent:
            assert (await hear(room, ("/bin/echo", token), SECONDS)).text == f"{token}\n"
    assert rooms_in(tmp_path) == []


def test_a_folder_is_removed_only_when_nobody_holds_it(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    (folder / "inside").mkdir(parents=True)
    held = hold(str(folder))
    assert held is not None

    remove_if_free(str(folder))
    assert folder.exists()
    os.close(held)
    remove_if_free(str(folder))
    assert not folder.exists()
    remove_if_free(str(folder))
    assert hold(str(folder)) is None
