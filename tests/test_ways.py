"""Which command line results for which version and source: the table on which all safety stands."""

from dataclasses import replace

import pytest
from acting import CLAMPED, REPORT, ScriptedAgent, Stage, agent, error, says
from fakes import QUIET, FakeClock, ScriptedChild
from hypothesis import given
from hypothesis import strategies as st

from kiro_tui.domain.state import SourceName, Way
from kiro_tui.domain.usage import Report
from kiro_tui.errors import NotLoggedIn, ProbeError, TimedOut
from kiro_tui.probe.asking.conversation import Room
from kiro_tui.probe.asking.sources import SOURCES, Kiro, is_doubtful, may_start_v3, sources_of
from kiro_tui.probe.asking.unavailable import not_safe, switched_off
from kiro_tui.probe.installation import (
    CLASSIC,
    ENGINE_V1,
    ENGINE_V2,
    ENGINE_V3,
    NAMED_V2,
    NEWEST_KNOWN,
    OWN_SIGN_IN,
    Installation,
    Version,
    known_to_accept,
    read_version,
)
from kiro_tui.probe.memory import NOTHING_LEARNED

SAFE = "chat --no-interactive --agent-engine=v1 --legacy-ui /usage"
INLINE = "chat --no-interactive --agent-engine=v2 /usage"
AGENT_V2 = "acp --agent-engine=v2"
AGENT_V3 = "acp --agent-engine=v3 --auth-method=cli"
BARE = "chat --no-interactive /usage"
FLAGS = st.frozensets(st.sampled_from([CLASSIC, ENGINE_V1, ENGINE_V2, NAMED_V2, ENGINE_V3, OWN_SIGN_IN]))
VERSIONS = st.none() | st.builds(Version, st.integers(0, 4), st.integers(0, 40), st.integers(0, 4))


def kiro(version: str | None) -> Kiro:
    known = read_version(f"kiro-cli {version}")
    accepts = known_to_accept(known)
    unknown = known is None or accepts.chat is None
    return Kiro(
        Installation("/k", known, ()),
        chat=(NEWEST_KNOWN.chat if accepts.chat is None else accepts.chat) or frozenset(),
        acp=NEWEST_KNOWN.acp if unknown else accepts.acp,
    )


def line(source: SourceName, of: Kiro) -> str | None:
    argv = SOURCES[source].command(of)
    return argv and " ".join(argv[1:])


@pytest.mark.parametrize(
    ("version", "report", "inline", "acp", "panel", "acp_v3"),
    [
        ("1.20.0", BARE, None, None, "chat", None),
        ("1.26.0", BARE, None, None, "chat", None),
        ("1.27.0", "chat --no-interactive --legacy-ui /usage", None, None, "chat", None),
        ("2.3.0", "chat --no-interactive --legacy-ui /usage", None, None, "chat", None),
        ("2.4.0", SAFE, None, None, "chat", None),
        ("2.7.0", SAFE, None, AGENT_V2, "chat", AGENT_V3),
        ("2.8.0", SAFE, None, AGENT_V2, "chat --agent-engine=v2", AGENT_V3),
        ("2.13.0", SAFE, None, AGENT_V2, "chat --agent-engine=v2", AGENT_V3),
        ("2.20.2", SAFE, None, AGENT_V2, "chat --v2", AGENT_V3),
        ("2.21.3", SAFE, None, AGENT_V2, "chat --v2", AGENT_V3),
        ("2.21.4", SAFE, INLINE, AGENT_V2, "chat --v2", AGENT_V3),
        ("2.37.0", SAFE, INLINE, AGENT_V2, "chat --v2", AGENT_V3),
        ("3.5.0", SAFE, INLINE, AGENT_V2, "chat --v2", AGENT_V3),
        (None, SAFE, None, AGENT_V2, "chat --v2", AGENT_V3),
    ],
)
def test_each_version_is_asked_by_these_commands(  # noqa: PLR0917 - the columns of a table
    version: str | None, report: str, inline: str | None, acp: str | None, panel: str, acp_v3: str | None
) -> None:
    expected = (report, inline, acp, panel, acp_v3)

    assert tuple(line(source, kiro(version)) for source in SourceName) == expected


def test_engine_v3_comes_last_whatever_order_is_wanted() -> None:
    v1, v2, agent_v2, panel, v3 = SourceName

    assert sources_of(Way) == (v1, v2, agent_v2, panel, v3)
    assert sources_of((Way.ACP, Way.REPORT)) == (agent_v2, v1, v2, v3)
    assert sources_of((Way.ACP,)) == (agent_v2, v3)
    assert sources_of((Way.PANEL, Way.PANEL)) == (panel,)


@given(VERSIONS, FLAGS, FLAGS)
def test_no_command_starts_engine_v3_but_by_a_source_that_is_known_for_it(
    version: Version | None, chat: frozenset[str], acp: frozenset[str]
) -> None:
    of = Kiro(Installation("/k", version, ()), chat, acp)
    for source in SOURCES.values():
        argv = source.command(of)
        if argv is not None and ("acp" in argv or "--no-interactive" not in argv):
            names_v2 = NAMED_V2 in argv or ENGINE_V2 in argv
            before_v3 = ENGINE_V3 not in acp if "acp" in argv else (version is not None and version < Version(2, 8))
            assert names_v2 or before_v3 or may_start_v3(argv, of)


@given(VERSIONS, FLAGS)
def test_the_bare_command_is_only_ever_for_versions_that_run_it_themselves(
    version: Version | None, accepted: frozenset[str]
) -> None:
    for source in (SourceName.REPORT_V1, SourceName.REPORT_V2):
        asked = line(source, Kiro(Installation("/k", version, ()), accepted, None))
        if asked and not {"--agent-engine=v1", "--agent-engine=v2", "--v2"} & set(asked.split()):
            assert version is not None
            assert version < Version(2, 8)
            assert "--legacy-ui" in asked or version < Version(1, 27)


@given(VERSIONS, FLAGS)
def test_engine_v2_is_only_asked_headless_where_it_is_known_to_print_figures(
    version: Version | None, accepted: frozenset[str]
) -> None:
    asked = line(SourceName.REPORT_V2, Kiro(Installation("/k", version, ()), accepted, None))

    assert asked is None or (version is not None and version >= Version(2, 21, 4))


@given(VERSIONS, FLAGS)
def test_a_chat_is_only_ever_opened_on_an_engine_that_changes_no_file_of_the_persons(
    version: Version | None, accepted: frozenset[str]
) -> None:
    asked = line(SourceName.PANEL, Kiro(Installation("/k", version, ()), accepted, None))

    assert not asked or asked.endswith("v2") or (version is not None and version < Version(2, 8))


@given(VERSIONS, FLAGS)
def test_no_command_line_uses_a_flag_that_is_not_accepted_or_could_put_text_before_a_model(
    version: Version | None, accepted: frozenset[str]
) -> None:
    for source in SourceName:
        asked = line(source, Kiro(Installation("/k", version, ()), accepted, accepted)) or ""
        flags = {word for word in asked.split() if word.startswith("--")} - {"--no-interactive"}
        assert flags <= accepted
        assert "/usage" not in asked or "--no-interactive" in asked


def test_a_way_that_is_not_there_says_why_with_the_version() -> None:
    old = Installation("/k", Version(1, 20), ())

    assert "kiro-cli 1.20.0 has no agent protocol" in not_safe(SOURCES[SourceName.ACP_V2], old).message
    assert "unknown version" in not_safe(SOURCES[SourceName.REPORT_V1], Installation("/k", None, ())).message


def test_a_switched_off_way_is_named_with_the_version() -> None:
    warning = switched_off([SourceName.REPORT_V1, SourceName.PANEL], Installation("/k", Version(2, 13), ()))

    assert "report v1 and by panel" in warning.message
    assert "2.13.0" in warning.message


# --- How the report is asked for

SECONDS = 20.0


def room(scene: Stage, clock: FakeClock) -> Room:
    return Room(scene.launch, clock, {}, "/empty")


async def test_a_terminal_that_stays_silent_is_followed_by_pipes_within_the_same_time() -> None:
    clock = FakeClock()
    children = [ScriptedChild([QUIET], clock=clock), says(REPORT)]
    scene = Stage({"chat": lambda: children.pop(0)})

    asked = await SOURCES[SourceName.REPORT_V1].ask(kiro("2.21.1"), room(scene, clock), SECONDS, NOTHING_LEARNED)

    assert isinstance(asked.answer.result, Report)
    first, second = scene.commands
    assert (first.terminal is None, second.terminal is None) == (False, True)
    assert first.argv == second.argv
    assert second.seconds <= SECONDS - 10
    assert asked.lessons.pipes


async def test_what_worked_comes_first_the_next_time() -> None:
    scene = Stage({"chat": lambda: says(REPORT)})
    lessons = replace(NOTHING_LEARNED, pipes=True)

    await SOURCES[SourceName.REPORT_V1].ask(kiro("2.21.1"), room(scene, FakeClock()), SECONDS, lessons)

    (command,) = scene.commands
    assert command.terminal is None
    assert command.seconds == SECONDS


async def test_a_kiro_cli_that_never_says_a_word_times_out_within_the_limit() -> None:
    clock = FakeClock()
    scene = Stage({"chat": lambda: ScriptedChild([QUIET], clock=clock)})

    asked = await SOURCES[SourceName.REPORT_V1].ask(kiro("2.21.1"), room(scene, clock), SECONDS, NOTHING_LEARNED)

    assert isinstance(asked.answer.result, TimedOut)
    assert "20 s" in asked.answer.result.message
    assert clock.monotonic() - FakeClock().monotonic() < SECONDS + 3
    assert len(scene.commands) == 2


async def test_a_kiro_cli_that_speaks_on_the_terminal_is_not_asked_again_on_pipes() -> None:
    clock = FakeClock()
    scene = Stage({"chat": lambda: ScriptedChild([b"Thinking...", QUIET], clock=clock)})

    asked = await SOURCES[SourceName.REPORT_V1].ask(kiro("2.21.1"), room(scene, clock), SECONDS, NOTHING_LEARNED)

    assert isinstance(asked.answer.result, TimedOut)
    assert len(scene.commands) == 1


def refusing(code: int, text: str) -> ScriptedAgent:
    return ScriptedAgent({"initialize": lambda message: error(message, code, text)})


async def test_an_agent_that_refuses_to_have_its_engine_named_is_asked_without() -> None:
    refused = b"error: invalid value 'v2' for '--agent-engine <ENGINE>'\n"
    scene = Stage({"--agent-engine=v2": lambda: says(refused, status=2), "acp": agent})

    asked = await SOURCES[SourceName.ACP_V2].ask(kiro("2.21.1"), room(scene, FakeClock()), SECONDS, NOTHING_LEARNED)

    assert isinstance(asked.answer.result, Report)
    assert scene.lines == [AGENT_V2, "acp"]


async def test_an_agent_that_fails_for_another_reason_is_not_asked_again() -> None:
    scene = Stage({"acp": lambda: refusing(-32603, "broken")})

    await SOURCES[SourceName.ACP_V2].ask(kiro("2.21.1"), room(scene, FakeClock()), SECONDS, NOTHING_LEARNED)

    assert scene.lines == [AGENT_V2]


async def test_an_agent_is_given_three_times_the_time() -> None:
    scene = Stage({"acp": agent})

    await SOURCES[SourceName.ACP_V2].ask(kiro("2.21.1"), room(scene, FakeClock()), SECONDS, NOTHING_LEARNED)

    assert scene.commands[0].seconds == 3 * SECONDS


@pytest.mark.parametrize(("code", "text"), [(-32000, "Authentication required"), (0, "Not logged in")])
async def test_an_agent_that_is_signed_out_is_not_asked_in_another_way(code: int, text: str) -> None:
    scene = Stage({"acp": lambda: refusing(code, text)})

    asked = await SOURCES[SourceName.ACP_V2].ask(kiro("2.21.1"), room(scene, FakeClock()), SECONDS, NOTHING_LEARNED)

    assert isinstance(asked.answer.result, NotLoggedIn)
    assert len(scene.commands) == 1


@pytest.mark.parametrize(("screen", "doubtful"), [(REPORT, False), (CLAMPED, True)])
async def test_a_report_that_may_be_cut_off_is_doubtful(screen: bytes, doubtful: bool) -> None:  # noqa: FBT001 - a table
    scene = Stage({"chat": lambda: says(screen)})

    asked = await SOURCES[SourceName.REPORT_V1].ask(kiro("2.21.1"), room(scene, FakeClock()), SECONDS, NOTHING_LEARNED)

    assert not isinstance(asked.answer.result, ProbeError)
    assert is_doubtful(asked.answer.result) is doubtful
