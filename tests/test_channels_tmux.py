"""Alerts in tmux, with a real server and somebody attached: the status line, the marked window, what is let through."""

import asyncio
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from channels import USED, AttachedTmux, programs
from fakes import FakeClock
from installed import needs

from kiro_tui.alerts.crier import Crier
from kiro_tui.alerts.terminal import Bell, Notification
from kiro_tui.alerts.tmux import Tmux, TmuxMessage, escaped
from kiro_tui.clock import SystemClock
from kiro_tui.domain.told import Channel, Fate, Told

pytestmark = needs("tmux")


SHOWN = 0.2
"""Seconds; long enough for what must not come meanwhile."""


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[AttachedTmux]:
    server = AttachedTmux(tmp_path)
    yield server
    server.end()


def ours(tmux: AttachedTmux, tmp_path: Path) -> Tmux:
    return Tmux(programs(tmux.environment, tmp_path), SystemClock(), SHOWN)


async def test_the_message_stands_in_the_status_line(tmux: AttachedTmux, tmp_path: Path) -> None:
    person = tmux.attach()
    told = await TmuxMessage(ours(tmux, tmp_path)).send(USED)

    assert told == Told(Channel.TMUX, Fate.SENT, "in the status line")
    person.shows("Kiro: 90% used. 1800 of 2000 credits.")
    assert "Kiro: 90% used. 1800 of 2000 credits." in tmux("show-messages")


async def test_it_reaches_a_person_who_looks_at_another_session(tmux: AttachedTmux, tmp_path: Path) -> None:
    tmux("new-session", "-d", "-s", "other", "cat > /dev/null")
    person = tmux.attach("other")
    await TmuxMessage(ours(tmux, tmp_path)).send(USED)

    person.shows("Kiro: 90% used.")


async def test_the_bell_marks_the_window_that_is_not_looked_at(tmux: AttachedTmux) -> None:
    tmux("new-window", "-t", "ours", "cat > /dev/null")
    person = tmux.attach()
    told = await Bell(tmux.write).send(USED)

    assert told.fate is Fate.SENT
    person.until(lambda: "1" in tmux("list-windows", "-t", "ours", "-F", "#{window_bell_flag}").split()[0])
    person.until(lambda: b"\a" in person.raw)


async def test_a_notification_goes_through_where_tmux_lets_it(tmux: AttachedTmux, tmp_path: Path) -> None:
    tmux("set-option", "-g", "allow-passthrough", "on")
    person = tmux.attach()
    told = await Notification(tmux.write, tmux.environment, ours(tmux, tmp_path)).send(USED)

    assert told.fate is Fate.SENT
    person.until(lambda: b"\x1b]777;notify;Kiro: 90% used;1800 of 2000 credits.\a" in person.raw)
    assert b"\x1b]9;Kiro: 90% used. 1800 of 2000 credits.\a" in person.raw


async def test_whoever_wants_something_of_tmux_waits_until_a_message_is_over(
    tmux: AttachedTmux, tmp_path: Path
) -> None:
    tmux.attach()
    clock = FakeClock()
    there = Tmux(programs(tmux.environment, tmp_path), clock)
    await TmuxMessage(there).send(USED)
    assert clock.slept == []

    async with there.turn():
        assert clock.slept == [4.0]
    async with there.turn():
        assert clock.slept == [4.0]


async def test_a_message_holds_up_no_notification_and_takes_the_place_of_no_other(
    tmux: AttachedTmux, tmp_path: Path
) -> None:
    tmux("set-option", "-g", "allow-passthrough", "on")
    person, there = tmux.attach(), ours(tmux, tmp_path)
    crier = Crier([TmuxMessage(there), Notification(tmux.write, tmux.environment, there)], SystemClock())
    async with asyncio.TaskGroup() as both:
        both.create_task(crier.send(USED))
        both.create_task(crier.send(replace(USED, title="the overage began")))

    person.until(lambda: b"notify;Kiro: the overage began" in person.raw)
    assert b"notify;Kiro: 90% used" in person.raw
    person.until(lambda: b"Kiro: the overage began. 1800" in person.raw)
    assert person.raw.index(b"Kiro: 90% used. 1800 of") < person.raw.index(b"777;notify;Kiro: the overage began")


async def test_none_is_written_where_tmux_lets_none_through(tmux: AttachedTmux, tmp_path: Path) -> None:
    tmux("set-option", "-g", "allow-passthrough", "off")
    tmux.attach()
    written: list[str] = []
    told = await Notification(written.append, tmux.environment, ours(tmux, tmp_path)).send(USED)

    assert (told.fate, written) == (Fate.UNAVAILABLE, [])
    assert "allow-passthrough" in told.text


async def test_none_is_written_from_a_window_that_tmux_lets_none_through_from(
    tmux: AttachedTmux, tmp_path: Path
) -> None:
    tmux("set-option", "-g", "allow-passthrough", "on")
    tmux("new-window", "-t", "ours", "cat > /dev/null")
    tmux.attach()
    written: list[str] = []
    told = await Notification(written.append, tmux.environment, ours(tmux, tmp_path)).send(USED)

    assert (told.fate, written) == (Fate.UNAVAILABLE, [])
    assert "hidden window" in told.text


async def test_where_nobody_is_attached_nothing_is_sent_and_nothing_is_wrong(
    tmux: AttachedTmux, tmp_path: Path
) -> None:
    there = ours(tmux, tmp_path)

    assert (await TmuxMessage(there).send(USED)).fate is Fate.UNAVAILABLE
    assert (await Notification(tmux.write, tmux.environment, there).send(USED)).fate is Fate.UNAVAILABLE


async def test_a_tmux_that_is_gone_has_failed(tmux: AttachedTmux, tmp_path: Path) -> None:
    there = ours(tmux, tmp_path)
    tmux.end()
    told = await TmuxMessage(there).send(USED)

    assert told.fate is Fate.FAILED
    assert told.text.startswith("tmux ended with exit status 1: ")


async def test_a_tmux_that_is_not_installed_has_failed(tmp_path: Path) -> None:
    there = Tmux(programs({"TMUX": "/nowhere,1,0", "PATH": str(tmp_path)}, tmp_path), FakeClock())
    told = await TmuxMessage(there).send(USED)

    assert told == Told(Channel.TMUX, Fate.FAILED, f"tmux cannot be started: {os.strerror(2)}")


async def test_an_answer_that_is_not_known_has_failed(tmp_path: Path) -> None:
    (tmp_path / "tmux").write_text("#!/bin/sh\necho no idea\n")
    (tmp_path / "tmux").chmod(0o755)
    told = await TmuxMessage(Tmux(programs({"PATH": f"{tmp_path}:/bin:/usr/bin"}, tmp_path), FakeClock())).send(USED)

    assert told == Told(Channel.TMUX, Fate.FAILED, "tmux gave an answer that is not known: no idea")


async def test_outside_of_tmux_there_is_no_message() -> None:
    assert (await TmuxMessage(None).send(USED)).fate is Fate.UNAVAILABLE


@pytest.mark.parametrize(
    ("text", "given"), [("#(x) %H", "##(x) %%H"), ("a;", r"a\;"), (r"a\;", r"a\\;"), ("a;b", "a;b"), ("", "")]
)
def test_what_tmux_would_read_is_escaped(text: str, given: str) -> None:
    assert escaped(text) == given
