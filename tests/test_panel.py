from collections.abc import Mapping

import pytest
from acting import FAILURE, MANAGED, MODEL, PANEL, REPORT, SIGNED_OUT
from fakes import FakeClock, scripted_launch

from kiro_tui.domain.usage import Report
from kiro_tui.errors import (
    CliFailed,
    FlagsRefused,
    NotLoggedIn,
    NotRecognised,
    ProbeError,
    PromptExecuted,
    ServiceFailed,
    TimedOut,
)
from kiro_tui.probe.asking.conversation import Answer
from kiro_tui.probe.asking.panel import ENTER, LEAVE, read_panel
from kiro_tui.probe.process.child import Command, End, Ending

COMMAND = Command(("/k", "chat", "--v2"), {}, "/empty", 20.0)
CLEAR = b"\x1b[2J\x1b[H"
PROMPT = b"\x1b[40;1H Ask a question or describe a task \xe2\x86\xb5"
IDLE = CLEAR + b"\x1b[39;1Hkiro_default" + PROMPT
TYPED = CLEAR + b"\x1b[37;1H\x1b[7m /usage   Show billing\x1b[0m\x1b[40;1H\x1b[2K /usage"
LOADING = CLEAR + b"/usage\r\n\r\nLoading usage data..."
CLASSIC_IDLE = b"Welcome\r\n\r\n[kiro_default] 3% \xce\xbb !> "
MENU = CLEAR + b"New\r\n\r\n> Switch to 3.0 and upgrade my agent configs\r\n  Remind me later\r\n"


class Chat:
    """An interactive chat: each key press, whole, is answered with what then comes on the screen."""

    def __init__(
        self, clock: FakeClock, opens: bytes, replies: Mapping[bytes, bytes], ending: Ending | None = None
    ) -> None:
        self._clock = clock
        self._waiting = [opens] if opens else []
        self._replies = {b"/usage": TYPED, LEAVE: b""} | dict(replies)
        self._ending = ending
        self.pressed: list[bytes] = []
        self.closed = False
        self.at_once = False

    async def read(self, within: float) -> bytes | None:
        if self._waiting:
            return self._waiting.pop(0)
        if self._ending:
            return b""
        self._clock.advance(within)
        return None

    def write(self, data: bytes) -> None:
        self.pressed.append(data)
        if reply := self._replies.get(data):
            self._waiting.append(reply)

    async def close(self, *, at_once: bool = False) -> Ending:
        self.at_once |= at_once
        self.closed = True
        return self._ending or Ending(End.RELEASED)


async def visit(chat: Chat, clock: FakeClock) -> Answer:
    return await read_panel(scripted_launch([chat]), clock, COMMAND)


@pytest.mark.parametrize("opens", [IDLE, CLASSIC_IDLE])
async def test_the_question_is_typed_sent_answered_and_the_chat_left(opens: bytes) -> None:
    clock = FakeClock()
    chat = Chat(clock, opens, {ENTER: PANEL})

    answer = await visit(chat, clock)

    assert isinstance(answer.result, Report)
    assert answer.frame is not None
    assert "Estimated Usage" in answer.frame.text
    keys = [key for key in chat.pressed if not key.startswith(b"\x1b")]
    assert keys == [b"/usage", ENTER, LEAVE, LEAVE]
    assert chat.closed


@pytest.mark.parametrize(
    "opens",
    [
        MENU,
        IDLE + b"\x1b[1;1HDo you trust the files in this folder?",
        CLEAR + b"Allow this action? [y/n/t]:",
        CLEAR + b"Pick\r\n\xe2\x9d\xaf Yes\r\n  No\r\n",
        MENU + PROMPT,
    ],
)
async def test_no_key_at_all_is_pressed_while_a_menu_or_a_question_is_there(opens: bytes) -> None:
    clock = FakeClock()
    chat = Chat(clock, opens, {})

    answer = await visit(chat, clock)

    assert isinstance(answer.result, NotRecognised)
    assert answer.asked_as_a_new_home is (b"Switch to 3.0" not in opens)
    assert chat.pressed == []
    assert chat.closed


async def test_a_menu_that_opens_after_typing_gets_no_enter() -> None:
    clock = FakeClock()
    chat = Chat(clock, IDLE, {b"/usage": MENU})

    assert isinstance((await visit(chat, clock)).result, NotRecognised)
    assert chat.pressed == [b"/usage"]


@pytest.mark.parametrize("shown", [b" /usag", b" x/usage", b" /usage now", b" /user", b""])
async def test_enter_is_only_pressed_when_the_input_line_holds_exactly_the_question(shown: bytes) -> None:
    clock = FakeClock()
    chat = Chat(clock, IDLE, {b"/usage": CLEAR + b"\x1b[40;1H" + shown})

    assert isinstance((await visit(chat, clock)).result, NotRecognised | TimedOut)
    assert ENTER not in chat.pressed


@pytest.mark.parametrize("opens", [b"", b"Starting...", CLEAR + b"1 of 3 mcp servers initialized" + PROMPT])
async def test_nothing_is_typed_before_an_idle_prompt_is_seen(opens: bytes) -> None:
    clock = FakeClock()
    chat = Chat(clock, opens, {})

    assert isinstance((await visit(chat, clock)).result, TimedOut)
    assert chat.pressed == []
    assert clock.monotonic() - FakeClock().monotonic() < COMMAND.seconds + 3


async def test_a_chat_that_already_has_text_on_its_line_is_left_alone() -> None:
    clock = FakeClock()
    chat = Chat(clock, CLEAR + b"\x1b[39;1H/usage" + PROMPT, {})

    assert isinstance((await visit(chat, clock)).result, TimedOut)
    assert chat.pressed == []


async def test_the_panel_is_waited_for_while_it_loads() -> None:
    clock = FakeClock()

    assert isinstance((await visit(Chat(clock, IDLE, {ENTER: LOADING}), clock)).result, TimedOut)
    assert isinstance((await visit(Chat(clock, IDLE, {ENTER: LOADING + PANEL}), clock)).result, Report)


async def test_a_managed_plan_is_an_answer() -> None:
    clock = FakeClock()

    result = (await visit(Chat(clock, IDLE, {ENTER: CLEAR + MANAGED + PROMPT}), clock)).result

    assert isinstance(result, Report)
    assert result.managed


@pytest.mark.parametrize(
    ("reply", "expected"), [(MODEL, PromptExecuted), (FAILURE, ServiceFailed), (SIGNED_OUT, NotLoggedIn)]
)
async def test_an_answer_without_usage_is_told_for_what_it_is(reply: bytes, expected: type[ProbeError]) -> None:
    clock = FakeClock()

    answer = await visit(Chat(clock, IDLE, {ENTER: CLEAR + reply}), clock)

    assert isinstance(answer.result, expected)
    assert not answer.asked_as_a_new_home


async def test_a_model_that_asks_back_is_still_known_for_a_model() -> None:
    clock = FakeClock()
    reply = CLEAR + b"What do you want to know?\r\n" + MODEL + PROMPT

    assert isinstance((await visit(Chat(clock, IDLE, {ENTER: reply}), clock)).result, PromptExecuted)


@pytest.mark.parametrize("opens", [SIGNED_OUT, b"Opening browser..."])
async def test_a_chat_that_signs_somebody_in_is_left_at_once(opens: bytes) -> None:
    clock = FakeClock()
    chat = Chat(clock, opens, {})

    assert isinstance((await visit(chat, clock)).result, NotLoggedIn)
    assert chat.pressed == []
    assert chat.at_once
    assert clock.monotonic() - FakeClock().monotonic() < 1


@pytest.mark.parametrize(
    ("opens", "ending", "expected"),
    [
        (b"", Ending(End.EXITED, status=0), NotRecognised),
        (b"error: unexpected argument '--v2' found\r\n", Ending(End.EXITED, status=2), FlagsRefused),
        (b"bye\r\n", Ending(End.EXITED, status=3), CliFailed),
        (b"", Ending(End.DEADLINE), TimedOut),
        (MODEL, Ending(End.EXITED, status=0), PromptExecuted),
        (REPORT, Ending(End.EXITED, status=0), NotRecognised),
    ],
)
async def test_a_chat_that_ends_before_it_was_asked_gives_no_figures(
    opens: bytes, ending: Ending, expected: type[ProbeError]
) -> None:
    clock = FakeClock()

    assert isinstance((await visit(Chat(clock, opens, {}, ending), clock)).result, expected)
