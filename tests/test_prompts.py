import pytest
from acting import PANEL
from hypothesis import given
from hypothesis import strategies as st

from kiro_tui.domain.frame import Frame, Run
from kiro_tui.probe.asking.prompts import has_typed, is_idle, is_question
from kiro_tui.probe.process.child import Size
from kiro_tui.probe.terminal.terminal import Terminal

IDLE = ["kiro_default · auto · ◔ 3%", " Ask a question or describe a task ↵"]
CLASSIC = ["Welcome", "", "[kiro_default] 3% λ !> "]


def screen(*lines: str, cursor: int | None = None) -> Frame:
    rows = tuple((Run(line),) if line else () for line in lines)
    return Frame(120, rows, (max(len(lines) - 1, 0) if cursor is None else cursor, 0))


@pytest.mark.parametrize(
    "lines",
    [IDLE, CLASSIC, ["> "], ["λ > "], ["[my agent] λ !>"], ["│ Ask a question or describe a task ↵ │"]],
)
def test_an_idle_prompt_is_seen(lines: list[str]) -> None:
    assert is_idle(screen(*lines))


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [""],
        ["Tip: to see context window usage, run /context"],
        [*IDLE, "Kiro is working"],
        ["Loading usage data...", *IDLE],
        ["1 of 3 mcp servers initialized. ctrl-c to start chatting now", "> "],
        ["> /usage"],
        ["Not an idle prompt: Ask a question or describe a task, please"],
    ],
)
def test_everything_else_is_not_idle(lines: list[str]) -> None:
    assert not is_idle(screen(*lines))


@pytest.mark.parametrize(
    "lines",
    [
        ["Kiro CLI 3.0 is here", "> Switch to 3.0 and upgrade my agent configs", "  Remind me later"],
        ["Pick one", "\u276f Yes", "  No"],
        ["Pick one", "  ● Yes", "  ○ No"],
        ["Do you trust the files in this folder"],
        ["Allow this action? Use 't' to trust (always allow) this tool for the session. [y/n/t]:"],
        ["Overwrite it? (y/N)"],
        ["You are not logged in. Login now?"],
        ["Ready", "↑/↓ to move"],
        ["Press Enter to continue"],
        ["What is your name?"],
    ],
)
def test_no_screen_with_a_menu_or_a_question_is_idle_even_if_a_prompt_is_on_it_too(lines: list[str]) -> None:
    for frame in (screen(*lines), screen(*lines, *IDLE), screen(*lines, "> ")):
        assert is_question(frame)
        assert not is_idle(frame)


def test_the_completion_menu_is_no_question() -> None:
    assert not is_question(screen(" ▸ /usage     Show billing", "   /quit", "────", " /usage"))


def test_the_recorded_panel_is_idle_again() -> None:
    terminal = Terminal(Size())
    terminal.feed(PANEL)

    assert is_idle(terminal.frame())


@pytest.mark.parametrize(
    "frame",
    [
        screen("> /usage"),
        screen("[agent] 3% λ !> /usage"),
        screen("│ /usage ↵ │"),
        screen(" /usage      Show usage", "────", "status", " /usage"),
        screen(" /usage", "status", cursor=1),
    ],
)
def test_what_was_typed_is_read_from_the_input_line(frame: Frame) -> None:
    assert has_typed(frame, "/usage")


@pytest.mark.parametrize(
    "frame",
    [
        screen("> /usag"),
        screen("> /usage x"),
        screen("> x /usage"),
        screen("> /usage-report"),
        screen(" /usage      Show usage"),
        screen("/usage", "/usage", "status"),
        screen(),
    ],
)
def test_anything_else_on_the_input_line_is_not_it(frame: Frame) -> None:
    assert not has_typed(frame, "/usage")


@given(st.lists(st.text(max_size=60), max_size=8), st.tuples(st.integers(0, 20), st.integers(0, 120)))
def test_any_screen_can_be_judged(lines: list[str], cursor: tuple[int, int]) -> None:
    frame = Frame(120, tuple((Run(line),) for line in lines), cursor)

    assert not (is_idle(frame) and is_question(frame))
    has_typed(frame, "/usage")
