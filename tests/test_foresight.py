"""Looking ahead off the event loop: one at a time, and never with what is old."""

import asyncio
from datetime import datetime

import months
from stage import KeptReadings, StandingClock

from kiro_tui.domain.history import Reading
from kiro_tui.domain.month import Count
from kiro_tui.ui.foresight import Foresight
from kiro_tui.ui.outlook import Outlook

READINGS = months.MONTHS["even use"]


class Counted(KeptReadings):
    """Notes how often it was asked; the first time there are news meanwhile."""

    def __init__(self, *readings: Reading) -> None:
        super().__init__(*readings)
        self.asked = 0
        self.foresight = Foresight(self, StandingClock(months.NOW), Count())

    async def hourly(self, since: datetime) -> tuple[Reading, ...]:
        self.asked += 1
        if self.asked == 1:
            self.foresight.look()
        return await super().hourly(since)


async def test_what_was_begun_before_there_were_news_is_thrown_away() -> None:
    past = Counted(*READINGS)
    drawn = list[Outlook]()
    past.foresight.look()

    outlook = await past.foresight.next(drawn.append)

    assert past.asked == 2
    assert outlook is drawn[1]


async def test_many_news_are_one_look_and_none_is_none() -> None:
    past = Counted(*READINGS)
    past.asked = 1
    for _ in range(5):
        past.foresight.look()
    await past.foresight.next(lambda _outlook: None)
    waiting = asyncio.ensure_future(past.foresight.next(lambda _outlook: None))
    done, _ = await asyncio.wait([waiting], timeout=0)
    waiting.cancel()

    assert past.asked == 2
    assert done == set()
