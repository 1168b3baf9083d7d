"""Cells and rows by themselves; the looks are tested where they are seen, in test_terminal.py."""

from hypothesis import given
from hypothesis import strategies as st
from wcwidth import wcwidth

from kiro_tui.domain.frame import Run, Style
from kiro_tui.probe.terminal.cells import PALETTE, Cell, PastRow, Pen, Row

BLANK = Cell(" ")
WIDTH = 7


def cells(text: str) -> list[Cell]:
    return [cell for char in text for cell in [Cell(char), Cell("")][: wcwidth(char)]]


@given(changes=st.lists(st.tuples(st.integers(0, WIDTH), st.integers(0, WIDTH), st.text("a界", max_size=WIDTH))))
def test_a_row_keeps_its_width_and_holds_whole_characters_only(changes: list[tuple[int, int, str]]) -> None:
    row = Row(WIDTH, BLANK)
    for start, length, text in changes:
        row.splice(start, min(start + length, WIDTH), cells(text), BLANK)
        assert len(row) == WIDTH
        assert cells("".join(cell.data for cell in row)) == row


def test_erasing_leaves_only_the_background_of_a_look() -> None:
    assert Pen(Style("red", "blue", bold=True, underline=True)).blank == Cell(" ", Style(background="blue"))


def test_a_pen_gives_equal_cells_and_does_not_keep_every_character_there_is() -> None:
    pen = Pen(Style("red"))
    assert all(pen[chr(code)] == Cell(chr(code), Style("red")) for code in range(0x4E00, 0x4E00 + 9000))
    assert len(pen) < 9000


def test_a_past_row_is_what_the_row_was() -> None:
    row = Row(WIDTH, BLANK)
    row.splice(1, 3, [Cell("a"), Cell("b", Style("red"))], BLANK)
    assert PastRow(row).runs == row.runs() == (Run(" a"), Run("b", Style("red")))


def test_the_palette_has_the_sixteen_names_the_cube_and_the_greys() -> None:
    assert len(PALETTE) == 256
    assert PALETTE[3] == "yellow"
    assert PALETTE[12] == "brightblue"
    assert (PALETTE[16], PALETTE[196], PALETTE[231]) == ("#000000", "#ff0000", "#ffffff")
    assert (PALETTE[232], PALETTE[255]) == ("#080808", "#eeeeee")
