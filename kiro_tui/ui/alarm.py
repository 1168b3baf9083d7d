"""What the dashboard does with alerts: it shows each on the page, sends it by the channels, and can be told to wait.

It finds none itself and knows no channel. Alerts are told one after the other; a channel that fails is a word on the
page, and nothing else.
"""

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from kiro_tui.clock import Clock
from kiro_tui.domain.alerts import Alert
from kiro_tui.domain.forecast import Forecast
from kiro_tui.domain.state import State
from kiro_tui.domain.told import Fate, Told

if TYPE_CHECKING:
    from kiro_tui.alerts.crier import Crier
    from kiro_tui.alerts.watcher import Watcher

SNOOZES = (timedelta(hours=1), timedelta(hours=8))
"""For how long, one after the other; after the last one comes none."""


class Alarm:
    """Alerts, from the state to the page and to the person's channels."""

    def __init__(
        self,
        watcher: "Watcher",
        crier: "Crier",
        clock: Clock,
        show: Callable[[Alert], None],
        say: Callable[[str], None],
    ) -> None:
        """`show` shows an alert on the page, `say` a sentence about what went wrong."""
        self._watcher = watcher
        self._crier = crier
        self._clock = clock
        self._show = show
        self._say = say
        self._turn = asyncio.Lock()

    @property
    def snoozed_until(self) -> datetime | None:
        """When the snooze ends, aware UTC; None where there is none."""
        return self._crier.snoozed_until

    async def look(self, state: State, forecast: Forecast | None) -> None:
        """Tell what is worth it in this state, and what was held back once it need not be any more."""
        async with self._turn:
            alerts = await self._watcher.alerts(state, forecast)
            for alert in alerts:
                self._show(alert)  # all of them first: a channel may take seconds
            for told in [await self._crier.tell(alert) for alert in alerts] + [await self._crier.tell_held()]:
                self._say_what_failed(told)

    def snooze(self) -> str:
        """Wait for longer, or no more, and say which."""
        now = self._clock.now()
        until = self._crier.snoozed_until
        further = next((each for each in SNOOZES if until is None or now + each > until + SNOOZES[0] / 2), None)
        self._crier.snooze(None if further is None else now + further)
        if further is None:
            return "Alerts are sent again"
        hours = further // timedelta(hours=1)
        return f"Alerts are held back for {'an hour' if hours == 1 else f'{hours} hours'}; they still show here"

    def _say_what_failed(self, told: Iterable[Told]) -> None:
        for each in told:
            if each.fate is Fate.FAILED:
                self._say(f"An alert could not be sent by {each.channel}: {each.text}")
