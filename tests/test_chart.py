"""Charts: lines in dots, bars in eighths, labels around them, roles instead of colours."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiro_tui.ui.chart import TIPS, UNKNOWN, Bar, Series, bar_chart, lines_chart
from kiro_tui.ui.line import Line, Role, span_width

AMOUNTS = st.one_of(st.none(), st.floats(0, 1e7))


def text(lines: tuple[Line, ...]) -> list[str]:
    return ["".join(span.text for span in line.left) for line in lines]


def roles(lines: tuple[Line, ...]) -> set[Role]:
    """The roles of everything that is not blank."""
    return {span.role for line in lines for span in line.left if span.text.strip()}


def height(column: str) -> int:
    """The eighths of a bar, given its cells from the top to the ground."""
    return sum(TIPS.index(sign) for sign in column)


FALLING = Series(((0.0, 100.0), (10.0, 0.0)), Role.PLAN)


def test_a_falling_line_goes_from_the_upper_left_to_the_lower_right() -> None:
    drawn = text(lines_chart([FALLING], 20, 5, (), ()))

    assert len(drawn) == 5
    assert drawn[0][0] != " "
    assert drawn[-1][-1] != " "
    assert drawn[0][-1] == drawn[-1][0] == " "


def test_each_line_has_its_own_role_and_the_labels_are_dim() -> None:
    even = Series(((0.0, 0.0), (10.0, 100.0)), Role.TRACK)

    drawn = lines_chart([even, FALLING], 30, 6, [(0, "Nov 1"), (10, "Dec 1")], [(0, "0"), (100, "100")])

    assert roles(drawn) == {Role.PLAN, Role.TRACK, Role.DIM}


def test_the_later_line_lies_over_the_earlier() -> None:
    level = ((0.0, 1.0), (1.0, 1.0))

    assert roles(lines_chart([Series(level, Role.TRACK), Series(level, Role.PLAN)], 20, 3, (), ())) == {Role.PLAN}


def test_a_dotted_line_has_fewer_dots_than_a_whole_one_and_the_same_ends() -> None:
    def dots(drawn: list[str]) -> int:
        return sum((ord(sign) - 0x2800).bit_count() for row in drawn for sign in row if sign != " ")

    whole = text(lines_chart([FALLING], 40, 6, (), ()))
    dotted = text(lines_chart([Series(FALLING.points, Role.PLAN, dotted=True)], 40, 6, (), ()))

    assert 0 < dots(dotted) < dots(whole) / 2
    assert dotted[0][0] != " "
    assert dotted[-1][-1] != " "


def test_labels_stand_where_they_belong_and_the_numbers_line_up_on_the_right() -> None:
    drawn = text(lines_chart([FALLING], 30, 6, [(0, "Nov 1"), (10, "Dec 1")], [(0, "0"), (50, "50"), (100, "100")]))

    assert [row[:4] for row in drawn] == ["100 ", "    ", " 50 ", "    ", "  0 ", "    "]
    assert drawn[-1] == "    Nov 1" + " " * 16 + "Dec 1"


def test_labels_choose_the_range() -> None:
    drawn = text(lines_chart([FALLING], 20, 9, (), [(0, "0"), (200, "200")]))

    assert all(row[4:].strip() == "" for row in drawn[:4])
    assert drawn[4][4:].strip()


def test_a_label_that_would_touch_the_one_before_is_left_out() -> None:
    drawn = text(lines_chart([FALLING], 20, 4, [(0, "first"), (2, "second"), (10, "third")], ()))

    assert drawn[-1] == "first          third"


@pytest.mark.parametrize("points", [((3.0, 5.0),), ((3.0, 5.0), (3.0, 5.0)), ((0.0, 5.0), (1.0, 5.0))])
@pytest.mark.parametrize("dotted", [False, True])
def test_a_single_point_and_a_level_line_are_drawn_too(points: tuple[tuple[float, float], ...], dotted: bool) -> None:  # noqa: FBT001 - a parametrized value
    assert roles(lines_chart([Series(points, Role.PLAN, dotted)], 20, 4, (), ())) == {Role.PLAN}


@pytest.mark.parametrize(("cells", "rows"), [(3, 10), (40, 1), (0, 0), (-5, 4)])
def test_where_there_is_no_room_there_is_no_chart(cells: int, rows: int) -> None:
    labels = [(0.0, "1000")]

    assert lines_chart([FALLING], cells, rows, (), labels) == ()
    assert bar_chart([Bar(1, Role.PLAN)], cells, rows, labels) == ()


def test_without_anything_to_draw_there_is_no_chart() -> None:
    assert lines_chart([], 40, 10, [(0, "a")], [(0, "b")]) == ()
    assert lines_chart([Series((), Role.PLAN), Series((), Role.DIM, dotted=True)], 40, 10, (), ()) == ()
    assert bar_chart([], 40, 10, ()) == ()


def test_bars_stand_on_the_ground_and_the_highest_fills_its_height() -> None:
    drawn = text(bar_chart([Bar(50, Role.PLAN), Bar(100, Role.PLAN), Bar(0, Role.PLAN)], 6, 4, ()))

    assert drawn == ["  █   ", "  █   ", "█ █   ", "█ █   "]


def test_little_use_is_seen_and_no_use_is_not() -> None:
    drawn = text(bar_chart([Bar(1000, Role.PLAN), Bar(0.01, Role.PLAN), Bar(0, Role.PLAN)], 6, 2, ()))

    assert drawn[-1] == "█ ▁   "


def test_what_is_unknown_is_a_dot_and_not_nothing() -> None:
    assert text(bar_chart([Bar(8, Role.PLAN), Bar(None, Role.DIM)], 8, 2, ()))[-1] == f"███  {UNKNOWN}  "


def test_the_label_of_the_highest_value_stands_beside_the_top_of_its_bar() -> None:
    drawn = text(bar_chart([Bar(100, Role.PLAN, "Mon")], 12, 5, [(0, "0"), (50, "50"), (100, "100")]))

    assert [row[:4] for row in drawn] == ["100 ", "    ", " 50 ", "  0 ", "    "]
    assert drawn[0].strip() == "100 ████"
    assert drawn[-1] == "    Mon"


def test_a_bar_has_its_role() -> None:
    assert roles(bar_chart([Bar(5, Role.PLAN), Bar(3, Role.MARK)], 12, 4, ())) == {Role.PLAN, Role.MARK}


def test_the_charts_of_different_series_do_not_remember_each_other() -> None:
    alone = bar_chart([Bar(5, Role.PLAN)], 12, 4, ())
    lines_chart([FALLING], 50, 20, [(0, "x")], [(0, "y")])

    assert bar_chart([Bar(5, Role.PLAN)], 12, 4, ()) == alone


@given(st.lists(AMOUNTS, min_size=1, max_size=31), st.integers(31, 120), st.integers(3, 20))
def test_bars_keep_to_their_room_and_a_higher_one_is_never_lower(
    values: list[float | None], cells: int, rows: int
) -> None:
    drawn = text(bar_chart([Bar(value, Role.PLAN) for value in values], cells, rows, ()))

    assert [len(row) for row in drawn] == [cells] * rows
    step = cells // len(values)
    heights = [
        (value, height("".join(row[number * step] for row in drawn)))
        for number, value in enumerate(values)
        if value is not None
    ]
    assert [tall for _, tall in sorted(heights)] == sorted(tall for _, tall in heights)
    assert all((tall == 0) == (value == 0) for value, tall in heights)


@given(
    st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)), min_size=1, max_size=40),
    st.booleans(),
    st.integers(1, 120),
    st.integers(2, 30),
)
def test_lines_keep_to_their_room(
    points: list[tuple[float, float]],
    dotted: bool,  # noqa: FBT001 - a generated value
    cells: int,
    rows: int,
) -> None:
    drawn = lines_chart([Series(tuple(sorted(points)), Role.PLAN, dotted)], cells, rows, (), ())

    assert len(drawn) == rows
    assert {span_width(line.left) for line in drawn} == {cells}
    assert roles(drawn) == {Role.PLAN}


def test_charts_that_are_drawn_at_once_do_not_get_into_each_other() -> None:
    sizes = [(20 + n % 30, 3 + n % 5) for n in range(60)]

    def drawn(size: tuple[int, int]) -> tuple[tuple[Line, ...], ...]:
        bars = [Bar(float(n % 7), Role.PLAN) for n in range(size[0] // 2)]
        return lines_chart([FALLING], *size, (), ()), bar_chart(bars, *size, ())

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(drawn, sizes)) == [drawn(size) for size in sizes]


def test_plotext_is_loaded_with_the_first_chart_and_not_before() -> None:
    code = (
        "import sys, kiro_tui.ui.chart as chart, kiro_tui.ui.line as line;"
        "before = 'plotext' in sys.modules;"
        "chart.bar_chart([chart.Bar(1, line.Role.PLAN)], 9, 3, ());"
        "print(before, 'plotext' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "False True\n"
