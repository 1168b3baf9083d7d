from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scenes import GRANT, NOW, SCENES, USUAL, WELCOME, live, plan, report
from stage import BERLIN

from kiro_tui.domain.state import Asking, Resting, State, Way, Why
from kiro_tui.domain.usage import Overage
from kiro_tui.ui.line import Role, span_width
from kiro_tui.ui.notice import IN_FEW_WORDS
from kiro_tui.ui.page import Page, compose, headline
from kiro_tui.ui.view import View

SIZES = ((200, 60), (120, 40), (80, 24), (50, 15), (40, 10), (30, 6), (24, 1), (20, 1), (1, 1))


def view(state: State, **fields: object) -> View:
    return replace(View(state, NOW, BERLIN), **fields)  # type: ignore[arg-type]  # a builder for tests


def rows_of(page: Page, columns: int) -> list[str]:
    room = columns - 2 * page.margin[1]
    return ["".join(span.text for span in line.laid_out(room)) for line in (*page.top, *page.bottom)]


def text_of(state: State, columns: int, rows: int, **fields: object) -> str:
    return "\n".join(rows_of(compose(view(state, **fields), columns, rows), columns))


@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.parametrize(("columns", "rows"), SIZES)
def test_every_state_fits_every_pane(scene: str, columns: int, rows: int) -> None:
    page = compose(view(SCENES[scene]()), columns, rows)
    vertical, horizontal = page.margin

    assert len(page.top) + len(page.bottom) + 2 * vertical <= rows
    assert all(span_width(line.laid_out(columns - 2 * horizontal)) <= columns - 2 * horizontal for line in page.top)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(sorted(SCENES)), st.integers(1, 220), st.integers(1, 70), st.integers(-(10**6), 10**8))
def test_no_size_and_no_time_breaks_the_page(scene: str, columns: int, rows: int, later: int) -> None:
    page = compose(view(SCENES[scene](), now=NOW + timedelta(seconds=later)), columns, rows)

    assert len(page.top) + len(page.bottom) + 2 * page.margin[0] <= rows
    assert page.lasts >= 0


@pytest.mark.parametrize("scene", sorted(SCENES))
@pytest.mark.parametrize(("columns", "rows"), [(120, 40), (24, 1)])
def test_a_page_stays_true_as_long_as_it_says(scene: str, columns: int, rows: int) -> None:
    now = view(SCENES[scene]())
    page = compose(now, columns, rows)
    if page.lasts < 10**6:
        almost = replace(now, now=NOW + timedelta(seconds=page.lasts - 0.01)) if page.lasts > 0.02 else now
        after = replace(now, now=NOW + timedelta(seconds=page.lasts + 0.01))
        assert rows_of(compose(almost, columns, rows), columns) == rows_of(page, columns)
        assert compose(after, columns, rows) != page


@settings(max_examples=150, deadline=None)
@given(
    scene=st.sampled_from(sorted(SCENES)),
    size=st.sampled_from(SIZES[:6]),
    steps=st.lists(st.one_of(st.integers(0, 90), st.integers(-(10**6), 10**6)), min_size=3),
    seconds=st.booleans(),
)
@example(scene="asking", size=(200, 60), steps=[0, -50893, 541], seconds=False)  # a reading from the future
def test_what_is_taken_over_from_the_page_before_is_what_would_be_worked_out_anew(
    *, scene: str, size: tuple[int, int], steps: list[int], seconds: bool
) -> None:
    before, now = None, view(SCENES[scene](), seconds=seconds)
    for step in steps:
        now = replace(now, now=now.now + timedelta(seconds=step))
        anew, before = compose(now, *size), compose(now, *size, before)
        assert before[:3] == anew[:3]
        assert before.lasts == pytest.approx(anew.lasts)


def test_the_figures_are_taken_over_while_only_ages_change_and_no_longer() -> None:
    one = compose(view(SCENES["usual"]()), 80, 24)
    later = view(SCENES["usual"](), now=NOW + timedelta(seconds=1))

    assert compose(later, 80, 24, one).body is one.body
    assert compose(replace(later, now=NOW + timedelta(days=1)), 80, 24, one).body is not one.body
    assert compose(replace(later, now=NOW - timedelta(seconds=1)), 80, 24, one).body is not one.body
    assert compose(later, 81, 24, one).body is not one.body
    assert compose(view(SCENES["failed-later"]()), 80, 24, one).body is not one.body


@pytest.mark.parametrize(("columns", "rows"), SIZES[:5])
@pytest.mark.parametrize("scene", ["failed-later", "signed-out-later", "prompt-executed"])
def test_a_failure_adds_one_row_and_moves_nothing_else(scene: str, columns: int, rows: int) -> None:
    failed = SCENES[scene]()
    before = compose(view(replace(failed, failure=None, activity=Resting(NOW))), columns, rows)
    after = compose(view(failed), columns, rows)

    assert [len(line.left) for line in after.top[1:]] == [len(line.left) for line in before.top[1:]]
    assert len(after.bottom) == len(before.bottom) + 1


def test_a_failure_keeps_the_figures_and_gives_the_reason_and_the_age() -> None:
    text = text_of(SCENES["signed-out-later"](), 80, 24)

    assert "640.25 of 2000" in text
    assert "run `kiro-cli login`, then press r" in text
    assert "2 h ago" in text


def test_while_asking_only_the_dot_and_the_status_change() -> None:
    idle = live(USUAL, age=300)
    asking = replace(idle, activity=Asking(NOW))
    before, after = compose(view(idle), 80, 24), compose(view(asking), 80, 24)

    assert before.top[1:] == after.top[1:]
    assert before.top[0].left == after.top[0].left


def test_the_spinner_turns_in_the_dot_alone() -> None:
    asking = replace(live(USUAL), activity=Asking(NOW))
    first, second = compose(view(asking, beat=0), 80, 24), compose(view(asking, beat=1), 80, 24)

    assert first.bottom == second.bottom
    assert first.top[1:] == second.top[1:]
    assert first.top[0].right[1:] == second.top[0].right[1:]
    assert first.top[0].right[0] != second.top[0].right[0]


def test_a_stale_figure_looks_stale() -> None:
    fresh, stale = compose(view(live(USUAL, age=12)), 80, 24), compose(view(live(USUAL, age=7300)), 80, 24)

    def roles(page: Page) -> set[Role]:
        return {span.role for line in page.top for span in (*line.left, *line.right)}

    assert Role.STALE not in roles(fresh)
    assert Role.STALE in roles(stale)


def test_the_reading_of_ten_minutes_ago_is_stale_and_the_one_before_that_moment_is_not() -> None:
    assert "● live" in text_of(live(USUAL, age=600), 80, 24)
    assert "● stale" in text_of(live(USUAL, age=601), 80, 24)


@pytest.mark.parametrize(
    ("resting", "said"),
    [
        (Resting(NOW + timedelta(minutes=4, seconds=48)), "next in 5m"),
        (Resting(NOW + timedelta(seconds=50)), "next in under 1m"),
        (Resting(NOW + timedelta(minutes=2), Why.BACKOFF), "again in 2m"),
        (Resting(NOW + timedelta(minutes=30), Why.SIGNED_OUT), "looks again in 30m"),
        (Resting(NOW + timedelta(minutes=2), Why.RESET), "next at the reset, in 2m"),
        (Resting(NOW + timedelta(minutes=1, seconds=20), Why.ACTIVITY), "next in 2m: Kiro in use"),
        (Resting(NOW + timedelta(minutes=25), Why.QUIET, 1800), "next in 25m: Kiro idle"),
        (Resting(NOW - timedelta(seconds=1), Why.QUIET), "next now: Kiro idle"),
        (Resting(None, Why.PAUSED), "paused: p goes on"),
        (Resting(None, Why.SIGNED_OUT), "r asks again"),
        (Resting(NOW - timedelta(seconds=1)), "next now"),
    ],
)
def test_the_status_line_says_what_comes_next(resting: Resting, said: str) -> None:
    assert said in text_of(replace(live(USUAL), activity=resting), 80, 24)


@pytest.mark.parametrize("why", [Why.ACTIVITY, Why.QUIET])
def test_the_status_line_says_why_as_long_as_there_is_room(why: Why) -> None:
    resting = replace(live(USUAL, age=1500), activity=Resting(NOW + timedelta(minutes=25), why, 1800))

    def last_row(columns: int) -> str:
        return text_of(resting, columns, 24).splitlines()[-1].rstrip()

    said = f"report · 25 min ago · next in 25m: Kiro {'in use' if why is Why.ACTIVITY else 'idle'}"
    assert last_row(120).startswith(said)
    assert last_row(120).endswith("q quit")
    assert last_row(80).startswith(said)
    assert "r refresh" in last_row(80)
    assert last_row(50) == said
    assert last_row(40) == "report · 25 min ago · next in 25m"


def test_who_counts_seconds_gets_them() -> None:
    text = text_of(live(USUAL, age=12), 80, 24, seconds=True)

    assert "12 s ago" in text
    assert "next in 4m 48s" in text


def test_the_e_mail_is_masked_unless_asked_for() -> None:
    assert "person@" not in text_of(live(USUAL), 120, 40)
    assert "p•••@example.com" in text_of(live(USUAL), 120, 40)
    assert "person@example.com" in text_of(live(USUAL), 120, 40, show_email=True)


@pytest.mark.parametrize(("way", "said"), [(Way.REPORT, "report"), (Way.ACP, "acp"), (Way.PANEL, "panel")])
def test_the_status_line_says_which_way_was_asked(way: Way, said: str) -> None:
    assert text_of(live(USUAL, way=way), 80, 24).splitlines()[-1].startswith(f"{said} ·")


def test_pools_without_room_fold_into_one_line_that_says_what_is_in_them() -> None:
    text = text_of(SCENES["many"](), 80, 24)

    assert "4 more   302.50 left · next ends in 44 days" in text


def test_pools_are_shown_in_the_order_of_the_report() -> None:
    text = text_of(live(report(plan("1"), WELCOME, GRANT)), 80, 24)

    assert text.index("Monthly credits") < text.index("Welcome bonus") < text.index("Community grant")


def test_a_demo_says_that_it_is_one_in_every_size_that_has_a_head() -> None:
    assert all("demo" in text_of(live(USUAL), *size, demo=True) for size in SIZES[:6])


def test_the_pane_title_says_what_the_gauge_says() -> None:
    assert headline(view(live(USUAL))) == "Kiro 32% · 7d"
    assert headline(view(SCENES["asking-first"]())) == "Kiro"


def test_one_row_says_percent_and_what_is_left_and_the_end() -> None:
    assert text_of(live(USUAL), 24, 1) == "Kiro 32% 1360 left 7d"


def test_one_row_says_the_level_without_colour() -> None:
    assert text_of(SCENES["levels"](), 24, 1).startswith("Kiro 93%!!")
    assert "over" in text_of(SCENES["over"](), 24, 1)


def test_one_row_marks_a_stale_figure() -> None:
    assert text_of(SCENES["stale"](), 24, 1).startswith("~Kiro")


def test_the_first_question_says_what_it_waits_for() -> None:
    assert "Asking kiro-cli for the first time" in text_of(SCENES["asking-first"](), 80, 24)


def test_an_answer_that_nobody_knows_is_shown_as_it_was_read() -> None:
    text = text_of(SCENES["not-recognised"](), 100, 32)

    assert "│ Kiro is being improved." in text
    assert "tells what to report" in text


def test_signed_out_says_what_to_do_and_that_nothing_is_asked_meanwhile() -> None:
    text = text_of(SCENES["signed-out"](), 80, 24)

    assert "Run `kiro-cli login`, then press r" in text
    assert "asks nothing" in text


def test_a_managed_plan_says_why_there_are_no_numbers() -> None:
    text = text_of(SCENES["managed"](), 80, 24)

    assert "Q Developer Pro" in text
    assert "An administrator manages this plan" in text
    assert "0" not in text.split("manages this plan")[1].split("\n")[0]


def test_a_managed_plan_with_numbers_shows_them() -> None:
    text = text_of(live(replace(USUAL, managed=True)), 120, 24)

    assert "managed by an administrator" in text
    assert "640.25" in text
    assert "shows no numbers" not in text


def test_overage_that_was_used_and_then_switched_off_is_shown_with_its_amounts() -> None:
    off = Overage(enabled=False, credits=Decimal("40.29"), cost=Decimal("1.61"), currency="USD")
    text = text_of(live(replace(USUAL, overage=off)), 80, 24)

    assert "Overage   off   40.29 credits · $1.61" in text


def test_overage_shows_credits_and_money_and_rate() -> None:
    text = text_of(SCENES["overage"](), 80, 24)

    assert "458.82 credits · $18.35" in text
    assert "$0.04 a credit" in text
    assert "Overage   off" in text_of(live(USUAL), 80, 24)


@pytest.mark.parametrize("scene", ["not-installed", "signed-out", "service-failed", "not-recognised", "timed-out"])
def test_a_pane_of_one_row_still_says_what_went_wrong(scene: str) -> None:
    failure = SCENES[scene]().failure
    assert failure is not None
    assert IN_FEW_WORDS[failure.error.code] in text_of(SCENES[scene](), 24, 1)


def test_a_tiny_pane_says_what_to_do_rather_than_what_happened_in_detail() -> None:
    text = " ".join(text_of(SCENES["signed-out"](), 30, 6).split())

    assert "signed out Run `kiro-cli login`, then press r." in text


def test_a_kiro_cli_that_is_newer_than_any_known_one_is_said_to_be() -> None:
    text = text_of(live(USUAL, version="4.0.0", newer_than_known=True), 120, 40)

    assert "kiro-cli 4.0.0 is newer than any that kiro-tui knows" in text
    assert "newer than" not in text_of(live(USUAL), 120, 40)
