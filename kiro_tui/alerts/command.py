"""The person's own command: it gets the alert as JSON on its standard input and in variables, and does what it likes.

One runs at a time; a few more alerts wait for their turn. Must never put a word of an alert into its arguments, and
never let its failure be more than a word.
"""

import asyncio
import json
import logging
from dataclasses import fields

from kiro_tui.alerts.programs import Programs
from kiro_tui.domain.alerts import Alert
from kiro_tui.domain.text import clean
from kiro_tui.domain.told import Channel, Fate, Told
from kiro_tui.output.alerts import document

MOST_WAITING = 8
"""Alerts that may wait while one is handed over."""

_log = logging.getLogger(__name__)


class OwnCommand:
    """Hands alerts to a program of the person's, one after the other."""

    channel = Channel.COMMAND

    def __init__(self, programs: Programs, argv: tuple[str, ...], seconds: float) -> None:
        """`seconds` is the time that one alert may take."""
        self._programs = programs
        self._argv = argv
        self._seconds = seconds
        self._turn = asyncio.Lock()
        self._here = 0

    async def send(self, alert: Alert) -> Told:
        """Run the command for it, after those that came before."""
        if self._here > MOST_WAITING:
            return Told(self.channel, Fate.FAILED, f"{MOST_WAITING} alerts wait for it already")
        self._here += 1
        try:
            async with self._turn:
                return await self._run(alert)
        finally:
            self._here -= 1

    async def _run(self, alert: Alert) -> Told:
        ran = await self._programs.run(self._argv, self._seconds, json.dumps(document(alert)) + "\n", _variables(alert))
        name = clean(self._argv[0])
        for line in filter(None, map(clean, ran.output.splitlines())):
            _log.info("%s said: %s", name, line)
        if ran.trouble:
            _log.warning("%s %s", name, ran.trouble)
            return Told(self.channel, Fate.FAILED, f"{name} {ran.trouble}")
        return Told(self.channel, Fate.SENT, f"to {name}")


def _variables(alert: Alert) -> dict[str, str]:
    """Return a variable for each field, with what the JSON says of it; what is unknown is empty."""
    said = document(alert)
    return {f"KIRO_TUI_ALERT_{each.name.upper()}": said[each.name] or "" for each in fields(Alert)}
