import json
from typing import Any

import pytest
from acting import SIGNED_OUT, USAGE, ScriptedAgent, agent, answer, error
from fakes import QUIET, FakeClock, ScriptedChild, scripted_launch
from hypothesis import given
from hypothesis import strategies as st

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
from kiro_tui.probe.asking.acp import MAX_LINE, Lines, ask_agent
from kiro_tui.probe.asking.conversation import Answer
from kiro_tui.probe.process.child import Child, Command, End, Ending

COMMAND = Command(("/k", "acp", "--agent-engine=v3", "--auth-method=cli"), {}, "/empty", 60.0)
FOOTER = " ▸ Credits: 0.04 • Time: 3s\n"
RESULT = {"success": True, "message": "", "data": USAGE}


async def ask(child: Child, clock: FakeClock | None = None, *, in_session: bool = False) -> Answer:
    return await ask_agent(scripted_launch([child]), clock or FakeClock(), COMMAND, in_session=in_session)


def agent_that(usage: object, preface: bytes = b"") -> ScriptedAgent:
    return ScriptedAgent({"initialize": {}, "_kiro/account/getUsage": usage}, preface)


async def test_engine_v3_is_asked_without_a_session() -> None:
    child = agent()

    result = (await ask(child)).result

    assert isinstance(result, Report)
    assert result.plan == "KIRO PRO+"
    assert child.methods == ["initialize", "_kiro/account/getUsage"]
    assert child.closed


async def test_engine_v2_is_asked_in_a_session_and_never_prompted() -> None:
    child = agent()

    result = (await ask(child, in_session=True)).result

    assert isinstance(result, Report)
    assert child.methods == ["initialize", "session/new", "_kiro.dev/commands/execute"]
    assert child.received[1]["params"] == {"cwd": "/empty", "mcpServers": []}
    assert child.received[2]["params"]["sessionId"] == "s-1"


async def test_it_runs_on_pipes_with_its_stderr_because_only_there_it_says_that_nobody_is_signed_in() -> None:
    commands: list[Command] = []

    await ask_agent(scripted_launch([agent()], commands), FakeClock(), COMMAND, in_session=False)

    assert commands[0].terminal is None
    assert commands[0].merge_stderr is True


async def test_the_first_answer_is_waited_for_before_the_next_question() -> None:
    asked_when_answered: list[int] = []

    def initialize(message: dict[str, Any]) -> bytes:
        asked_when_answered.append(len(child.received))
        return answer(message, {})

    child = ScriptedAgent({"initialize": initialize, "_kiro/account/getUsage": RESULT})
    await ask(child)

    assert asked_when_answered == [1]


async def test_answers_out_of_order_and_to_nobody_harm_nothing() -> None:
    def initialize(message: dict[str, Any]) -> bytes:
        strangers = [
            {"id": 99, "result": RESULT},
            {"id": "0", "result": 1},
            {"id": None},
            {"id": True},
            {"id": 1.5},
            {},
        ]
        return b"".join(json.dumps(line).encode() + b"\n" for line in strangers) + answer(message, {})

    result = (await ask(ScriptedAgent({"initialize": initialize, "_kiro/account/getUsage": RESULT}))).result

    assert isinstance(result, Report)


async def test_lines_of_the_log_and_broken_json_are_skipped() -> None:
    noise = b'INFO starting\n\n\xff\xfe\n{broken\n[1]\n{"a":' + b"[" * 10_000 + b"\n"

    assert isinstance((await ask(agent_that(RESULT, noise))).result, Report)


async def test_a_line_that_never_ends_is_skipped_and_not_kept() -> None:
    flood = b"x" * (3 * MAX_LINE) + b"\n"

    assert isinstance((await ask(agent_that(RESULT, flood))).result, Report)


async def test_every_request_of_the_agent_is_refused_under_its_own_name() -> None:
    requests = [
        {"id": "kiro-auth-1", "method": "_kiro/auth/getAccessToken", "params": {}},
        {"id": 7, "method": "fs/read_text_file", "params": {"path": "/etc/passwd"}},
        {"id": None, "method": "session/request_permission"},
        {"id": {"odd": 1}, "method": "x"},
    ]
    preface = b"".join(json.dumps(line).encode() + b"\n" for line in requests)
    child = agent_that(RESULT, preface)

    await ask(child)

    refusals = [message for message in child.received if "method" not in message]
    assert [message["id"] for message in refusals] == ["kiro-auth-1", 7, None, None]
    assert {message["error"]["code"] for message in refusals} == {-32601}
    assert not any("result" in message for message in refusals)


async def test_notifications_are_not_answered() -> None:
    child = agent_that(RESULT, b'{"jsonrpc":"2.0","method":"session/update","params":{}}\n')

    await ask(child)

    assert all("method" in message for message in child.received)


@pytest.mark.parametrize(
    ("code", "text", "expected"),
    [
        (-32000, "Authentication required", NotLoggedIn),
        (-32603, "Not logged in", NotLoggedIn),
        (-32601, "Method not found", NoNumbers),
        (-32603, "[PersistenceClassification] failed", CliFailed),
        (10**30, "odd", CliFailed),
    ],
)
async def test_an_error_of_the_agent_is_told_for_what_it_is(code: int, text: str, expected: type[ProbeError]) -> None:
    result = (await ask(agent_that(lambda message: error(message, code, text)))).result

    assert isinstance(result, expected)


NO_SIGN_IN = b"error: You are not logged in, please log in with kiro-cli login"


@pytest.mark.parametrize("status", [0, 1])
@pytest.mark.parametrize(
    "words",
    [
        NO_SIGN_IN + b"\n",
        NO_SIGN_IN,
        b"error: \nYou are not logged in, please log in with kiro-cli login\n",
        b"\x1b[31merror:\x1b[0m You are not logged in, please log in with kiro-cli login\r\n",
        b"loading\r" + NO_SIGN_IN + b"\n",
    ],
)
@pytest.mark.parametrize("in_session", [False, True])
async def test_an_agent_that_is_signed_out_is_known_at_once(
    words: bytes,
    status: int,
    in_session: bool,  # noqa: FBT001 - a column of a table
) -> None:
    clock = FakeClock()
    child = ScriptedChild([words], Ending(End.EXITED, status=status), clock)

    result = (await ask(child, clock, in_session=in_session)).result

    assert isinstance(result, NotLoggedIn)
    assert clock.monotonic() - FakeClock().monotonic() < 1


async def test_words_of_a_signed_out_agent_that_stays_are_enough() -> None:
    clock = FakeClock()
    child = ScriptedChild([NO_SIGN_IN + b"\n", QUIET], clock=clock)

    assert isinstance((await ask(child, clock)).result, NotLoggedIn)
    assert clock.monotonic() - FakeClock().monotonic() < 1


async def test_what_stands_on_stderr_does_not_hide_an_answer() -> None:
    noise = b"INFO starting\n\x1b[2mDEBUG {not json\x1b[0m\n| working\r/ working\r"

    assert isinstance((await ask(agent_that(RESULT, noise))).result, Report)


def failing(**fields: object) -> ScriptedAgent:
    def refuse(message: dict[str, Any]) -> bytes:
        return json.dumps({"jsonrpc": "2.0", "id": message["id"], "error": fields}).encode() + b"\n"

    return agent_that(refuse)


async def test_a_refused_token_means_to_sign_in_again_and_says_why() -> None:
    result = (await ask(failing(code=-32000, message="The refresh token was revoked"))).result

    assert isinstance(result, NotLoggedIn)
    assert "refresh token was revoked" in result.message
    assert "kiro-cli login" in result.hint


async def test_a_session_that_is_gone_is_no_sign_out() -> None:
    result = (await ask(failing(code=-32000, message="Session 'abc' not found"))).result

    assert isinstance(result, CliFailed)
    assert "not found" in result.message


@pytest.mark.parametrize(
    "data",
    [
        {"details": "[PersistenceClassification] of person@example.com failed"},
        '{"details": "[PersistenceClassification] of person@example.com failed"}',
        "[PersistenceClassification] of person@example.com failed",
    ],
)
async def test_an_internal_error_names_kiros_reason_without_names(data: object) -> None:
    result = (await ask(failing(code=-32603, message="Internal error", data=data))).result

    assert type(result) is CliFailed
    assert "[PersistenceClassification]" in result.message
    assert "person@example.com" not in result.message


@pytest.mark.parametrize("data", [None, 7, [], {}, {"details": 7}, "{", "{}", ""])
async def test_an_internal_error_without_a_reason_names_its_message(data: object) -> None:
    result = (await ask(failing(code=-32603, message="Internal error", data=data))).result

    assert isinstance(result, CliFailed)
    assert "Internal error" in result.message or "{" in result.message


async def test_an_internal_error_that_says_that_nobody_is_signed_in_is_understood() -> None:
    data = {"details": "You are not logged in, please log in with kiro-cli login"}

    assert isinstance((await ask(failing(code=-32603, message="Internal error", data=data))).result, NotLoggedIn)


async def test_an_answer_counts_whatever_the_exit_status() -> None:
    class Exiting(ScriptedAgent):
        async def close(self, *, at_once: bool = False) -> Ending:
            await super().close(at_once=at_once)
            return Ending(End.EXITED, status=1)

    child = Exiting({"initialize": {}, "_kiro/account/getUsage": RESULT})

    assert isinstance((await ask(child)).result, Report)


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        ({"success": False, "message": "dispatch failure"}, ServiceFailed),
        ({"success": False, "message": "Not logged in"}, NotLoggedIn),
        ({"success": True, "data": {}}, NoNumbers),
        ({}, NotRecognised),
        ([], NotRecognised),
        ({"message": 7, "success": 7}, NotRecognised),
    ],
)
async def test_a_result_without_usage_is_told_for_what_it_is(usage: object, expected: type[ProbeError]) -> None:
    assert isinstance((await ask(agent_that(usage))).result, expected)


@pytest.mark.parametrize(
    ("script", "ending", "expected"),
    [
        ([], Ending(End.EXITED, status=0), NotRecognised),
        ([b"error: unexpected argument\n"], Ending(End.EXITED, status=2), FlagsRefused),
        ([b"thread panicked\n"], Ending(End.EXITED, status=101), CliFailed),
        ([], Ending(End.EXITED, signal=11), CliFailed),
        ([], Ending(End.FLOOD), CliFailed),
        ([], Ending(End.DEADLINE), TimedOut),
        ([], Ending(End.NOT_STARTED, detail="gone", errno=2), NotInstalled),
        ([SIGNED_OUT, QUIET], Ending(End.EXITED, status=1), NotLoggedIn),
        ([b"Opening browser...\n", QUIET], Ending(End.EXITED, status=1), NotLoggedIn),
    ],
)
async def test_an_agent_that_ends_without_an_answer_is_told_for_what_it_is(
    script: list[bytes | None], ending: Ending, expected: type[ProbeError]
) -> None:
    clock = FakeClock()

    assert isinstance((await ask(ScriptedChild(script, ending, clock), clock)).result, expected)


async def test_an_agent_that_never_answers_is_given_up_in_time() -> None:
    clock = FakeClock()

    result = (await ask(ScriptedChild([QUIET], clock=clock), clock)).result

    assert isinstance(result, TimedOut)
    assert clock.monotonic() - FakeClock().monotonic() < COMMAND.seconds + 3


@pytest.mark.parametrize("session", [{}, None, {"sessionId": 7}, []])
async def test_a_session_without_a_name_is_not_recognised(session: object) -> None:
    child = ScriptedAgent({"initialize": {}, "session/new": lambda message: answer(message, session)})

    assert isinstance((await ask(child, in_session=True)).result, NotRecognised)


@pytest.mark.parametrize(
    "preface",
    [
        FOOTER,
        json.dumps(
            {
                "method": "session/update",
                "params": {"update": {"content": {"text": "You used 3\n\n ▸ Credits: 0.04 • Time: 3s"}}},
            }
        )
        + "\n",
    ],
)
async def test_the_marks_of_a_model_are_told_for_what_they_are(preface: str) -> None:
    child = agent_that(RESULT, preface.encode())

    assert isinstance((await ask(child)).result, PromptExecuted)
    assert child.at_once


@pytest.mark.parametrize("words", [SIGNED_OUT, b"Opening browser...\n"])
async def test_an_agent_that_signs_somebody_in_is_ended_at_once(words: bytes) -> None:
    child = ScriptedChild([words, QUIET])

    assert isinstance((await ask(child)).result, NotLoggedIn)
    assert child.at_once


async def test_an_agent_that_has_answered_is_given_time_to_leave() -> None:
    child = agent()
    await ask(child)

    assert child.closed
    assert not child.at_once


async def test_the_answer_can_be_looked_at_as_a_screen() -> None:
    frame = (await ask(agent())).frame

    assert frame is not None
    assert any("640.25" in line for line in frame.lines)
    assert frame.lines[0] == "{"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)


@given(JSON, JSON)
async def test_any_json_at_all_gives_a_report_or_a_probe_error(result: object, line: object) -> None:
    preface = json.dumps(line).encode() + b"\n" + json.dumps({"id": line, "method": "m"}).encode() + b"\n"
    preface += json.dumps({"method": line, "params": line}).encode() + b"\n"

    got = (await ask(agent_that(lambda message: answer(message, result), preface))).result

    assert isinstance(got, Report | ProbeError)


@given(st.lists(st.binary(max_size=20)))
def test_lines_do_not_depend_on_how_the_bytes_were_cut(chunks: list[bytes]) -> None:
    whole, parts = Lines(), Lines()

    expected = whole.feed(b"".join(chunks))

    assert [line for chunk in chunks for line in parts.feed(chunk)] == expected


@pytest.mark.parametrize("size", [99_999, 10 * MAX_LINE])
def test_only_lines_that_are_too_long_are_lost(size: int) -> None:
    lines = Lines()
    data = b"first\n" + b"x" * (2 * MAX_LINE) + b"\nsecond\n" + b"y" * (MAX_LINE + 1) + b"\nthird\n"

    chunks = [data[start : start + size] for start in range(0, len(data), size)]

    assert [line for chunk in chunks for line in lines.feed(chunk)] == ["first", "second", "third"]
