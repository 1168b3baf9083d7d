"""A terminal that has only ASCII gets only ASCII, in the same cells."""

import ast
from dataclasses import replace
from pathlib import Path

import months
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scenes import SCENES, USUAL, live
from spending import FakeBook
from stage import BERLIN, KeptReadings, SilentQuestions, StandingClock, on_stage
from wcwidth import wcswidth

import kiro_tui
from kiro_tui.domain.state import Asking
from kiro_tui.ui.app import Dashboard
from kiro_tui.ui.glyphs import STAND_INS, ascii_only, in_ascii
from kiro_tui.ui.lent import Lent, Options

TYPED = set("…·–×←→↑↓•")
"""Signs of writing, as against those that are drawn with."""
SIZES = ((180, 40), (120, 40), (80, 24), (50, 15), (30, 6), (24, 1))
PLAIN = Options(zone=BERLIN, ascii_only=True)


@pytest.mark.parametrize(
    ("choice", "term", "encoding", "plain"),
    [
        ("auto", "xterm-256color", "utf-8", False),
        ("auto", "tmux-256color", "UTF8", False),
        ("auto", "linux", "utf-8", True),
        ("auto", "linux-16color", "utf-8", True),
        ("auto", "vt100", "utf-8", True),
        ("auto", "vte-256color", "utf-8", False),
        ("auto", "xterm", "ascii", True),
        ("auto", "xterm", "iso8859-1", True),
        ("auto", "xterm", "", True),
        ("unicode", "linux", "ascii", False),
        ("ascii", "xterm-256color", "utf-8", True),
    ],
)
def test_whether_a_terminal_has_the_signs_is_found_out_unless_it_is_said(
    choice: str,
    term: str,
    encoding: str,
    plain: bool,  # noqa: FBT001 - a parametrized value
) -> None:
    assert ascii_only(choice, term, encoding) is plain


@given(st.text(max_size=40))
def test_a_text_in_ascii_takes_as_many_cells(text: str) -> None:
    plain = in_ascii(text)

    assert plain.isascii()
    if text.isprintable() and wcswidth(text) == sum(max(wcswidth(sign), 0) for sign in text):
        assert len(plain) == wcswidth(text)


def test_letters_lose_their_marks_and_what_has_no_stand_in_is_a_question() -> None:
    assert in_ascii("Équipe Zürich 字 ☃") == "Equipe Zurich ?? ?"


def test_pictures_and_frames_keep_their_shape() -> None:
    assert in_ascii("⠉⣀⣿⠀") == "'.: "
    assert in_ascii("┌─┬┐│╞═") == "+-++|+-"


def written_in(path: Path) -> set[str]:
    """Return every sign beyond ASCII in the texts of a module, and in what it says of itself."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    said = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    return {sign for text in said if isinstance(text, str) for sign in text if not sign.isascii()}


def test_every_sign_that_we_write_has_a_stand_in_and_what_is_drawn_stands_in_one_module() -> None:
    home = Path(kiro_tui.__file__).parent
    words = {path: written_in(path) for path in [*home.glob("domain/*wording.py"), home / "domain/usage.py"]}
    pages = {path: written_in(path) for path in home.glob("ui/*.py") if path.name != "glyphs.py"}

    assert {path: signs - set(STAND_INS) for path, signs in (words | pages).items() if signs - set(STAND_INS)} == {}
    assert {path: signs - TYPED for path, signs in pages.items() if signs - TYPED} == {}


def test_what_means_something_else_looks_different_in_ascii_too() -> None:
    assert len({STAND_INS[sign] for sign in "━╾─┃"}) == 4
    assert len({STAND_INS[sign] for sign in "▁▂▃▄▅▆▇█"}) == 8
    assert len({STAND_INS[sign] for sign in "◐◓◑◒"}) == 4


def drawn(app: Dashboard) -> str:
    """Return what stands on the screen, whoever drew it."""
    return "".join(segment.text for strip in app.screen._compositor.render_strips() for segment in strip)


@pytest.mark.parametrize("scene", ["many", "not-recognised"])
async def test_the_page_is_drawn_in_ascii_at_every_size(scene: str) -> None:
    async with on_stage(SCENES[scene](), SIZES[0], PLAIN) as (app, pilot):
        for size in SIZES:
            await pilot.resize_terminal(*size)
            await pilot.pause()
            assert drawn(app).strip()
            assert drawn(app).isascii()


async def test_every_sheet_the_palette_and_what_is_told_are_drawn_in_ascii() -> None:
    readings = months.MONTHS["bonus that lapses"]
    past, clock = KeptReadings(*readings), StandingClock(months.NOW)
    app = Dashboard(Lent(SilentQuestions(), clock, PLAIN, past=past, book=FakeBook()))
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        app.state = replace(live(readings[-1].report), activity=Asking(months.NOW))
        for key in ("t", "question_mark", "d", "ctrl+p", "h", "w"):
            await pilot.press(key)
            await pilot.pause()
            shown = drawn(app)
            assert len(shown) > 1000
            assert shown.isascii(), {sign for sign in shown if not sign.isascii()}
            await pilot.press("escape")


async def test_a_chart_in_ascii_still_falls() -> None:
    readings = months.MONTHS["even use"]
    past, clock = KeptReadings(*readings), StandingClock(months.NOW)
    async with on_stage(live(readings[-1].report), (120, 40), PLAIN, clock, past) as (app, _pilot):
        rows = [strip.text for strip in app.screen._compositor.render_strips()]
    begins = next(y for y, row in enumerate(rows) if "Left this month" in row)
    firsts = [len(row) - len(row[10:].lstrip()) for row in rows[begins + 1 : begins + 10]]

    assert firsts == sorted(firsts)
    assert any(sign in rows[begins + 1] for sign in "'.:")


async def test_a_terminal_that_has_the_signs_gets_them() -> None:
    async with on_stage(live(USUAL), (80, 24)) as (app, _pilot):
        assert "━" in drawn(app)
