"""Telling an alert: what the terminal is given, each channel for itself, and nothing while it is quiet."""

import os
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from channels import NOW, USED
from fakes import FakeClock
from hypothesis import given
from hypothesis import strategies as st
from world import World

from kiro_tui.alerts.crier import Crier
from kiro_tui.alerts.terminal import Bell, Notification
from kiro_tui.commands.crier import open_crier
from kiro_tui.domain.alerts import Alert, AlertKind
from kiro_tui.domain.quiet import QuietHours
from kiro_tui.domain.told import Channel, Fate, Told
from kiro_tui.settings import Alerts

WORD = r"[^;\x00-\x1f\x7f-\x9f]"
BOTH = re.compile(rf"\x1b]9;(?P<nine>{WORD}+)\x07\x1b]777;notify;{WORD}+;{WORD}*\x07")


async def written(alert: Alert, **environment: str) -> tuple[Told, str]:
    """What comes of a notification on a terminal with these variables."""
    data: list[str] = []
    told = await Notification(data.append, environment, None).send(alert)
    return told, "".join(data)


class Scripted:
    """A channel that notes what it is to send."""

    def __init__(self, channel: Channel, fate: Fate = Fate.SENT) -> None:
        self.channel = channel
        self.fate = fate
        self.sent: list[Alert] = []

    async def send(self, alert: Alert) -> Told:
        self.sent.append(alert)
        return Told(self.channel, self.fate, "")


def fates(told: tuple[Told, ...]) -> dict[Channel, Fate]:
    return {each.channel: each.fate for each in told}


# --- The terminal


@pytest.mark.parametrize(
    ("environment", "sequences"),
    [
        ({"TERM": "xterm-256color"}, ["9", "777"]),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "iTerm.app"}, ["9", "777"]),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "WezTerm"}, ["777"]),
        ({"TERM": "xterm-kitty"}, ["777"]),
        ({"TERM": "xterm-ghostty"}, ["777"]),
        ({"TERM": "foot"}, ["777"]),
        ({"TERM": "linux"}, []),
        ({"TERM": "dumb"}, []),
        ({}, []),
        ({"TERM": "screen-256color", "STY": "1.pts-0.host"}, []),
    ],
)
async def test_a_terminal_is_given_what_it_may_know_and_nothing_twice(
    environment: Mapping[str, str], sequences: list[str]
) -> None:
    told, data = await written(USED, **environment)

    assert re.findall(r"\x1b](\d+);", data) == sequences
    assert told.fate is (Fate.SENT if sequences else Fate.UNAVAILABLE)


@given(title=st.text(), text=st.text())
async def test_a_notification_is_whole_sequences_and_never_a_command_of_conemu(title: str, text: str) -> None:
    _, data = await written(replace(USED, title=title, text=text), TERM="xterm")
    found = BOTH.fullmatch(data)

    assert found
    assert not re.match(r"\d", found["nine"])
    assert len(data) < 1000


async def test_the_bell_rings_once() -> None:
    data: list[str] = []

    assert await Bell(data.append).send(USED) == Told(Channel.BELL, Fate.SENT, "rang once")
    assert data == ["\a"]


async def test_where_there_is_no_terminal_nothing_is_wrong() -> None:
    assert (await Bell(None).send(USED)).fate is Fate.UNAVAILABLE
    assert (await Notification(None, {"TERM": "xterm"}, None).send(USED)).fate is Fate.UNAVAILABLE


async def test_a_terminal_that_takes_nothing_has_failed() -> None:
    def stopped(_: str) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    told = await Bell(stopped).send(USED)

    assert told == Told(Channel.BELL, Fate.FAILED, "the terminal takes nothing: Resource temporarily unavailable")


# --- All channels


async def test_every_channel_has_its_own_word_and_one_that_fails_stops_no_other() -> None:
    senders = [Scripted(Channel.BELL), Scripted(Channel.TMUX, Fate.FAILED), Scripted(Channel.COMMAND)]
    told = await Crier(senders, FakeClock()).tell(USED)

    assert fates(told) == {
        Channel.BELL: Fate.SENT,
        Channel.TERMINAL: Fate.OFF,
        Channel.TMUX: Fate.FAILED,
        Channel.DESKTOP: Fate.OFF,
        Channel.COMMAND: Fate.SENT,
    }
    assert [sender.sent for sender in senders] == [[USED], [USED], [USED]]


async def test_the_terminal_comes_before_tmux_whose_message_would_stop_it() -> None:
    order: list[Channel] = []

    class Noting(Scripted):
        async def send(self, alert: Alert) -> Told:
            order.append(self.channel)
            return await super().send(alert)

    await Crier([Noting(channel) for channel in reversed(Channel)], FakeClock()).send(USED)

    assert order == list(Channel)


async def test_what_leaves_is_clean_and_short_whoever_has_made_it() -> None:
    bell = Scripted(Channel.BELL)
    await Crier([bell], FakeClock()).send(
        Alert(AlertKind.USED, USED.severity, NOW, "\x1b" * 9, "x" * 9999, "a\nb", "\0")
    )
    (sent,) = bell.sent

    assert (sent.title, sent.window, sent.threshold) == ("", "a b", "")
    assert len(sent.text) == 500


@pytest.mark.parametrize(
    ("alerts", "on"),
    [
        (Alerts(), {Channel.BELL, Channel.TERMINAL, Channel.TMUX, Channel.DESKTOP}),
        (Alerts(command=("true",)), set(Channel)),
        (Alerts(bell="off", terminal=False, tmux=False, desktop=False), set()),
    ],
)
async def test_the_settings_say_which_channels_there_are(alerts: Alerts, on: set[Channel]) -> None:
    told = await open_crier(alerts, FakeClock(), {"PATH": os.environ["PATH"]}, None).send(USED)

    assert {each.channel for each in told if each.fate is not Fate.OFF} == on


# --- Quiet

NIGHT = QuietHours.parse("22:00-07:00")
EVENING = datetime(2026, 6, 11, 23, 0, tzinfo=UTC)


async def test_while_it_is_quiet_nothing_is_sent_and_then_all_that_holds_as_one() -> None:
    clock, bell = FakeClock(EVENING), Scripted(Channel.BELL)
    crier = Crier([bell], clock, NIGHT, UTC)
    first = await crier.tell(replace(USED, threshold="75"))
    await crier.tell(USED)
    await crier.tell(replace(USED, kind=AlertKind.SIGNED_OUT, window=None, title="signed out"))
    still = await crier.tell_held()
    clock.advance(8 * 3600)
    after = await crier.tell_held()

    assert first[0] == Told(Channel.BELL, Fate.HELD, "quiet until 07:00")
    assert fates(first)[Channel.COMMAND] is Fate.OFF
    assert still[0].fate is Fate.HELD
    assert fates(after)[Channel.BELL] is Fate.SENT
    assert [(sent.title, sent.text) for sent in bell.sent] == [("2 alerts", "90% used · signed out")]
    assert await crier.tell_held() == ()


async def test_the_next_alert_after_the_quiet_takes_along_what_was_held() -> None:
    clock, bell = FakeClock(EVENING), Scripted(Channel.BELL)
    crier = Crier([bell], clock, NIGHT, UTC)
    await crier.tell(USED)
    clock.advance(12 * 3600)
    await crier.tell(replace(USED, kind=AlertKind.RESET, title="a new month"))

    assert [sent.title for sent in bell.sent] == ["a new month"]


async def test_a_test_is_sent_also_while_it_is_quiet() -> None:
    bell = Scripted(Channel.BELL)
    told = await Crier([bell], FakeClock(EVENING), NIGHT, UTC).send(USED)

    assert fates(told)[Channel.BELL] is Fate.SENT


async def test_a_snooze_holds_back_until_it_ends_or_is_ended() -> None:
    clock, bell = FakeClock(), Scripted(Channel.BELL)
    crier = Crier([bell], clock)
    crier.snooze(clock.now() + timedelta(hours=1))
    await crier.tell(USED)
    assert (bell.sent, crier.held) == ([], (USED,))

    clock.advance(3601)
    assert crier.snoozed_until is None
    await crier.tell_held()
    assert bell.sent == [USED]

    crier.snooze(clock.now() + timedelta(hours=1))
    crier.snooze(None)
    await crier.tell(USED)
    assert bell.sent == [USED, USED]


@pytest.mark.parametrize(
    ("snoozed", "until"),
    [
        (None, "07:00"),
        (timedelta(hours=1), "07:00"),
        (timedelta(hours=7, minutes=59), "07:00"),
        (timedelta(hours=9), "08:00"),
    ],
)
def test_it_is_quiet_until_both_the_snooze_and_the_hours_have_ended(snoozed: timedelta | None, until: str) -> None:
    crier = Crier([], FakeClock(EVENING), NIGHT, UTC)
    crier.snooze(EVENING + snoozed if snoozed else None)

    assert crier.quiet_until
    assert f"{crier.quiet_until:%H:%M}" == until


# --- kiro-tui alerts test


def test_the_test_says_what_happened_on_every_channel(tmp_path: Path) -> None:
    world = World(tmp_path)
    with world.pane("alerts", "test", columns=100, KIRO_TUI_ALERTS_COMMAND="cat") as pane:
        status = pane.ended()

    assert status == 0
    rows = dict(line.split(None, 1) for line in pane.text.splitlines() if line.strip())
    assert rows["bell"].split() == ["sent", "rang", "once"]
    assert rows["terminal"].startswith("sent")
    assert rows["tmux"].split(None, 1) == ["unavailable", "not in tmux"]
    assert rows["desktop"].startswith("unavailable")
    assert rows["command"].split(None, 1) == ["sent", "to cat"]
    assert b"\a" in pane.raw
    assert b"\x1b]777;notify;Kiro: test alert;" in pane.raw


def test_a_wanted_channel_that_fails_is_a_mistake_in_the_settings(tmp_path: Path) -> None:
    world = World(tmp_path)
    with world.pane(
        "alerts", "test", columns=120, KIRO_TUI_ALERTS_COMMAND="/nowhere/own", KIRO_TUI_ALERTS_BELL="off"
    ) as pane:
        status = pane.ended()

    assert status == 2
    rows = dict(line.split(None, 1) for line in pane.text.splitlines() if line.strip())
    assert rows["bell"].split(None, 1) == ["off", "switched off"]
    assert rows["command"].split(None, 1)[0] == "failed"
    assert rows["kiro-tui:"].startswith("alerts.command failed: /nowhere/own cannot be started: No such file")
    assert "switch alerts.command off" in pane.text


def test_the_test_says_when_real_alerts_are_held_back(tmp_path: Path) -> None:
    world = World(tmp_path)
    now = datetime.now().astimezone()  # the program has no other clock either
    hours = f"{now - timedelta(hours=2):%H:%M}-{now + timedelta(hours=2):%H:%M}"
    with world.pane("alerts", "test", KIRO_TUI_ALERTS_QUIET=hours) as pane:
        status = pane.ended()

    assert status == 0
    assert "sent" in pane.text
    assert f"it is quiet until {now + timedelta(hours=2):%H:%M}" in pane.text
