import pytest
from acting import FAILURE, MODEL, PANEL, REPORT, SIGNED_OUT, SUMMARY
from fakes import QUIET, FakeClock, ScriptedChild, scripted_launch

from kiro_tui.domain.usage import Report
from kiro_tui.errors import (
    CliFailed,
    FlagsRefused,
    NoNumbers,
    NotInstalled,
    NotLoggedIn,
    NotRecognised,
    ProbeError,
    PromptExecuted,
    ServiceFailed,
    TimedOut,
)
from kiro_tui.probe.asking.conversation import Answer
from kiro_tui.probe.asking.session import listen_for_report
from kiro_tui.probe.process.child import Child, Command, End, Ending

COMMAND = Command(("/k", "chat", "--no-interactive", "/usage"), {}, "/empty", 20.0)
PIPES = Command(COMMAND.argv, {}, "/empty", 20.0, terminal=None)
GOOD = Ending(End.EXITED, status=0)
HALF = REPORT[: REPORT.index(b"Credits\x1b")]


async def listen(
    child: Child, clock: FakeClock | None = None, command: Command = COMMAND, patience: float = 10.0
) -> Answer:
    return await listen_for_report(scripted_launch([child]), clock or FakeClock(), command, patience=patience)


async def test_a_report_of_a_run_that_ends_well_is_read() -> None:
    answer = await listen(ScriptedChild([REPORT], GOOD))

    assert isinstance(answer.result, Report)
    assert answer.result.plan == "KIRO PRO+"
    assert answer.frame is not None
    assert "Welcome bonus" in answer.frame.text


async def test_a_kiro_cli_that_never_exits_costs_no_more_than_the_quiet_after_its_report() -> None:
    clock = FakeClock()
    child = ScriptedChild([REPORT[:700], REPORT[700:], QUIET], clock=clock)

    answer = await listen(child, clock)

    assert isinstance(answer.result, Report)
    assert child.closed
    assert clock.monotonic() - FakeClock().monotonic() == 0.75


async def test_half_a_report_is_waited_on_and_never_taken_for_a_whole_one() -> None:
    clock = FakeClock()

    assert isinstance((await listen(ScriptedChild([HALF, QUIET], clock=clock), clock)).result, TimedOut)
    assert clock.monotonic() - FakeClock().monotonic() >= COMMAND.seconds


async def test_a_pause_within_the_report_does_not_end_it() -> None:
    clock = FakeClock()
    child = ScriptedChild([HALF, QUIET, REPORT[len(HALF) :], QUIET], clock=clock)

    assert isinstance((await listen(child, clock)).result, Report)


async def test_the_result_does_not_depend_on_how_the_bytes_were_cut() -> None:
    whole = (await listen(ScriptedChild([REPORT], GOOD))).result

    for size in (1, 7, 4096):
        chunks = [REPORT[start : start + size] for start in range(0, len(REPORT), size)]
        assert (await listen(ScriptedChild(chunks, GOOD))).result == whole


async def test_on_pipes_lines_begin_at_the_left_and_nothing_is_answered() -> None:
    text = REPORT.replace(b"\r\n", b"\n")
    child = ScriptedChild([b"\x1b[6n" + text], GOOD)

    answer = await listen(child, command=PIPES)

    assert isinstance(answer.result, Report)
    assert answer.frame is not None
    assert "Credits (640.25 of 2000 covered in plan)" in answer.frame.lines
    assert child.written == b""


async def test_what_kiro_cli_asks_its_terminal_is_answered_and_nothing_else_is_typed() -> None:
    child = ScriptedChild([b"\x1b[6n", REPORT], GOOD)

    await listen(child)

    assert bytes(child.written) == b"\x1b[1;1R"


@pytest.mark.parametrize(
    ("screen", "ending", "expected"),
    [
        (HALF, Ending(End.EXITED, status=1), CliFailed),
        (REPORT, Ending(End.EXITED, signal=9), CliFailed),
        (REPORT, Ending(End.LOST), CliFailed),
        (REPORT, Ending(End.FLOOD), NotRecognised),
        (HALF, Ending(End.DEADLINE), TimedOut),
        (b"Thinking...", Ending(End.DEADLINE), TimedOut),
        (b"hello\r\n", Ending(End.EXITED, status=3), CliFailed),
        (b"", Ending(End.EXITED, status=1), CliFailed),
        (b"hello\r\n", GOOD, NotRecognised),
        (b"", GOOD, NotRecognised),
        (SUMMARY, GOOD, NoNumbers),
        (SIGNED_OUT, Ending(End.EXITED, status=1), NotLoggedIn),
        (FAILURE, GOOD, ServiceFailed),
        (FAILURE, Ending(End.DEADLINE), ServiceFailed),
        (MODEL, GOOD, PromptExecuted),
        (MODEL, Ending(End.DEADLINE), PromptExecuted),
        (b"error: unexpected argument '--agent-engine' found\r\n", Ending(End.EXITED, status=2), FlagsRefused),
        (b"", Ending(End.NOT_STARTED, detail="Permission denied", errno=13), NotInstalled),
        (b"", Ending(End.NOT_STARTED, detail="the warden: no memory"), CliFailed),
    ],
)
async def test_a_run_without_a_good_report_is_told_for_what_it_is(
    screen: bytes, ending: Ending, expected: type[ProbeError]
) -> None:
    answer = await listen(ScriptedChild([screen] if screen else [], ending))

    assert type(answer.result) is expected
    assert answer.result.hint


@pytest.mark.parametrize("status", [1, 3])
async def test_a_whole_report_counts_whatever_the_exit_status(status: int) -> None:
    answer = await listen(ScriptedChild([REPORT], Ending(End.EXITED, status=status)))

    assert isinstance(answer.result, Report)


async def test_a_whole_report_counts_when_the_deadline_ends_a_run_that_never_goes_quiet() -> None:
    assert isinstance((await listen(ScriptedChild([REPORT], Ending(End.DEADLINE)))).result, Report)


async def test_a_failure_repeats_kiro_clis_last_words_and_its_status() -> None:
    result = (await listen(ScriptedChild([b"error: no luck\r\nbye\r\n"], Ending(End.EXITED, status=7)))).result

    assert isinstance(result, CliFailed)
    assert "no luck" in result.message


@pytest.mark.parametrize("words", [b"Opening browser...\r\n", b"Opening \x1b[1mbrowser\x1b[0m...\r\n", SIGNED_OUT])
async def test_a_child_that_signs_somebody_in_is_ended_at_once(words: bytes) -> None:
    clock = FakeClock()
    child = ScriptedChild([words, QUIET], clock=clock)

    assert isinstance((await listen(child, clock)).result, NotLoggedIn)
    assert clock.monotonic() - FakeClock().monotonic() <= 0.75
    assert child.at_once


async def test_a_child_that_has_answered_is_given_time_to_leave() -> None:
    clock = FakeClock()
    child = ScriptedChild([REPORT, QUIET], clock=clock)

    assert isinstance((await listen(child, clock)).result, Report)
    assert child.closed
    assert not child.at_once


async def test_that_holds_for_a_child_that_is_never_quiet() -> None:
    class Chatting(ScriptedChild):
        async def read(self, within: float) -> bytes | None:
            clock.advance(0.05)
            return await super().read(within)

    clock = FakeClock()
    child = Chatting([b"Opening browser...\r\n", *[b"\r\x1b[2K|", b"\r\x1b[2K/"] * 200])

    assert isinstance((await listen(child, clock)).result, NotLoggedIn)
    assert clock.monotonic() - FakeClock().monotonic() < 1


async def test_a_blank_screen_is_given_up_when_patience_ends() -> None:
    clock = FakeClock()

    answer = await listen(ScriptedChild([b"\x1b[?25l\x1b]11;?\x07", QUIET], clock=clock), clock, patience=5.0)

    assert isinstance(answer.result, TimedOut)
    assert 5 <= clock.monotonic() - FakeClock().monotonic() < 7


async def test_a_child_whose_warden_never_ends_it_is_left_all_the_same() -> None:
    clock = FakeClock()

    answer = await listen(ScriptedChild([b"Thinking", QUIET], clock=clock), clock, patience=99.0)

    assert isinstance(answer.result, TimedOut)
    assert "20 s" in answer.result.message
    assert clock.monotonic() - FakeClock().monotonic() < COMMAND.seconds + 3


async def test_more_than_any_screen_needs_is_not_waited_for() -> None:
    flood = [b"\x1b[2J" * 5000] * 200

    answer = await listen(ScriptedChild([*flood, QUIET]))

    assert isinstance(answer.result, NotRecognised)


async def test_a_run_that_waits_for_a_choice_says_that_a_question_stopped_it() -> None:
    clock = FakeClock()
    menu = b"Welcome\r\n> Use 3.0\r\n  Not now\r\n\r\nenter to select\r\n"

    assert (await listen(ScriptedChild([menu, QUIET], clock=clock), clock)).asked_as_a_new_home
    assert not (await listen(ScriptedChild([menu], GOOD))).asked_as_a_new_home


async def test_a_panel_that_is_printed_headless_is_read_as_well() -> None:
    assert isinstance((await listen(ScriptedChild([PANEL], GOOD))).result, Report)
