"""Others go on between two events, and the events keep their order."""

import asyncio

from textual.app import App
from textual.events import Event
from textual.screen import Screen

from kiro_tui.ui.interleaved import Interleaved


class Ping(Event, bubble=False):
    """Something that takes no time."""


class Busy(Screen[None]):
    """Notes when it is called, and lets the event loop note when others are."""

    def __init__(self) -> None:
        super().__init__()
        self.notes: list[str] = []

    def on_ping(self) -> None:
        self.notes.append("event")
        asyncio.get_running_loop().call_soon(self.notes.append, "others")


class Courteous(Interleaved, Busy):
    """The same, courteously."""


async def notes_of(screen: Busy) -> list[str]:
    app = App[None]()
    async with app.run_test() as pilot:
        await app.push_screen(screen)
        await pilot.pause()
        for _ in range(3):
            screen.post_message(Ping())
        await pilot.pause()
        return screen.notes


async def test_others_go_on_between_two_events() -> None:
    assert await notes_of(Courteous()) == ["event", "others"] * 3


async def test_textual_alone_does_all_events_first() -> None:
    assert await notes_of(Busy()) == ["event"] * 3 + ["others"] * 3
