from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fakes import FakeClock

from kiro_tui.alerts.crier import Crier
from kiro_tui.domain.alerts import Alert, AlertKind, Severity
from kiro_tui.domain.state import State
from kiro_tui.domain.told import Channel, Fate, Told
from kiro_tui.ui.alarm import Alarm

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
HALF = Alert(AlertKind.USED, Severity.INFO, NOW, "Monthly credits: 52.5 % used", "1050 of 2000 used.", threshold="50")
MOST = Alert(AlertKind.USED, Severity.WARNING, NOW, "Monthly credits: 95.5 % used", "1910 of 2000 used.")


class ScriptedWatcher:
    """Finds the alerts of its script, one batch a look."""

    def __init__(self, *batches: Sequence[Alert]) -> None:
        self._batches = list(batches)

    async def alerts(self, *_: object) -> tuple[Alert, ...]:
        return tuple(self._batches.pop(0)) if self._batches else ()


class Noted:
    """A channel that notes what it is given, and says the same of all of it."""

    def __init__(self, fate: Fate = Fate.SENT) -> None:
        self.channel = Channel.COMMAND
        self.sent: list[Alert] = []
        self._fate = fate

    async def send(self, alert: Alert) -> Told:
        self.sent.append(alert)
        return Told(self.channel, self._fate, "notify-me ended with status 1")


class Stage:
    """An alarm with a clock that a test moves, and what it showed, said and sent."""

    def __init__(self, *batches: Sequence[Alert], fate: Fate = Fate.SENT) -> None:
        self.clock = FakeClock(NOW)
        self.channel = Noted(fate)
        self.shown: list[Alert] = []
        self.said: list[str] = []
        watcher: Any = ScriptedWatcher(*batches)
        crier = Crier([self.channel], self.clock)
        self.alarm = Alarm(watcher, crier, self.clock, self.shown.append, self.said.append)

    async def look(self) -> None:
        await self.alarm.look(State(300), None)


async def test_what_is_found_is_shown_and_sent_in_order() -> None:
    stage = Stage([HALF, MOST])
    await stage.look()

    assert stage.shown == stage.channel.sent == [HALF, MOST]
    assert stage.said == []


async def test_all_is_shown_before_a_channel_takes_its_time() -> None:
    stage = Stage([HALF, MOST])
    seen: list[int] = []
    send = stage.channel.send

    async def slow(alert: Alert) -> Told:
        seen.append(len(stage.shown))
        return await send(alert)

    stage.channel.send = slow  # type: ignore[method-assign]  # it notes what stood on the page by then
    await stage.look()

    assert seen == [2, 2]


async def test_a_channel_that_fails_is_a_word_on_the_page_and_keeps_nothing_else_from_being_told() -> None:
    stage = Stage([HALF, MOST], fate=Fate.FAILED)
    await stage.look()

    assert stage.shown == [HALF, MOST]
    assert stage.said == ["An alert could not be sent by command: notify-me ended with status 1"] * 2


async def test_what_comes_in_a_snooze_is_shown_at_once_and_sent_after_it() -> None:
    stage = Stage([HALF])
    stage.alarm.snooze()
    await stage.look()
    assert (stage.shown, stage.channel.sent) == ([HALF], [])

    stage.clock.advance(timedelta(hours=1, seconds=1).total_seconds())
    await stage.look()
    assert stage.channel.sent == [HALF]


async def test_a_snooze_that_is_ended_lets_out_what_was_held_back() -> None:
    stage = Stage([HALF])
    stage.alarm.snooze()
    await stage.look()
    stage.alarm.snooze()
    stage.alarm.snooze()
    await stage.look()

    assert stage.channel.sent == [HALF]


@pytest.mark.parametrize("pause", [0, 5, 25 * 60])
def test_the_key_snoozes_for_an_hour_then_for_eight_then_not_at_all(pause: float) -> None:
    stage = Stage()
    assert stage.alarm.snooze() == "Alerts are held back for an hour; they still show here"
    stage.clock.advance(pause)
    assert stage.alarm.snooze() == "Alerts are held back for 8 hours; they still show here"
    assert stage.alarm.snoozed_until == stage.clock.now() + timedelta(hours=8)
    stage.clock.advance(pause)
    assert stage.alarm.snooze() == "Alerts are sent again"
    assert stage.alarm.snoozed_until is None
    assert stage.alarm.snooze() == "Alerts are held back for an hour; they still show here"


def test_a_snooze_that_is_nearly_over_is_begun_anew() -> None:
    stage = Stage()
    stage.alarm.snooze()
    stage.clock.advance(50 * 60)

    assert stage.alarm.snooze() == "Alerts are held back for an hour; they still show here"
