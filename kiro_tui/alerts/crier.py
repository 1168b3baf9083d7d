"""Telling an alert on every channel that the person wants, each for itself.

What becomes of it on each is a value: a channel that fails stops no other. While it is quiet (the hours of the
settings, or a snooze) everything is held back, and what still holds when the quiet ends is told as one. Whether an
alert is to be told at all, and by which of several programs, is decided before it comes here.
"""

import asyncio
import logging
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, tzinfo
from typing import Protocol

from kiro_tui.clock import Clock
from kiro_tui.domain.alerts import Alert
from kiro_tui.domain.quiet import QuietHours, as_one, held_with
from kiro_tui.domain.text import clean
from kiro_tui.domain.told import Channel, Fate, Told

LONGEST_TITLE = 100
LONGEST_TEXT = 500

_log = logging.getLogger(__name__)


class Sender(Protocol):
    """One channel."""

    @property
    def channel(self) -> Channel:
        """Return which."""
        ...

    async def send(self, alert: Alert) -> Told:
        """Tell it, and say what became of it; whatever can go wrong is part of the answer."""
        ...


class Crier:
    """Tells alerts on all channels, or holds them back while it is quiet."""

    def __init__(
        self, senders: Iterable[Sender], clock: Clock, quiet: QuietHours | None = None, zone: tzinfo | None = None
    ) -> None:
        """Lend the channels that the person wants; `zone` is the person's, None that of this machine."""
        self._senders = {sender.channel: sender for sender in senders}
        self._clock = clock
        self._quiet = quiet
        self._zone = zone
        self._snoozed_until: datetime | None = None
        self._held: tuple[Alert, ...] = ()

    @property
    def quiet_until(self) -> datetime | None:
        """When it may be told again, aware UTC; None where that is now."""
        now = self._clock.now()
        snoozed = self._snoozed_until if self._snoozed_until and self._snoozed_until > now else None
        hours_end = self._quiet.until(snoozed or now, self._zone) if self._quiet else None
        return hours_end or snoozed

    @property
    def snoozed_until(self) -> datetime | None:
        """When the person's snooze ends, aware UTC; None where there is none."""
        until = self._snoozed_until
        return until if until and until > self._clock.now() else None

    def snooze(self, until: datetime | None) -> None:
        """Hold everything back until then; None ends a snooze."""
        self._snoozed_until = until

    @property
    def held(self) -> tuple[Alert, ...]:
        """What is to be told when the quiet ends."""
        return self._held

    async def tell(self, alert: Alert) -> tuple[Told, ...]:
        """Tell it on all channels, with what was held back before; or hold it back."""
        self._held = held_with(self._held, alert)
        return await self.tell_held()

    async def tell_held(self) -> tuple[Told, ...]:
        """Tell what was held back, once the quiet has ended; () where there is nothing."""
        if not self._held:
            return ()
        if until := self.quiet_until:
            text = f"quiet until {until.astimezone(self._zone):%H:%M}"
            return tuple(
                Told(channel, Fate.HELD, text) if channel in self._senders else _off(channel) for channel in Channel
            )
        alert, self._held = as_one(self._held), ()
        return await self.send(alert)

    async def send(self, alert: Alert) -> tuple[Told, ...]:
        """Send it on all channels at once, quiet or not."""
        fit = _fit(alert)
        async with asyncio.TaskGroup() as sending:
            # They begin in this order, in which a notification through tmux comes before a message that would stop it.
            tasks = {
                each: sending.create_task(self._senders[each].send(fit)) for each in Channel if each in self._senders
            }
        told = tuple(tasks[channel].result() if channel in tasks else _off(channel) for channel in Channel)
        for each in told:
            _log.info("%s by %s: %s, %s", alert.kind, each.channel, each.fate, each.text)
        return told


def _fit(alert: Alert) -> Alert:
    """Return the alert as it may leave us: clean and short, whoever has made it."""
    return replace(
        alert,
        title=clean(alert.title, LONGEST_TITLE),
        text=clean(alert.text, LONGEST_TEXT),
        window=None if alert.window is None else clean(alert.window, LONGEST_TITLE),
        threshold=None if alert.threshold is None else clean(alert.threshold, LONGEST_TITLE),
    )


def _off(channel: Channel) -> Told:
    return Told(channel, Fate.OFF, "switched off")
