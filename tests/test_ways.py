"""Which command line results for which version and way: the table on which all safety stands."""

from dataclasses import replace

import pytest
from acting import CLAMPED, REPORT, ScriptedAgent, Stage, agent, error, says
from fakes import QUIET, FakeClock, ScriptedChild
from hypothesis import given
from hypothesis import strategies as st

from kiro_tui.domain.state import Way
from kiro_tui.domain.usage import Report
from kiro_tui.errors import NotLoggedIn, ProbeError, TimedOut
from kiro_tui.probe.asking.conversation import Room
from kiro_tui.probe.asking.sources import WAYS, Kiro, is_doubtful, not_safe, switched_off
from kiro_tui.probe.installation import (
    CLASSIC,
    ENGINE_V1,
    ENGINE_V2,
    ENGINE_V3,
    NEWEST_KNOWN,
    OWN_SIGN_IN,
    Installation,
    Version,
    known_to_accept,
    read_version,
)
from kiro_tui.probe.memory import NOTHING_LEARNED

SAFE = "chat --no-interactive --agent-engine=v1 --legacy-ui /usage"
V3_AGENT = ("acp --agent-engine=v3 --auth-method=cli", "acp")
BARE = "chat --no-interactive /usage"
FLAGS = st.frozensets(st.sampled_from([CLASSIC, ENGINE_V1, ENGINE_V2, ENGINE_V3, OWN_SIGN_IN]))


def kiro(version: str | None) -> Kiro:
    known = read_version(f"kiro-cli {version}")
    accepts = known_to_accept(known)
    unknown = known is None or accepts.chat is None
    return Kiro(
        Installation("/k", known, ()),
        chat=(NEWEST_KNOWN.chat if accepts.chat is None else accepts.chat) or frozenset(),
        acp=NEWEST_KNOWN.acp if unknown else accepts.acp,
    )


def lines(way: Way, of: Kiro) -> tuple[str, ...]:
    return tuple(" ".join(argv[1:]) for argv in WAYS[way].commands(of))


@pytest.mark.parametrize(
    ("version", "report", "acp", "panel"),
    [
        ("1.20.0", (BARE,), (), ("chat",)),
        ("1.26.0", (BARE,), (), ("chat",)),
        ("1.27.0", ("chat --no-interactive --legacy-ui /usage",), (), ("chat",)),
        ("2.3.0", ("chat --no-interactive --legacy-ui /usage",), (), ("chat",)),
        ("2.4.0", (SAFE,), (), ("chat",)),
        ("2.7.0", (SAFE,), V3_AGENT, ("chat",)),
        ("2.8.0", (SAFE,), V3_AGENT, ("chat",)),
        ("2.13.0", (SAFE,), V3_AGENT, ("chat",)),
        ("2.20.2", (SAFE,), V3_AGENT, ("chat --v2",)),
        ("2.21.1", (SAFE,), V3_AGENT, ("chat --v2",)),
        ("2.37.0", (SAFE,), V3_AGENT, ("chat --v2",)),
        ("3.5.0", (SAFE,), V3_AGENT, ("chat --v2",)),
        (None, (SAFE,), V3_AGENT, ("chat --v2",)),
    ],
)
def test_each_version_is_asked_by_these_commands(
    version: str | None, report: tuple[str, ...], acp: tuple[str, ...], panel: tuple[str, ...]
) -> None:
    asked = kiro(version)

    assert (lines(Way.REPORT, asked), lines(Way.ACP, asked), lines(Way.PANEL, asked)) == (report, acp, panel)


@given(st.none() | st.builds(Version, st.integers(0, 4), st.integers(0, 40), st.integers(0, 4)), FLAGS)
def test_the_bare_command_is_only_ever_for_versions_that_run_it_themselves(
    version: Version | None, accepted: frozenset[str]
) -> None:
    for line in lines(Way.REPORT, Kiro(Installation("/k", version, ()), accepted, None)):
        if "--agent-engine=v1" not in line:
            assert version is not None
            assert version < Version(2, 8)
            assert "--legacy-ui" in line or version < Version(1, 27)


@given(st.none() | st.builds(Version, st.integers(0, 4), st.integers(0, 40), st.integers(0, 4)), FLAGS)
def test_a_chat_is_only_ever_opened_on_an_engine_that_changes_no_file_of_the_persons(
    version: Version | None, accepted: frozenset[str]
) -> None:
    for line in lines(Way.PANEL, Kiro(Installation("/k", version, ()), accepted, None)):
        assert "--v2" in line or (version is not None and version < Version(2, 20, 2))


@given(st.none() | st.builds(Version, st.integers(0, 4), st.integers(0, 40), st.integers(0, 4)), FLAGS)
def test_no_command_line_uses_a_flag_that_is_not_accepted_or_could_put_text_before_a_model(
    version: Version | None, accepted: frozenset[str]
) -> None:
    for way in WAYS.values():
        for line in lines(way.name, Kiro(Installation("/k", version, ()), accepted, accepted)):
            flags = {word for word in line.split() if word.startswith("--")} - {"--no-interactive"}
            assert flags <= accepted
            assert "/usage" not in line or "--no-interactive" in line


def test_a_way_that_is_not_there_says_why_with_the_version() -> None:
    old = Installation("/k", Version(1, 20), ())

    assert "kiro-cli 1.20.0 has no agent protocol" in not_safe(WAYS[Way.ACP], old).message
    assert "unknown version" in not_safe(WAYS[Way.REPORT], Installation("/k", None, ())).message


def test_a_switched_off_way_is_named_with_the_version() -> None:
    warning = switched_off([Way.REPORT, Way.PANEL], Installation("/k", Version(2, 13), ()))

    assert "report and by panel" in warning.message
    assert "2.13.0" in warning.message


# --- How the report is asked for

SECONDS = 20.0


def room(scene: Stage, clock: FakeClock) -> Room:
    return Room(scene.launch, clock, {}, "/empty")


async def test_a_terminal_that_stays_silent_is_followed_by_pipes_within_the_same_time() -> None:
    clock = FakeClock()
    children = [ScriptedChild([QUIET], clock=clock), says(REPORT)]
    scene = Stage({"chat": lambda: children.pop(0)})

    asked = await WAYS[Way.REPORT].ask(kiro("2.21.1"), room(scene, clock), SECONDS, NOTHING_LEARNED)

    assert isinstance(asked.answer.result, Report)
    first, second = scene.commands
    assert (first.terminal is None, second.terminal is None) == (False, True)
    assert first.argv == second.argv
    assert second.seconds <= SECONDS - 10
    assert asked.lessons.pipes


async def test_what_worked_comes_first_the_next_time() -> None:
    scene = Stage({"chat": lambda: says(REPORT)})
    lessons = replace(NOTHING_LEARNED, pipes=True)

    await WAYS[Way.REPORT].ask(kiro("2.21.1"), room(scene, FakeClock()), SECONDS, lessons)

    (command,) = scene.commands
    assert command.terminal is None
    assert command.seconds == SECONDS


async def test_a_kiro_cli_that_never_says_a_word_times_out_within_the_limit() -> None:
    clock = FakeClock()
    scene = Stage({"chat": lambda: ScriptedChild([QUIET], clock=clock)})

    asked = await WAYS[Way.REPORT].ask(kiro("2.21.1"), room(scene, clock), SECONDS, NOTHING_LEARNED)

    assert isinstance(asked.answer.result, TimedOut)
    assert "20 s" in asked.answer.result.message
    assert clock.monotonic() - FakeClock().monotonic() < SECONDS + 3
    assert len(scene.commands) == 2


async def test_a_kiro_cli_that_speaks_on_the_terminal_is_not_asked_again_on_pipes() -> None:
    clock = FakeClock()
    scene = Stage({"chat": lambda: ScriptedChild([b"Thinking...", QUIET], clock=clock)})

    asked = await WAYS[Way.REPORT].ask(kiro("2.21.1"), room(scene, clock), SECONDS, NOTHING_LEARNED)

    assert isinstance(asked.answer.result, TimedOut)
    assert len(scene.commands) == 1


def refusing(code: int, text: str) -> ScriptedAgent:
    return ScriptedAgent({"initialize": {}, "_kiro/account/getUsage": lambda message: error(message, code, text)})


async def test_an_agent_without_engine_v3_is_asked_as_engine_v2_and_that_is_remembered() -> None:
    scene = Stage({"--agent-engine=v3": lambda: refusing(-32603, "broken"), "acp": agent})

    asked = await WAYS[Way.ACP].ask(kiro("2.21.1"), room(scene, FakeClock()), SECONDS, NOTHING_LEARNED)
    assert isinstance(asked.answer.result, Report)
    assert scene.lines == list(V3_AGENT)

    scene.forget()
    again = await WAYS[Way.ACP].ask(kiro("2.21.1"), room(scene, FakeClock()), SECONDS, asked.lessons)
    assert isinstance(again.answer.result, Report)
    assert scene.lines == ["acp"]


async def test_an_agent_is_given_three_times_the_time() -> None:
    scene = Stage({"acp": agent})

    await WAYS[Way.ACP].ask(kiro("2.21.1"), room(scene, FakeClock()), SECONDS, NOTHING_LEARNED)

    assert scene.commands[0].seconds == 3 * SECONDS


@pytest.mark.parametrize(("code", "text"), [(-32000, "Authentication required"), (0, "Not logged in")])
async def test_an_agent_that_is_signed_out_is_not_asked_in_another_way(code: int, text: str) -> None:
    scene = Stage({"acp": lambda: refusing(code, text)})

    asked = await WAYS[Way.ACP].ask(kiro("2.21.1"), room(scene, FakeClock()), SECONDS, NOTHING_LEARNED)

    assert isinstance(asked.answer.result, NotLoggedIn)
    assert len(scene.commands) == 1


@pytest.mark.parametrize(("screen", "doubtful"), [(REPORT, False), (CLAMPED, True)])
async def test_a_report_that_may_be_cut_off_is_doubtful(screen: bytes, doubtful: bool) -> None:  # noqa: FBT001 - a table
    scene = Stage({"chat": lambda: says(screen)})

    asked = await WAYS[Way.REPORT].ask(kiro("2.21.1"), room(scene, FakeClock()), SECONDS, NOTHING_LEARNED)

    assert not isinstance(asked.answer.result, ProbeError)
    assert is_doubtful(asked.answer.result) is doubtful
