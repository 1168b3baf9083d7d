from hypothesis import given
from hypothesis import strategies as st

from kiro_tui.ui.line import Line, Span, cut, first_that_fits, span_width, width

texts = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Zl", "Zp")), max_size=40)
lines = st.builds(
    Line,
    st.lists(texts.map(Span), max_size=3).map(tuple),
    st.lists(texts.map(Span), max_size=2).map(tuple),
)


@given(texts, st.integers(0, 60))
def test_a_cut_text_never_takes_more_cells_than_it_may(text: str, cells: int) -> None:
    assert width(cut(text, cells)) <= cells


@given(lines, st.integers(0, 120))
def test_a_laid_out_row_never_takes_more_cells_than_it_may(line: Line, cells: int) -> None:
    assert span_width(line.laid_out(cells)) <= cells


def test_the_right_part_ends_at_the_right_edge() -> None:
    row = Line((Span("left"),), (Span("right"),)).laid_out(20)

    assert "".join(span.text for span in row) == "left           right"


def test_the_right_part_gives_way_where_both_do_not_fit() -> None:
    row = Line((Span("a name that is long"),), (Span("right"),)).laid_out(20)

    assert "".join(span.text for span in row) == "a name that is long"


def test_a_wide_character_is_not_cut_in_half() -> None:
    assert cut("日本語です", 6) == "日本…"


def test_the_first_line_that_fits_is_taken_and_else_the_last() -> None:
    long, short = Line((Span("a long line"),)), Line((Span("short"),))

    assert first_that_fits(11, [long, short]) is long
    assert first_that_fits(10, [long, short]) is short
    assert first_that_fits(1, [long, short]) is short
