import asyncio
import gc
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Coroutine, Iterator
from pathlib import Path

import hostile
import pytest
from campaigns.chaos import Campaign, LoopLag

from kiro_tui.probe.process import child as child_module
from kiro_tui.probe.process.child import Command, End, Size, launch

SECONDS = 60.0
BOTH = pytest.mark.parametrize("terminal", [Size(), None], ids=["terminal", "pipes"])


@pytest.fixture
def token() -> Iterator[str]:
    """Give a token, and see that no process that bears it, no zombie and no descriptor is left."""
    token, before, others = hostile.new_token(), hostile.descriptors(), hostile.zombies()
    yield token
    assert hostile.alive(token) == {}
    assert hostile.zombies() <= others
    assert hostile.descriptors() <= before


def command(name: str, token: str, terminal: Size | None) -> Command:
    return Command(hostile.argv(name, token), hostile.environment(token), "/", SECONDS, terminal)


async def use(wanted: Command, running: asyncio.Event) -> None:
    async with launch(wanted) as child:
        await child.read(SECONDS)
        running.set()
        await child.read(SECONDS)


async def cancelled(work: Coroutine[object, object, None], running: asyncio.Event, *, times: int) -> None:
    task = asyncio.create_task(work)
    await running.wait()
    for _ in range(times):
        task.cancel()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    with pytest.raises(asyncio.CancelledError):
        await task
    assert task.cancelled()


@BOTH
@pytest.mark.parametrize("times", [1, 2, 25])
async def test_cancelling_ends_everything_however_often_it_is_repeated(
    terminal: Size | None, times: int, token: str
) -> None:
    running = asyncio.Event()

    await cancelled(use(command("forks when asked to go", token, terminal), running), running, times=times)

    assert hostile.alive(token) == {}
    assert asyncio.all_tasks() == {asyncio.current_task()}


@BOTH
@pytest.mark.parametrize("turns", range(4))
async def test_cancelling_before_it_has_even_started_ends_it(terminal: Size | None, turns: int, token: str) -> None:
    task = asyncio.create_task(use(command("deaf", token, terminal), asyncio.Event()))
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task

    assert hostile.alive(token) == {}


async def test_cancelling_while_it_closes_comes_through_when_it_is_closed(token: str) -> None:
    closing = asyncio.Event()

    async def work() -> None:
        async with launch(command("deaf", token, Size())) as child:
            await child.read(SECONDS)
            closing.set()

    await cancelled(work(), closing, times=3)

    assert hostile.alive(token) == {}


async def test_a_timeout_around_it_all_is_still_a_timeout(token: str) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await use(command("deaf", token, Size()), asyncio.Event())

    assert hostile.alive(token) == {}


async def test_an_error_in_the_reader_comes_through_and_ends_it(token: str) -> None:
    async def fail() -> None:
        async with launch(command("deaf", token, Size())) as child:
            raise ZeroDivisionError(await child.read(SECONDS))

    with pytest.raises(ZeroDivisionError):
        await fail()

    assert hostile.alive(token) == {}


async def test_who_reads_may_be_cancelled_alone_and_loses_nothing() -> None:
    async with launch(Command(("/bin/cat",), {}, "/", SECONDS, None)) as child:
        reading = asyncio.create_task(child.read(SECONDS))
        await asyncio.sleep(0)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        child.write(b"still here")

        assert await child.read(SECONDS) == b"still here"


def test_a_loop_that_is_torn_down_ends_all_of_them(token: str) -> None:
    async def abandon() -> None:
        running = [asyncio.Event() for _ in range(3)]
        abandoned = [
            asyncio.create_task(use(command(name, token, Size()), event))
            for name, event in zip(("deaf", "double fork", "tree of thirty"), running, strict=True)
        ]
        for event in running:
            await event.wait()
        assert not any(task.done() for task in abandoned)

    asyncio.run(abandon())

    assert hostile.alive(token) == {}


async def test_a_warden_that_hangs_is_killed_and_what_it_held_is_ended(
    token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child_module, "_PATIENCE", 0.2)
    async with launch(command("no environment", token, Size())) as child:
        await child.read(SECONDS)
        os.kill(child._warden.pid, signal.SIGSTOP)  # type: ignore[attr-defined]  # stopped, as by a debugger

        ending = await child.close()

    assert (ending.end, ending.left) == (End.LOST, 0)
    assert hostile.alive(token) == {}


async def test_what_the_app_itself_has_started_survives_a_lost_warden(token: str) -> None:
    own = subprocess.Popen(["/bin/sleep", "300"])  # noqa: ASYNC220 - it returns at once
    older = subprocess.Popen(["/bin/sleep", "300"], start_new_session=True)  # noqa: ASYNC220 - it returns at once
    try:
        async with launch(command("no environment", token, Size())) as child:
            await child.read(SECONDS)
            child._warden.kill()  # type: ignore[attr-defined]  # as the system does when memory runs out
            during = subprocess.Popen(["/bin/sleep", "300"])  # noqa: ASYNC220 - it returns at once

            assert (await child.close()).end is End.LOST

        assert [process.poll() for process in (own, older, during)] == [None, None, None]
    finally:
        for process in (own, older, during):
            process.kill()
            process.wait()


async def test_orphans_are_inherited_only_while_something_runs() -> None:
    before = hostile.inherits_orphans()
    async with launch(Command(("/bin/cat",), {}, "/", SECONDS, None)):
        meanwhile = hostile.inherits_orphans()

    assert (before, meanwhile, hostile.inherits_orphans()) == (False, True, False)


@BOTH
async def test_nothing_is_left_for_the_garbage_collector(terminal: Size | None, token: str) -> None:
    running = asyncio.Event()
    await cancelled(use(command("deaf", token, terminal), running), running, times=2)
    before = hostile.descriptors()

    gc.collect()

    assert hostile.descriptors() == before


def test_nothing_warns_in_an_app_with_threads_that_takes_every_warning_for_an_error(token: str) -> None:
    script = """
import asyncio, hostile, sys, threading
from kiro_tui.probe.process.child import Command, Size, launch

async def main():
    for terminal in (Size(), None):
        for name in ("polite", "deaf", "flood"):
            command = Command(hostile.argv(name, sys.argv[1]), hostile.environment(sys.argv[1]), "/", 20, terminal)
            async with launch(command) as child:
                await child.read(20)

stop = threading.Event()
threading.Thread(target=stop.wait).start()
asyncio.run(main(), debug=True)
stop.set()
"""
    path = f"{Path(child_module.__file__).parents[3]}:{Path(__file__).parent}"
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", script, token],
        env={"PYTHONPATH": path, "PATH": os.environ["PATH"]},
        capture_output=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, b"")


def test_two_hundred_hostile_runs_leave_nothing() -> None:
    result = asyncio.run(Campaign(runs=200, lanes=8, seed=7).run())

    assert (result.orphans, result.zombies, result.left) == ({}, 0, 0), str(result)
    assert result.descriptors[0] == result.descriptors[1], str(result)
    assert result.lag < 0.25, str(result)
    assert {end for _, end in result.ends} == {"cancelled", "exited", "deadline", "flood"}, str(result)


async def test_the_loop_lag_is_seen_where_there_is_one() -> None:
    with LoopLag() as lag:
        threading.Event().wait(0.5)

    assert lag.worst > 0.1
