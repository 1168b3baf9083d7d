"""Every generation of kiro-cli, every kind of account, every state of a plan: real processes, read end to end.

What comes out of two questions must be the account's true figures, whichever way they came, or the right error; and
the simulator's log must know of no credit, no browser, no file and no key that did harm. Each version walks through
some of the plan states with some of the accounts, so that in the end every version, state and account has met many of
the others; `python tests/test_matrix.py` walks through all of them, and prints the table.
"""

import asyncio
import itertools
import json
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import kiro_tui
from kiro_tui.clock import SystemClock
from kiro_tui.domain.state import Outcome, Snapshot, Way
from kiro_tui.domain.usage import Report, WindowKind
from kiro_tui.probe.probe import Probe
from kiro_tui.probe.process.child import launch

TIMEOUT = 60.0
AT_ONCE = 4
VERSIONS = (
    *("1.20.0", "1.26.0", "1.27.0", "2.3.0", "2.4.0", "2.8.0", "2.13.0", "2.20.2", "2.21.1", "2.21.4", "2.24.0"),
    *("2.28.0", "2.29.0 with v3 as default", "2.37.0", "3.0.0", "3.2.0", "3.5.0"),
)
ACCOUNTS = {
    "builder_id": "Builder ID",
    "idc": "IAM Identity Center",
    "google": "Google",
    "github": "GitHub",
    "external_idp": "External IdP",
    "api_key": "API key",
}
HARM = {"charged", "browser", "mcp_server", "rewrote", "harm", "v3_started"}

Figures = tuple[tuple[str, Decimal, Decimal | None], ...]


@dataclass(frozen=True)
class Plan:
    """A state of a plan, as the simulator is told it, and what must be read from it whichever way it came."""

    name: str
    said: Mapping[str, str]
    figures: Figures = ()
    overage: Decimal | None = None
    notes: tuple[str, ...] = ()
    error: str | None = None
    unclamped: Figures = ()
    """What a report shows that neither clamps nor states overage: the classic one from 2.19.2 on."""


def figures(*windows: tuple[str, str, str | None]) -> Figures:
    return tuple((kind, Decimal(used), Decimal(limit) if limit else None) for kind, used, limit in windows)


BONUSES = {"BONUSES": "Welcome bonus:386.34/500:15,Community grant:1/250:3"}
PLANS = (
    Plan(
        "within, two bonuses",
        {"PLAN": "pro+", "USED": "640.25", **BONUSES},
        figures(("plan", "640.25", "2000"), ("bonus", "386.34", "500"), ("bonus", "1", "250")),
    ),
    Plan(
        "over, with overage",
        {"PLAN": "pro", "USED": "1458.82", "OVERAGE": "on"},
        figures(("plan", "1000", "1000")),
        overage=Decimal("458.82"),
        unclamped=figures(("plan", "1458.82", "1000")),
    ),
    Plan("unused", {"PLAN": "free", "USED": "0"}, figures(("plan", "0", "50"))),
    Plan("without a cap", {"PLAN": "pooled", "USED": "320"}, figures(("plan", "320", None))),
    Plan("managed", {"PLAN": "managed"}),
    Plan("signed out", {"LOGIN": "signed_out"}, error="not_logged_in"),
)
RARE = {
    "1.26.0": (
        Plan("service down", {"FAILURE": "service"}, error="service_failed"),
        Plan(
            "cut off, no other way",
            {"PLAN": "pro", "USED": "1100", "OVERAGE": "none"},
            figures(("plan", "1000", "1000")),
            notes=("maybe_clamped",),
        ),
    ),
    "2.3.0": (Plan("cut off", {"PLAN": "pro", "USED": "1100", "OVERAGE": "none"}, figures(("plan", "1100", "1000"))),),
    "2.21.1": (
        Plan("service down", {"FAILURE": "throttled"}, error="service_failed"),
        Plan("cut off", {"PLAN": "pro", "USED": "1100", "OVERAGE": "none"}, figures(("plan", "1100", "1000"))),
        Plan(
            "v1 refuses Identity Center",
            {"LOGIN": "idc", "V1_REFUSES_IDC": "1", "PLAN": "pro", "USED": "1.5"},
            figures(("plan", "1.5", "1000")),
        ),
    ),
    "3.5.0": (Plan("service down", {"FAILURE": "expired"}, error="service_failed"),),
}


@dataclass
class Machine:
    """A person's machine: their home with things to spoil, a kiro-cli that is the simulator, and its log."""

    folder: Path
    version: str
    said: Mapping[str, str]
    seen: int = 0

    def __post_init__(self) -> None:
        self.home = self.folder / "home"
        for name, content in {
            ".kiro/settings/mcp.json": '{"mcpServers": {"spoiled": {"command": "false"}}}',
            ".kiro/settings/cli.json": '{"chat.agentEngine": "v3"}',
            ".kiro/agents/mine.json": '{"name": "mine"}',
        }.items():
            (self.home / name).parent.mkdir(parents=True, exist_ok=True)
            (self.home / name).write_text(content)
        self.before = dict(files(self.home))
        self.program = self.folder / "kiro-cli"
        where = Path(kiro_tui.__file__).parent.parent
        self.program.write_text(
            f'#!/bin/sh\nPYTHONPATH="{where}" exec "{sys.executable}" -S -m kiro_tui.simulator "$@"\n'
        )
        self.program.chmod(0o755)
        self.log = self.folder / "log"
        self.log.touch()

    def probe(self, ways: tuple[Way, ...] | None = None) -> Probe:
        number, _, default = self.version.partition(" with ")
        simulated = {
            "VERSION": number,
            "PACE": "0",
            "LOG": str(self.log),
            "V3_READS_HOME": "1",
            "HARM": "1",
            **self.said,
        }
        simulated |= {"DEFAULT_ENGINE": default[:2]} if default else {}
        environment = {"HOME": str(self.home), "PATH": os.environ["PATH"], "BROWSER": "false"}
        environment |= {f"KIRO_SIM_{name}": value for name, value in simulated.items()}
        return Probe(
            launch=launch,
            clock=SystemClock(),
            environment=environment,
            state_folder=self.folder / "state",
            path=str(self.program),
            timeout=TIMEOUT,
            ways=ways,
        )

    def events(self) -> list[dict[str, Any]]:
        """Return what the simulator noted since the last look."""
        noted = [json.loads(line) for line in self.log.read_text().splitlines()]
        new, self.seen = noted[self.seen :], len(noted)
        return new


def files(folder: Path) -> Iterator[tuple[str, bytes]]:
    return ((str(path), path.read_bytes()) for path in sorted(folder.rglob("*")) if path.is_file())


def read(report: Report) -> Figures:
    return tuple((window.kind.value, window.used, window.limit) for window in report.windows)


async def walk(machine: Machine, plan: Plan, login: str) -> str:
    """Ask twice, see that all is as it must be, and return a row of the table."""
    probe = machine.probe()
    first = await probe.ask()
    introduced = machine.events()
    second = await probe.ask()
    settled = machine.events()
    for outcome in (first, second):
        check(outcome, plan, machine)
    started = [event for event in settled if event["event"] == "started"]
    if plan.error is None or plan.error == "not_logged_in":
        assert len(started) == 1
    if plan.error == "not_logged_in":
        assert all(event["argv"][0] in {"--version", "whoami"} for event in introduced if event["event"] == "started")
    harm = [event for event in introduced + settled if event["event"] in HARM]
    changed = dict(files(machine.home)).items() ^ machine.before.items()
    assert harm == []
    assert changed == set()
    said = second.way if isinstance(second, Snapshot) else second.error.code
    took = second.took if isinstance(second, Snapshot) else 0.0
    return (
        f"{machine.version:26} {login:13} {plan.name:27} {said:15} {took:5.2f} s"
        f" {len(started):2} processes {len(harm)} harm {len(changed)} files"
    )


def check(outcome: Outcome, plan: Plan, machine: Machine) -> None:
    if plan.error is not None:
        assert not isinstance(outcome, Snapshot)
        assert outcome.error.code == plan.error
        return
    assert isinstance(outcome, Snapshot), outcome
    assert outcome.took < TIMEOUT
    since_2_19_2 = tuple(map(int, machine.version.split()[0].split("."))) >= (2, 19, 2)
    states_no_overage = since_2_19_2 and outcome.way is Way.REPORT and bool(plan.unclamped)
    assert read(outcome.report) == (plan.unclamped if states_no_overage else plan.figures)
    assert outcome.report.managed == (plan.name == "managed")
    assert tuple(note.code for note in outcome.report.notes) == plan.notes
    overage = outcome.report.overage.credits if outcome.report.overage else None
    assert overage == (None if states_no_overage else plan.overage)
    assert outcome.account is not None
    assert outcome.account.login_method == ACCOUNTS[machine.said.get("LOGIN", "builder_id")]
    assert outcome.warning is None


async def walk_all(version: str, steps: Iterable[tuple[Plan, str]], folder: Path) -> list[str]:
    """Walk these plan states and accounts of one version, a few at once."""
    at_once = asyncio.Semaphore(AT_ONCE)

    async def step(number: int, plan: Plan, login: str) -> str:
        login = plan.said.get("LOGIN", login)
        place = folder / str(number)
        place.mkdir()
        async with at_once:
            return await walk(Machine(place, version, {"LOGIN": login, **plan.said}), plan, login)

    return await asyncio.gather(*(step(number, *pair) for number, pair in enumerate(steps)))


def some_steps(version: str) -> Iterator[tuple[Plan, str]]:
    """Return three plan states with an account each, others for each version, and what is particular to it."""
    shift, logins = VERSIONS.index(version), [*ACCOUNTS]
    for number in range(shift, shift + 3):
        yield PLANS[number % len(PLANS)], logins[(shift + number) % len(logins)]
    yield from ((plan, "builder_id") for plan in RARE.get(version, ()))


def all_steps(version: str) -> Iterator[tuple[Plan, str]]:
    yield from itertools.product((*PLANS, *RARE.get(version, ())), ACCOUNTS)


@pytest.mark.parametrize("version", VERSIONS)
async def test_every_state_of_every_account_is_read_and_nothing_is_harmed(version: str, tmp_path: Path) -> None:
    print(*await walk_all(version, some_steps(version), tmp_path), sep="\n")  # noqa: T201 - the table is the result


@pytest.mark.parametrize("version", ["2.8.0", "2.21.1"])
async def test_the_figures_are_the_same_whichever_way_they_came(version: str, tmp_path: Path) -> None:
    readings: dict[Way, Snapshot] = {}
    for way in Way:
        (tmp_path / way).mkdir()
        said = {"PLAN": "pro", "USED": "640.25", **BONUSES}
        outcome = await Machine(tmp_path / way, version, said).probe((way,)).ask()
        assert isinstance(outcome, Snapshot), outcome
        readings[way] = outcome

    assert {way: reading.way for way, reading in readings.items()} == {way: way for way in Way}
    assert len({read(reading.report) for reading in readings.values()}) == 1
    ends = [
        {(window.ends_at, window.ends_in_days) for window in reading.report.windows if window.kind is WindowKind.PLAN}
        for reading in readings.values()
    ]
    assert ends[0] == ends[1] == ends[2]


async def test_an_update_in_place_between_two_questions_loses_no_reading(tmp_path: Path) -> None:
    said = {
        "VERSION": "2.20.1*3,2.20.2",
        "COUNTER": str(tmp_path / "counter"),
        "EXECUTABLE": str(tmp_path / "kiro-cli"),
        "USED": "640.25",
    }
    machine = Machine(tmp_path, "2.20.1", said)
    probe = machine.probe()

    outcomes = [await probe.ask() for _ in range(4)]

    versions = [outcome.version for outcome in outcomes if isinstance(outcome, Snapshot)]
    assert versions[0] == "2.20.1"
    assert versions[-1] == "2.20.2"
    assert len(versions) == 4
    assert {event["event"] for event in machine.events()} & HARM == set()


@pytest.mark.parametrize("opening", ["switch_menu", "trust", "first_run"])
async def test_a_menu_in_the_way_gets_no_key(opening: str, tmp_path: Path) -> None:
    machine = Machine(tmp_path, "2.28.0", {"OPENS_WITH": opening})

    outcome = await machine.probe((Way.PANEL,)).ask()

    assert not isinstance(outcome, Snapshot)
    events = machine.events()
    assert [event for event in events if event["event"] == "key" and not event["key"].startswith("\x1b")] == []
    assert {event["event"] for event in events} & {"charged", "harm", "rewrote"} == set()


async def test_a_sign_in_that_opens_browsers_is_ended_and_not_repeated(tmp_path: Path) -> None:
    machine = Machine(tmp_path, "2.21.1", {"FAILURE": "opening_browser,whoami:crash"})
    probe = machine.probe()

    outcomes = [await probe.ask() for _ in range(4)]

    assert {outcome.error.code for outcome in outcomes if not isinstance(outcome, Snapshot)} == {"not_logged_in"}
    chats = [event for event in machine.events() if event["event"] == "started" and event["argv"][0] in {"chat", "acp"}]
    assert len(chats) == 1


@pytest.mark.parametrize("quirk", [{}, {"ACP": "signed_out_exit_0"}])
async def test_an_agent_that_is_signed_out_says_so_long_before_its_time_limit(
    quirk: dict[str, str], tmp_path: Path
) -> None:
    machine = Machine(tmp_path, "2.24.0", {"FAILURE": "acp:signed_out", **quirk})

    outcome = await machine.probe((Way.ACP,)).ask()

    assert not isinstance(outcome, Snapshot)
    assert outcome.error.code == "not_logged_in"
    assert sum(attempt.took for attempt in outcome.attempts) < TIMEOUT


async def test_an_agent_that_answers_and_exits_with_1_has_answered(tmp_path: Path) -> None:
    outcome = await Machine(tmp_path, "2.24.0", {"ACP": "exits_1"}).probe((Way.ACP,)).ask()

    assert isinstance(outcome, Snapshot)


@pytest.mark.parametrize("form", ["account_null", "null", "not_logged_in_exit_0", "login_required", "session_expired"])
async def test_every_form_of_signed_out_is_followed_by_no_chat_and_no_agent(form: str, tmp_path: Path) -> None:
    machine = Machine(tmp_path, "2.24.0", {"WHOAMI": form})

    outcome = await machine.probe().ask()

    assert not isinstance(outcome, Snapshot)
    assert outcome.error.code == "not_logged_in"
    assert {event["argv"][0] for event in machine.events() if event["event"] == "started"} == {"--version", "whoami"}


@pytest.mark.parametrize(
    ("form", "login", "method"),
    [
        ("joined_social", "google", "Google"),
        ("joined_social", "github", "GitHub"),
        ("nested", "idc", "IAM Identity Center"),
        ("empty", "builder_id", None),
    ],
)
async def test_every_form_of_an_account_is_read(form: str, login: str, method: str | None, tmp_path: Path) -> None:
    outcome = await Machine(tmp_path, "2.24.0", {"WHOAMI": form, "LOGIN": login}).probe().ask()

    assert isinstance(outcome, Snapshot)
    assert (outcome.account and outcome.account.login_method) == method


async def test_a_foreign_kiro_cli_is_called_for_its_version_only(tmp_path: Path) -> None:
    machine = Machine(tmp_path, "2.24.0", {"FOREIGN": "kiro-cli, version 0.3.1"})
    probe = machine.probe()

    outcomes = [await probe.ask(by_person=True) for _ in range(2)]

    assert {outcome.error.code for outcome in outcomes if not isinstance(outcome, Snapshot)} == {"not_installed"}
    assert [event for event in machine.events() if event["event"] == "foreign_called"] == []


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for number, version in enumerate(VERSIONS):
            place = Path(folder, str(number))
            place.mkdir()
            print(*asyncio.run(walk_all(version, all_steps(version), place)), sep="\n")  # noqa: T201 - what it is for


if __name__ == "__main__":
    main()
