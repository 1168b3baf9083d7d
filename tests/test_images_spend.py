"""The Spend screen looks as it did when somebody looked at it and blessed it; see test_images.py."""

import threading

import pytest
from pictures import Judge
from spending import SKIPPED, FakeBook, book, settled, spend_screen

from kiro_tui.spend.ledger import Ledger, Progress

SIZES = ((120, 40), (80, 24), (50, 15))
KEYS: dict[str, tuple[str, ...]] = {
    "project": (),
    "session": ("s", "down", "down"),
    "turns": ("s", "down", "down", "enter"),
    "day": ("d", "down"),
    "within": ("m", "enter"),
    "search": ("s", "slash", *"fix"),
    "not-found": ("slash", *"xyzzy"),
}
PICTURES = {f"spend-{name}-{columns}x{rows}" for name in (*KEYS, "reading", "empty") for columns, rows in SIZES} | {
    "spend-unknown-80x24"
}


@pytest.mark.parametrize("name", KEYS)
async def test_every_view_looks_as_blessed_at_every_size(name: str, judge: Judge) -> None:
    wrong = []
    async with spend_screen(book(SKIPPED), SIZES[0]) as (app, _screen, pilot):
        await pilot.press(*KEYS[name])
        await settled(pilot)
        for columns, rows in SIZES:
            await pilot.resize_terminal(columns, rows)
            await pilot.pause()
            wrong.append(judge(f"spend-{name}-{columns}x{rows}", app))
    assert not any(wrong), "\n".join(filter(None, wrong))


@pytest.mark.parametrize("size", SIZES)
async def test_reading_looks_as_blessed(size: tuple[int, int], judge: Judge) -> None:
    slow = FakeBook(steps=[Progress(420, 2000), Ledger((), ())], gates={1: threading.Event()})
    async with spend_screen(slow, size) as (app, _screen, pilot):
        await slow.has_given(1, pilot)
        assert judge(f"spend-reading-{size[0]}x{size[1]}", app) == ""


@pytest.mark.parametrize("size", SIZES)
async def test_nothing_looks_as_blessed(size: tuple[int, int], judge: Judge) -> None:
    async with spend_screen(FakeBook(steps=[Ledger((), ())]), size) as (app, _screen, _pilot):
        assert judge(f"spend-empty-{size[0]}x{size[1]}", app) == ""


async def test_without_the_accounts_figure_it_looks_as_blessed(judge: Judge) -> None:
    async with spend_screen(book(), (80, 24), None) as (app, _screen, _pilot):
        assert judge("spend-unknown-80x24", app) == ""
