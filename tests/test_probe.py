import asyncio
import contextlib
from pathlib import Path

import pytest
from acting import (
    BUILDER_ID,
    CLAMPED,
    FAILURE,
    MANAGED,
    MODEL,
    REPORT,
    SIGNED_OUT,
    SUMMARY,
    Role,
    ScriptedAgent,
    Stage,
    agent,
    error,
    says,
    stage,
)
from fakes import QUIET, FakeClock, ScriptedChild

from kiro_tui.domain.state import Failure, Outcome, Snapshot, SourceName, Way
from kiro_tui.domain.usage import Account, NoteCode
from kiro_tui.poller import Poller
from kiro_tui.probe.probe import Probe
from kiro_tui.probe.process.child import End, Ending

SAFE = "chat --no-interactive --agent-engine=v1 --legacy-ui /usage"
INLINE = "chat --no-interactive --agent-engine=v2 /usage"
AGENT = "acp --agent-engine=v2"
AGENT_V3 = "acp --agent-engine=v3 --auth-method=cli"
PANEL = "chat --v2"
IDENTITY_CENTER = b'{"accountType":"IamIdentityCenter","email":"person@example.com"}'


def broken_agent() -> ScriptedAgent:
    return ScriptedAgent({"initialize": lambda message: error(message, -32603, "broken")})


class Home:
    """A machine with one kiro-cli on it, played by a stage, and a probe that can be restarted."""

    def __init__(self, folder: Path, scene: Stage, ways: tuple[Way, ...] | None = None) -> None:
        self.folder = folder
        self.program = folder / "kiro-cli"
        self.program.write_text("#!/bin/sh\n")
        self.program.chmod(0o755)
        self.scene = scene
        self.ways = ways
        self.clock = FakeClock()
        self.idle = True
        self.idle_checks = 0
        self.restart()

    def restart(self) -> None:
        self.probe = Probe(
            launch=self.scene.launch,
            clock=self.clock,
            environment={"HOME": str(self.folder), "KIRO_AGENT_ENGINE": "v3", "AWS_SECRET_ACCESS_KEY": "s"},
            state_folder=self.folder / "state",
            path=str(self.program),
            ways=self.ways,
            is_idle=self._is_idle,
        )

    def _is_idle(self) -> bool:
        self.idle_checks += 1
        return self.idle

    async def ask(self, *, by_person: bool = False) -> Outcome:
        self.scene.forget()
        return await self.probe.ask(by_person=by_person)

    async def reading(self, *, by_person: bool = False) -> Snapshot:
        outcome = await self.ask(by_person=by_person)
        assert isinstance(outcome, Snapshot), outcome
        return outcome

    async def failure(self, *, by_person: bool = False) -> Failure:
        outcome = await self.ask(by_person=by_person)
        assert isinstance(outcome, Failure), outcome
        return outcome

    @property
    def asked(self) -> list[str]:
        """The command lines of the last question, without those of the introduction."""
        return [line for line in self.scene.lines if line != "--version" and not line.startswith("whoami")]

    @property
    def engines(self) -> list[str]:
        """The same without what was asked of the help."""
        return [line for line in self.asked if not line.endswith("--help")]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path, stage())


def at(tmp_path: Path, version: str = "2.21.1", ways: tuple[Way, ...] | None = None, **roles: Role) -> Home:
    return Home(tmp_path, stage(version, **roles), ways)


# --- The usual question


async def test_a_reading_says_where_when_and_how_it_came(home: Home) -> None:
    reading = await home.reading()

    assert reading.report.plan == "KIRO PRO+"
    assert reading.way is Way.REPORT
    assert reading.taken_at == home.clock.now()
    assert (reading.version, reading.path) == ("2.21.1", str(home.program))
    assert reading.account == Account("Builder ID", "person@example.com")
    assert [(attempt.way, attempt.error) for attempt in reading.attempts] == [(Way.REPORT, None)]
    assert reading.attempts[0].frame is not None
    assert reading.warning is None


async def test_once_settled_a_question_costs_one_process(home: Home) -> None:
    await home.reading()
    assert home.scene.lines == ["--version", "whoami --format json", SAFE]

    for _ in range(3):
        await home.reading()
        assert home.scene.lines == [SAFE]


async def test_children_run_in_an_empty_room_of_ours_with_a_scrubbed_environment(home: Home) -> None:
    await home.reading()
    version, whoami, chat = home.scene.commands

    assert "KIRO_HOME" not in version.environment
    assert "KIRO_HOME" not in whoami.environment
    assert chat.environment["KIRO_HOME"].startswith(str(home.folder / "state"))
    assert chat.directory.startswith(str(home.folder / "state"))
    assert chat.environment["BROWSER"].endswith("true")
    assert not {"KIRO_AGENT_ENGINE", "AWS_SECRET_ACCESS_KEY"} & chat.environment.keys()
    assert list((home.folder / "state").glob("asking-*")) == []


async def test_every_child_is_given_time_to_store_a_refreshed_sign_in(home: Home) -> None:
    home.scene.roles = stage(report=lambda: says(b"?"), acp=lambda: says(b""), panel=lambda: says(b"")).roles
    await home.failure()

    asked = " ".join(home.scene.lines)
    assert all(words in asked for words in ("--version", "whoami", "chat", "acp"))
    assert {(each.leave_within, each.kill_after) for each in home.scene.commands} == {(2.0, 2.0)}
    assert {each.discard for each in home.scene.commands} == {str(Path(home.scene.commands[0].directory).parent)}


async def test_without_a_state_folder_everything_works_and_nothing_is_kept(home: Home) -> None:
    probe = Probe(launch=home.scene.launch, clock=home.clock, environment={}, state_folder=None, path=str(home.program))

    assert isinstance(await probe.ask(), Snapshot)
    assert isinstance(await probe.ask(), Snapshot)


# --- On to the next way


@pytest.mark.parametrize(
    "report",
    [
        lambda: says(SUMMARY),
        lambda: says(FAILURE),
        lambda: says(b"error: no\n", status=1),
        lambda: says(b"error: unexpected argument '--agent-engine' found\n", status=2),
        lambda: says(b"whatever\n"),
    ],
    ids=["summary", "service", "crash", "flags", "unknown"],
)
async def test_where_the_report_gives_no_figures_the_agent_is_asked(tmp_path: Path, report: Role) -> None:
    home = at(tmp_path, report=report)

    reading = await home.reading()

    assert reading.way is Way.ACP
    assert home.asked == [SAFE, AGENT]
    assert [attempt.way for attempt in reading.attempts] == [Way.REPORT, Way.ACP]
    assert reading.attempts[0].error is not None
    await home.reading()
    assert home.scene.lines == [AGENT]


async def test_what_worked_is_remembered_after_a_restart(tmp_path: Path) -> None:
    home = at(tmp_path, report=lambda: says(SUMMARY))
    await home.reading()

    home.restart()
    await home.reading()

    assert home.asked == [AGENT]


async def test_a_new_version_and_a_new_account_start_over(tmp_path: Path) -> None:
    home = at(tmp_path, report=lambda: says(SUMMARY))
    await home.reading()

    home.scene.roles["whoami"] = lambda: says(IDENTITY_CENTER)
    await home.reading(by_person=True)
    assert home.asked == [SAFE, AGENT]

    home.scene.roles["--version"] = lambda: says(b"kiro-cli 2.22.0\n")
    home.program.write_text("#!/bin/sh\n# updated\n")
    await home.reading()
    assert home.asked == [SAFE, INLINE, AGENT]


async def test_an_update_between_two_questions_loses_no_reading(tmp_path: Path) -> None:
    home = at(tmp_path, "2.20.1")
    await home.reading()

    home.scene.roles["--version"] = lambda: says(b"kiro-cli 2.20.2\n")
    home.scene.roles["chat --no-interactive"] = lambda: says(SUMMARY)
    home.program.write_text("#!/bin/sh\n# updated\n")
    reading = await home.reading()

    assert (reading.version, reading.way) == ("2.20.2", Way.ACP)


async def test_a_settled_way_that_fails_once_gets_another_chance_and_the_reading_comes_another_way(home: Home) -> None:
    await home.reading()
    home.scene.roles["chat --no-interactive"] = lambda: says(b"error: no\n", status=1)
    assert (await home.reading()).way is Way.ACP

    home.scene.roles["chat --no-interactive"] = lambda: says(REPORT)
    assert (await home.reading()).way is Way.REPORT
    assert home.asked == [SAFE]


async def test_a_settled_way_that_gives_no_numbers_any_more_is_given_up_at_once(home: Home) -> None:
    await home.reading()
    home.scene.roles["chat --no-interactive"] = lambda: says(SUMMARY)

    assert (await home.reading()).way is Way.ACP
    await home.reading()
    assert home.asked == [AGENT]


async def test_a_settled_way_that_fails_twice_is_given_up(home: Home) -> None:
    await home.reading()
    home.scene.roles["chat --no-interactive"] = lambda: says(b"error: no\n", status=1)

    for _ in range(2):
        await home.reading()
        assert home.asked == [SAFE, AGENT]
    await home.reading()
    assert home.asked == [AGENT]


# --- Doubtful figures


async def test_a_figure_that_may_be_cut_off_is_asked_for_elsewhere(tmp_path: Path) -> None:
    home = at(tmp_path, "2.13.0", report=lambda: says(CLAMPED))

    assert (await home.reading()).way is Way.ACP
    await home.reading()
    assert home.asked == [AGENT]


async def test_where_nothing_better_is_to_be_had_it_is_kept_and_not_looked_for_each_time(tmp_path: Path) -> None:
    home = at(tmp_path, "2.13.0", report=lambda: says(CLAMPED), acp=broken_agent)

    reading = await home.reading()
    assert reading.way is Way.REPORT
    assert [note.code for note in reading.report.notes] == [NoteCode.MAYBE_CLAMPED]
    assert [attempt.way for attempt in reading.attempts] == [Way.REPORT, Way.ACP, Way.PANEL, Way.ACP]

    await home.reading()
    assert home.scene.lines == [SAFE]


async def test_a_settled_report_that_reaches_its_limit_goes_looking(tmp_path: Path) -> None:
    home = at(tmp_path, "2.13.0")
    await home.reading()
    home.scene.roles["chat --no-interactive"] = lambda: says(CLAMPED)

    assert (await home.reading()).way is Way.ACP
    await home.reading()
    assert home.asked == [AGENT]


@pytest.mark.parametrize(
    ("version", "asked"), [("2.19.1", [SAFE, AGENT]), ("2.19.2", [SAFE]), ("2.24.0", [SAFE]), ("3.2.0", [SAFE])]
)
async def test_a_figure_at_its_limit_is_exact_where_the_classic_report_does_not_clamp(
    tmp_path: Path, version: str, asked: list[str]
) -> None:
    home = at(tmp_path, version, report=lambda: says(CLAMPED))

    reading = await home.reading()

    assert reading.report.notes == ()
    assert home.engines == asked


async def test_an_inline_report_at_its_limit_may_be_clamped(tmp_path: Path) -> None:
    home = at(tmp_path, "2.24.0", report=lambda: says(b"error: no\n", status=1))
    home.scene.roles = {INLINE: lambda: says(CLAMPED)} | home.scene.roles

    assert (await home.reading()).way is Way.ACP
    assert home.engines == [SAFE, INLINE, AGENT]


async def test_a_managed_plan_is_an_answer_and_no_other_way_is_tried(tmp_path: Path) -> None:
    home = at(tmp_path, report=lambda: says(MANAGED))

    assert (await home.reading()).report.managed
    assert home.asked == [SAFE]


# --- Pinned ways


async def test_a_pinned_way_is_the_only_one(tmp_path: Path) -> None:
    home = at(tmp_path, ways=(Way.ACP,))

    assert (await home.reading()).way is Way.ACP
    assert home.asked == [AGENT]


async def test_pinned_ways_are_tried_in_the_order_given(tmp_path: Path) -> None:
    home = at(tmp_path, ways=(Way.ACP, Way.REPORT), acp=broken_agent)

    assert (await home.reading()).way is Way.REPORT
    assert home.asked == [AGENT, SAFE]


# --- The order of sources, and engine v3


@pytest.mark.parametrize(
    ("version", "order"),
    [
        ("1.20.0", ["chat --no-interactive /usage", "chat"]),
        ("2.21.3", [SAFE, AGENT, PANEL, AGENT_V3]),
        ("2.21.4", [SAFE, INLINE, AGENT, PANEL, AGENT_V3]),
        ("2.37.0", [SAFE, INLINE, AGENT, PANEL, AGENT_V3]),
        ("3.2.0", [SAFE, INLINE, AGENT, PANEL, AGENT_V3]),
    ],
)
async def test_sources_are_asked_in_the_order_of_what_they_can_disturb(
    tmp_path: Path, version: str, order: list[str]
) -> None:
    home = at(tmp_path, version, report=lambda: says(b"whatever\n"), acp=broken_agent)

    await home.failure()

    assert home.engines == order


async def test_engine_v3_answers_where_nothing_else_does_and_kiro_is_idle(tmp_path: Path) -> None:
    home = at(tmp_path, report=lambda: says(SUMMARY), acp=broken_agent)
    home.scene.roles = {AGENT_V3: agent} | home.scene.roles

    reading = await home.reading()
    assert (reading.way, reading.attempts[-1].source) == (Way.ACP, SourceName.ACP_V3)
    assert home.engines == [SAFE, AGENT, PANEL, AGENT_V3]
    await home.reading()
    assert home.engines == [AGENT_V3]
    assert home.idle_checks == 2


@pytest.mark.parametrize("ways", [None, (Way.ACP,)])
async def test_engine_v3_is_not_started_while_kiro_works_and_the_error_says_so(
    tmp_path: Path, ways: tuple[Way, ...] | None
) -> None:
    home = at(tmp_path, ways=ways, report=lambda: says(SUMMARY), acp=broken_agent)
    home.idle = False

    for _ in range(3):
        failure = await home.failure()
        assert failure.error.code == "cli_failed"
        assert failure.error.message.startswith("Kiro is working on a task; its v3 engine is not started meanwhile")
        assert failure.error.hint
        assert AGENT_V3 not in home.scene.lines

    home.idle = True
    home.scene.roles = {AGENT_V3: agent} | home.scene.roles
    await home.reading()


async def test_a_settled_engine_v3_stays_settled_while_kiro_works(tmp_path: Path) -> None:
    home = at(tmp_path, report=lambda: says(SUMMARY), acp=broken_agent)
    home.scene.roles = {AGENT_V3: agent} | home.scene.roles
    await home.reading()

    home.idle = False
    for _ in range(3):
        assert "Kiro is working" in (await home.failure()).error.message
    home.idle = True
    await home.reading()
    assert home.engines == [AGENT_V3]


async def test_an_agent_whose_engine_cannot_be_named_is_not_started_while_kiro_works(tmp_path: Path) -> None:
    home = at(tmp_path, report=lambda: says(SUMMARY), acp=lambda: says(b"error: invalid value\n", status=2))
    home.idle = False

    await home.failure()

    assert home.engines == [SAFE, AGENT, PANEL]


async def test_a_service_that_fails_explains_more_than_a_kiro_that_works(tmp_path: Path) -> None:
    home = at(tmp_path, report=lambda: says(FAILURE), acp=broken_agent)
    home.idle = False

    assert (await home.failure()).error.code == "service_failed"


async def test_engine_v3_is_not_started_where_the_service_refuses_the_agent(tmp_path: Path) -> None:
    refused = {"success": False, "message": "Failed to retrieve usage information: dispatch failure"}
    answers = {"initialize": {}, "session/new": {"sessionId": "s"}, "_kiro.dev/commands/execute": refused}
    home = at(tmp_path, report=lambda: says(SUMMARY), acp=lambda: ScriptedAgent(answers))

    assert (await home.failure()).error.code == "service_failed"
    assert home.engines == [SAFE, AGENT, PANEL]


async def test_what_every_source_says_is_the_reason_and_engine_v3_is_not_tried_for_it(tmp_path: Path) -> None:
    key_chain = b"error: Security error: SecKeychainItemCreateFromContent\n"
    home = Home(tmp_path, Stage({"--version": lambda: says(b"kiro-cli 2.24.0\n"), "": lambda: says(key_chain, 1)}))
    home.idle = False

    failure = await home.failure()

    assert failure.error.code == "cli_failed"
    assert "key chain" in failure.error.message
    assert AGENT_V3 not in home.engines


async def test_a_refused_prompt_is_told_with_its_reason_beside_the_reading(tmp_path: Path) -> None:
    limit = b"Monthly request limit reached\n - The limits reset on 12/01.\n"
    home = at(tmp_path, report=lambda: says(limit))

    warning = (await home.reading()).warning

    assert warning is not None
    assert (warning.code, "Monthly request limit reached" in warning.message) == ("prompt_executed", True)
    home.restart()
    await home.reading(by_person=True)
    assert SAFE not in home.scene.lines


async def test_idleness_is_only_looked_at_where_engine_v3_would_be_started(home: Home) -> None:
    await home.reading()

    assert home.idle_checks == 0


async def test_a_foreign_kiro_cli_is_not_installed_and_is_asked_nothing_else(tmp_path: Path) -> None:
    home = at(tmp_path, version="?")
    home.scene.roles["--version"] = lambda: says(b"kiro-cli, version 0.3.1\n")

    for _ in range(2):
        failure = await home.failure(by_person=True)
        assert failure.error.code == "not_installed"
        assert str(home.program) in failure.error.message
        assert "kiro.dev" in failure.error.hint
        assert home.scene.lines == ["--version"]


async def test_a_pinned_way_that_is_not_safe_is_refused_with_version_and_reason(tmp_path: Path) -> None:
    home = at(tmp_path, "1.20.0", ways=(Way.ACP,))

    failure = await home.failure()

    assert failure.error.code == "no_numbers"
    assert "1.20.0" in failure.error.message
    assert home.asked == ["acp --help"]


# --- Errors


@pytest.mark.parametrize(
    ("said", "status", "code"),
    [
        (SUMMARY, 0, "no_numbers"),
        (MODEL, 0, "prompt_executed"),
        (FAILURE, 0, "service_failed"),
        (b"error: --legacy-ui can't be used because Kiro CLI 3.0 is your default\r\n", 1, "cli_failed"),
        (SIGNED_OUT, 1, "not_logged_in"),
        (b"hello\r\n", 0, "not_recognised"),
        (b"", 0, "not_recognised"),
        (b"", 1, "cli_failed"),
    ],
)
async def test_a_kiro_cli_that_always_says_the_same_is_understood(
    tmp_path: Path, said: bytes, status: int, code: str
) -> None:
    roles: dict[str, Role] = {"--version": lambda: says(b"kiro-cli 2.21.1\n"), "": lambda: says(said, status)}
    home = Home(tmp_path, Stage(roles))

    failure = await home.failure()

    assert failure.error.code == code
    assert failure.error.hint
    assert failure.path == str(home.program)


async def test_a_kiro_cli_that_always_prints_a_report_gives_a_reading(tmp_path: Path) -> None:
    home = Home(tmp_path, Stage({"": lambda: says(REPORT)}))

    reading = await home.reading()

    assert reading.report.plan == "KIRO PRO+"
    assert (reading.version, reading.account) == (None, None)
    assert home.asked == ["chat --help", SAFE]


async def test_a_kiro_cli_that_always_hangs_times_out_and_is_not_asked_in_three_ways(tmp_path: Path) -> None:
    home = at(tmp_path)
    home.scene.roles = {"": lambda: ScriptedChild([QUIET], clock=home.clock)}

    failure = await home.failure()

    assert failure.error.code == "timed_out"
    assert home.asked == [SAFE, SAFE]
    assert home.clock.monotonic() - FakeClock().monotonic() < 34


async def test_a_missing_kiro_cli_is_a_failure_and_found_when_it_comes(tmp_path: Path) -> None:
    home = at(tmp_path)
    home.program.unlink()
    failure = await home.failure()
    assert failure.error.code == "not_installed"
    assert (failure.version, failure.path, home.scene.lines) == (None, None, [])

    home.program.write_text("#!/bin/sh\n")
    home.program.chmod(0o755)
    await home.reading()


async def test_numbers_missing_everywhere_names_the_version_and_the_reason(tmp_path: Path) -> None:
    home = at(tmp_path, report=lambda: says(SUMMARY), acp=broken_agent)

    message = (await home.failure()).error.message

    assert "2.21.1" in message
    assert "KIRO PRO MAX" in message


async def test_flags_that_are_refused_are_the_reason_whatever_the_other_ways_say(tmp_path: Path) -> None:
    refused = b"error: unexpected argument '--agent-engine' found\r\n"
    home = at(tmp_path, report=lambda: says(refused, status=2), acp=broken_agent)

    failure = await home.failure()

    assert failure.error.code == "no_numbers"
    assert "--agent-engine" in failure.error.message


async def test_a_way_that_was_not_safe_to_ask_is_not_the_reason_where_another_was_asked(tmp_path: Path) -> None:
    unsafe = b"Usage: kiro-cli chat\n\n  --agent-engine <E> [possible values: v2, v3]\n"
    home = at(tmp_path, "3.5.0", help=lambda: says(unsafe), report=lambda: says(b"error: no\n", 1), acp=broken_agent)

    failure = await home.failure()

    assert failure.error.code == "cli_failed"
    assert (failure.attempts[0].source, failure.attempts[0].took) == (SourceName.REPORT_V1, 0)
    assert home.engines[0] == INLINE


async def test_a_bug_is_not_turned_into_a_failure(tmp_path: Path) -> None:
    def bug() -> ScriptedChild:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await at(tmp_path, report=bug).ask()


async def test_a_cancelled_question_leaves_no_child_and_no_room(tmp_path: Path) -> None:
    class Waiting(ScriptedChild):
        async def read(self, within: float) -> bytes | None:
            reading.set()
            await asyncio.Event().wait()
            return await super().read(within)

    reading = asyncio.Event()
    child = Waiting([])
    home = at(tmp_path, report=lambda: child)

    question = asyncio.create_task(home.probe.ask())
    await reading.wait()
    question.cancel()
    with pytest.raises(asyncio.CancelledError):
        await question

    assert child.closed
    assert list((tmp_path / "state").glob("asking-*")) == []


# --- No credit is ever spent twice


async def test_a_way_that_reached_the_model_is_switched_off_for_good_with_a_warning(tmp_path: Path) -> None:
    home = at(tmp_path, report=lambda: says(MODEL))

    reading = await home.reading()
    assert reading.way is Way.ACP
    assert reading.warning is not None
    assert reading.warning.code == "prompt_executed"
    assert "2.21.1" in reading.warning.message

    home.restart()
    home.scene.roles["acp"] = broken_agent
    for _ in range(3):
        failure = await home.failure(by_person=True)
        assert SAFE not in home.scene.lines
        assert failure.error.code == "prompt_executed"


async def test_a_headless_command_that_reached_the_model_is_not_followed_by_another_one_at_once(tmp_path: Path) -> None:
    home = at(tmp_path, "2.24.0", report=lambda: says(MODEL), acp=broken_agent)

    assert (await home.failure()).error.code == "prompt_executed"
    assert INLINE not in home.scene.lines


async def test_engines_that_reach_the_model_are_told_apart(tmp_path: Path) -> None:
    home = at(tmp_path, "2.24.0", report=lambda: says(REPORT), acp=broken_agent)
    home.scene.roles = {SAFE: lambda: says(MODEL)} | home.scene.roles

    await home.failure()
    reading = await home.reading()

    assert reading.attempts[-1].source is SourceName.REPORT_V2
    assert SAFE not in home.scene.lines


async def test_a_way_that_another_kiro_tui_switched_off_is_not_used_by_this_one(tmp_path: Path) -> None:
    home = at(tmp_path)
    await home.reading()
    waiting = home.probe
    home.restart()
    home.scene.roles["chat --no-interactive"] = lambda: says(MODEL)
    await home.reading()

    home.probe = waiting
    await home.reading()

    assert SAFE not in home.scene.lines


async def test_a_way_stays_switched_off_where_the_version_cannot_be_read_any_more(tmp_path: Path) -> None:
    home = at(tmp_path, report=lambda: says(MODEL))
    await home.reading()

    home.restart()
    home.scene.roles["--version"] = lambda: says(b"")
    await home.reading()

    assert SAFE not in home.scene.lines


async def test_another_version_is_tried_afresh(tmp_path: Path) -> None:
    home = at(tmp_path, report=lambda: says(MODEL))
    await home.reading()

    home.scene.roles |= {"--version": lambda: says(b"kiro-cli 2.22.0\n"), "chat --no-interactive": lambda: says(REPORT)}
    home.program.write_text("#!/bin/sh\n# updated\n")
    reading = await home.reading()

    assert reading.way is Way.REPORT
    assert reading.warning is None


# --- Nobody is signed in


async def test_signed_out_means_no_chat_and_no_agent_until_whoami_says_otherwise(tmp_path: Path) -> None:
    home = at(tmp_path, whoami=lambda: says(b'{"account":null}\nNot logged in\n', status=1))

    for _ in range(3):
        assert (await home.failure()).error.code == "not_logged_in"
        assert home.asked == []
    assert home.scene.lines == ["whoami --format json"]

    home.scene.roles["whoami"] = lambda: says(BUILDER_ID)
    await home.reading()


async def test_an_hour_after_signing_out_holds_a_handful_of_whoami_and_nothing_else(tmp_path: Path) -> None:
    home = at(tmp_path, whoami=lambda: says(b"Not logged in\n", status=1))
    poller = Poller(home.probe, home.clock, interval=30.0)
    began = home.clock.monotonic()

    async with contextlib.aclosing(poller.events()) as events:
        async for _ in events:
            if home.clock.monotonic() - began >= 3600:
                break

    assert home.scene.lines[:2] == ["--version", "whoami --format json"]
    later = home.scene.lines[2:]
    assert set(later) == {"whoami --format json"}
    assert len(later) <= 5


async def test_a_person_who_asks_is_not_shown_a_browser_either(tmp_path: Path) -> None:
    home = at(tmp_path, whoami=lambda: says(b"Not logged in\n", status=1))

    assert (await home.failure(by_person=True)).error.code == "not_logged_in"
    assert home.asked == []


async def test_a_chat_that_is_signed_out_is_not_followed_by_an_agent_nor_asked_again(tmp_path: Path) -> None:
    home = at(tmp_path, report=lambda: says(SIGNED_OUT, status=1), whoami=lambda: says(b"?", status=1))

    assert (await home.failure()).error.code == "not_logged_in"
    assert home.asked == [SAFE]
    assert (await home.failure()).error.code == "not_logged_in"
    assert home.asked == []

    home.scene.roles["chat --no-interactive"] = lambda: says(REPORT)
    await home.reading(by_person=True)


async def test_an_engine_that_refuses_identity_center_is_no_sign_out(tmp_path: Path) -> None:
    home = at(tmp_path, report=lambda: says(SIGNED_OUT, status=1), whoami=lambda: says(IDENTITY_CENTER))

    assert (await home.reading()).way is Way.ACP
    assert home.asked == [SAFE, AGENT]


async def test_an_agent_without_a_sign_in_of_its_own_is_no_sign_out_where_another_way_was_answered(
    tmp_path: Path,
) -> None:
    home = at(
        tmp_path,
        report=lambda: says(SUMMARY),
        acp=lambda: ScriptedAgent({"initialize": lambda message: error(message, -32000, "Authentication required")}),
    )

    assert (await home.failure()).error.code == "no_numbers"


async def test_an_agent_without_a_sign_in_of_its_own_does_not_spoil_a_reading(tmp_path: Path) -> None:
    home = at(
        tmp_path,
        report=lambda: says(CLAMPED),
        acp=lambda: ScriptedAgent({"initialize": lambda message: error(message, -32000, "Authentication required")}),
    )

    assert (await home.reading()).way is Way.REPORT


# --- The private home and its fallback


def private(home: Home) -> bool:
    return "state" in home.scene.commands[-1].environment.get("KIRO_HOME", "")


@pytest.mark.parametrize(
    "in_private",
    [
        lambda _: says(SIGNED_OUT, status=1),
        lambda clock: ScriptedChild([b"Welcome\r\n\xe2\x9d\xaf Use 3.0\r\n  Not now\r\n", QUIET], clock=clock),
    ],
    ids=["signed out", "first-run choice"],
)
async def test_a_version_that_needs_the_persons_home_gets_it_and_that_is_remembered(
    tmp_path: Path, in_private: object
) -> None:
    assert callable(in_private)
    home = at(tmp_path)
    home.scene.roles["chat --no-interactive"] = lambda: in_private(home.clock) if private(home) else says(REPORT)

    assert (await home.reading()).way is Way.REPORT
    assert home.asked == [SAFE, SAFE]
    home.restart()
    await home.reading()
    assert home.asked == [SAFE]
    assert not private(home)


async def test_the_persons_home_is_no_place_for_somebody_whom_whoami_does_not_know(tmp_path: Path) -> None:
    home = at(tmp_path, report=lambda: says(SIGNED_OUT, status=1), whoami=lambda: says(b"?", status=1))

    await home.failure()

    assert home.asked == [SAFE]
    assert private(home)


async def test_where_the_persons_home_does_not_help_it_is_not_used_again(tmp_path: Path) -> None:
    question = b"How do you want to begin?\r\n> With a tour\r\n  Without\r\n"
    home = at(tmp_path, ways=(Way.PANEL,))
    home.scene.roles["chat"] = lambda: ScriptedChild([question, QUIET], clock=home.clock)

    await home.failure()
    assert home.asked == [PANEL, PANEL]
    await home.failure()
    assert home.asked == [PANEL]
    assert private(home)


async def test_the_weekly_offer_is_no_reason_to_go_to_the_persons_home(tmp_path: Path) -> None:
    offer = b"> Switch to 3.0 and upgrade my agent configs\r\n  Remind me later\r\n"
    home = at(tmp_path, ways=(Way.PANEL,))
    home.scene.roles["chat"] = lambda: ScriptedChild([offer, QUIET], clock=home.clock)

    await home.failure()

    assert home.asked == [PANEL]
    assert private(home)


async def test_a_model_that_was_reached_in_the_persons_home_is_told_and_remembered(tmp_path: Path) -> None:
    home = at(tmp_path)
    home.scene.roles["chat --no-interactive"] = lambda: says(SIGNED_OUT if private(home) else MODEL)

    assert (await home.reading()).warning is not None
    assert home.asked == [SAFE, SAFE, AGENT]
    home.restart()
    await home.reading()
    assert home.asked == [AGENT]


async def test_a_model_that_was_reached_is_not_reached_again_in_the_persons_home(tmp_path: Path) -> None:
    home = at(tmp_path, report=lambda: ScriptedChild([MODEL], Ending(End.DEADLINE)))

    await home.reading()

    assert home.asked == [SAFE, AGENT]


@pytest.mark.parametrize(("version", "newer"), [("2.21.1", False), ("9.0.0", True)])
async def test_a_reading_says_that_its_kiro_cli_is_newer_than_any_known_one(
    tmp_path: Path,
    version: str,
    newer: bool,  # noqa: FBT001 - the two columns of a table
) -> None:
    home = at(tmp_path)
    home.scene.roles["--version"] = lambda: says(f"kiro-cli {version}\n".encode())

    assert (await home.reading()).newer_than_known is newer
