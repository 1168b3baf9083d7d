"""Doctor tells a person who knows nothing what works here and what to do, does no harm, and its bundle names nobody."""

import asyncio
import itertools
import json
import os
import re
import stat
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

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
    error,
    says,
    stage,
)
from fakes import FakeClock
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiro_tui.commands.bundle import bundle
from kiro_tui.commands.examination import Examination, look_around
from kiro_tui.commands.identity import telling_names
from kiro_tui.domain.checkup import Checkup, Finding, Found, advice
from kiro_tui.domain.state import SourceName, Way
from kiro_tui.domain.text import disguise, redact
from kiro_tui.domain.usage import Account, Report
from kiro_tui.errors import NotInstalled, ServiceFailed, TimedOut
from kiro_tui.output.checkup import advice_text, document, finding_text, found_text, in_words
from kiro_tui.probe.memory import Lessons, Memory
from kiro_tui.probe.process.child import End, Ending, Size
from kiro_tui.recording.making import Question, masked
from kiro_tui.recording.values import Chunk, Recording, Run

HOUSE = Path(__file__).parents[1]
ALL = tuple(SourceName)
AROUND = look_around({"TERM": "xterm-256color", "LANG": "C.UTF-8"}, "/state")
IDENTITY_CENTER = b'{"accountType":"IamIdentityCenter","email":"person@example.com"}'
EXITED = Ending(End.EXITED, status=0)
SOME = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def broken_agent() -> ScriptedAgent:
    return ScriptedAgent({"initialize": lambda message: error(message, -32603, "broken")})


@dataclass
class Visit:
    """One examination of a scripted kiro-cli."""

    folder: Path
    version: str = "2.21.1"
    roles: Mapping[str, Role] = field(default_factory=dict)
    ways: tuple[Way, ...] = ()
    off: frozenset[SourceName] = frozenset()
    idle: bool = True

    async def examine(self) -> Checkup:
        program, state = self.folder / "kiro-cli", self.folder / "state"
        program.touch(mode=0o755)
        state.mkdir(exist_ok=True)
        Memory(state).learn(self.version, Lessons(off=self.off))
        self.scene = stage(self.version, **self.roles)
        question = Question(
            self.scene.launch,
            FakeClock(),
            {"HOME": str(self.folder)},
            state,
            str(program),
            20.0,
            self.ways,
            is_idle=lambda: self.idle,
        )
        self.told: list[Found | Finding] = []
        self.examination = Examination(question, AROUND, self.told.append)
        return await self.examination.run()

    @property
    def engines(self) -> list[str]:
        """The command lines that started an engine."""
        return [line for line in self.scene.lines if line.startswith(("chat", "acp")) and "--help" not in line]


def advised(checkup: Checkup) -> str:
    return " ".join(advice(checkup))


# --- What is asked, and what is not


async def test_every_way_is_asked_once_and_timed(tmp_path: Path) -> None:
    visit = Visit(tmp_path)
    checkup = await visit.examine()

    assert [finding.source for finding in checkup.findings] == [*ALL]
    assert [finding.asked for finding in checkup.findings] == [True, False, True, True, False]
    assert [line.split()[0] for line in visit.engines] == ["chat", "acp", "chat"]
    assert checkup.error is None
    assert checkup.signed_in
    assert visit.told == [checkup.found, *checkup.findings]


async def test_while_nobody_is_signed_in_no_chat_and_no_agent_is_started(tmp_path: Path) -> None:
    visit = Visit(tmp_path, roles={"whoami": lambda: says(SIGNED_OUT, 1)})
    checkup = await visit.examine()

    assert visit.engines == []
    assert len(visit.scene.lines) == 2
    assert checkup.signed_in is False
    assert [finding.asked for finding in checkup.findings] == [False] * len(ALL)
    assert (checkup.error and checkup.error.exit_status) == 4
    assert "kiro-cli login" in advised(checkup)
    assert "nobody" in found_text(checkup.found, 80, show_email=False)


async def test_a_way_that_was_switched_off_is_not_asked(tmp_path: Path) -> None:
    visit = Visit(tmp_path, off=frozenset({SourceName.REPORT_V1}))
    checkup = await visit.examine()

    assert not checkup.findings[0].asked
    assert all("/usage" not in line for line in visit.engines)
    assert "costs credits" in advised(checkup)


async def test_a_way_that_reached_the_model_is_switched_off_for_everybody(tmp_path: Path) -> None:
    visit = Visit(tmp_path, roles={"report": lambda: says(MODEL)}, ways=(Way.REPORT,))
    first = await visit.examine()
    off = Memory(tmp_path / "state").about("2.21.1").off
    visit.off = off
    second = await visit.examine()

    assert (first.error and first.error.code) == "prompt_executed"
    assert (first.error and first.error.exit_status) == 8
    assert off == {SourceName.REPORT_V1}
    assert visit.engines == []
    assert (second.error and second.error.code) == "prompt_executed"


async def test_a_way_that_is_not_safe_for_the_version_is_not_asked(tmp_path: Path) -> None:
    visit = Visit(tmp_path, "2.3.0", ways=(Way.ACP,))
    checkup = await visit.examine()

    assert visit.engines == []
    assert not checkup.findings[0].asked
    assert "not asked" in finding_text(checkup.findings[0], 80)


async def test_signed_out_by_the_first_way_leaves_the_others_alone(tmp_path: Path) -> None:
    visit = Visit(tmp_path, roles={"report": lambda: says(SIGNED_OUT, 1), "whoami": lambda: says(BUILDER_ID)})
    checkup = await visit.examine()

    assert all(line.startswith("chat --no-interactive") for line in visit.engines)
    assert [finding.asked for finding in checkup.findings] == [True, False, False, False, False]
    assert (checkup.error and checkup.error.code) == "not_logged_in"


async def test_an_engine_that_refuses_an_identity_center_login_is_no_sign_out(tmp_path: Path) -> None:
    roles: dict[str, Role] = {"report": lambda: says(SIGNED_OUT, 1), "whoami": lambda: says(IDENTITY_CENTER)}
    checkup = await Visit(tmp_path, roles=roles).examine()

    assert [finding.asked for finding in checkup.findings] == [True, False, True, True, False]
    assert checkup.error is None
    assert checkup.signed_in


async def test_without_kiro_cli_nothing_is_started(tmp_path: Path) -> None:
    scene = stage()
    question = Question(scene.launch, FakeClock(), {"HOME": str(tmp_path)}, None, str(tmp_path / "none"), 20.0)
    checkup = await Examination(question, AROUND, [].append).run()

    assert scene.lines == []
    assert isinstance(checkup.error, NotInstalled)
    assert checkup.findings == ()
    assert checkup.signed_in is None


async def test_engine_v3_is_not_started_where_another_source_works(tmp_path: Path) -> None:
    visit = Visit(tmp_path, "2.24.0")
    checkup = await visit.examine()

    assert [finding.source for finding in checkup.findings] == [*ALL]
    assert [finding.asked for finding in checkup.findings] == [True, True, True, True, False]
    assert not any("v3" in line for line in visit.engines)
    assert "only started while Kiro is idle" in finding_text(checkup.findings[-1], 200)


@pytest.mark.parametrize("idle", [True, False])
async def test_engine_v3_is_asked_last_and_only_while_kiro_is_idle(
    tmp_path: Path,
    idle: bool,  # noqa: FBT001 - a column of a table
) -> None:
    roles: dict[str, Role] = {"report": lambda: says(SUMMARY), "acp": broken_agent}
    visit = Visit(tmp_path, "2.24.0", roles=roles, idle=idle)
    checkup = await visit.examine()

    last = checkup.findings[-1]
    assert (last.source, last.asked) == (SourceName.ACP_V3, idle)
    assert any("v3" in line for line in visit.engines) is idle
    assert ("Kiro is working" in finding_text(last, 200)) is not idle
    assert (checkup.error and checkup.error.code) == ("no_numbers" if idle else "cli_failed")


async def test_the_json_has_each_source_and_the_best_of_each_kind(tmp_path: Path) -> None:
    roles: dict[str, Role] = {"report": lambda: says(SUMMARY)}
    told = document(await Visit(tmp_path, "2.24.0", roles=roles).examine(), show_email=False)

    assert [each["source"] for each in told["sources"]] == [*ALL]
    assert [(each["way"], each["ok"], each["asked"]) for each in told["ways"]] == [
        ("report", False, True),
        ("acp", True, True),
        ("panel", False, True),
    ]


# --- What is told


async def test_the_most_telling_reason_is_named_where_no_way_gave_figures(tmp_path: Path) -> None:
    roles: dict[str, Role] = {
        "report": lambda: says(SUMMARY),
        "acp": broken_agent,
        "panel": lambda: says(FAILURE),
    }
    checkup = await Visit(tmp_path, roles=roles).examine()

    assert isinstance(checkup.error, ServiceFailed)
    assert "--bundle" not in advised(checkup)  # nobody here can mend Kiro's service
    assert "problem" in advice_text(checkup, 80)


async def test_a_newer_kiro_cli_is_named_as_such(tmp_path: Path) -> None:
    roles: dict[str, Role] = {"report": lambda: says(SUMMARY), "acp": broken_agent}
    checkup = await Visit(tmp_path, "9.1.0", roles=roles).examine()

    assert checkup.found.newer_than_known
    assert "newer than this kiro-tui knows" in found_text(checkup.found, 80, show_email=False)
    assert "look for a newer kiro-tui" in advised(checkup)
    assert "--bundle FILE" in advised(checkup)


async def test_a_figure_that_may_be_cut_off_is_said_to_be_one(tmp_path: Path) -> None:
    visit = Visit(tmp_path, "2.13.0", roles={"report": lambda: says(CLAMPED)}, ways=(Way.REPORT,))
    checkup = await visit.examine()

    assert "at least 10000.00 of 10000 used" in finding_text(checkup.findings[0], 80)
    assert "cut off" in advised(checkup)


def test_few_words_hold_the_figures_and_none_that_was_not_read() -> None:
    assert in_words(Report(None)) == "Plan unknown"
    assert in_words(Report("KIRO PRO", managed=True)) == "Kiro Pro: managed by an administrator, without numbers"


async def test_the_json_has_all_its_keys_whatever_was_found(tmp_path: Path) -> None:
    good = document(await Visit(tmp_path).examine(), show_email=False)
    bad = document(Checkup(replace(AROUND, size=None), Found(), obstacle=NotInstalled("not found")), show_email=False)

    assert good.keys() == bad.keys()
    for part in ("kiro_tui", "terminal", "kiro_cli", "account"):
        assert good[part].keys() == bad[part].keys()
    assert good["ways"][0].keys() == {"way", "asked", "ok", "took_seconds", "figures", "error"}
    assert good["account"]["email"] == "p•••@example.com"
    assert (good["ok"], bad["ok"], bad["error"]["code"]) == (True, False, "not_installed")
    assert bad["kiro_cli"] == {"path": None, "version": None, "newer_than_known": False}


@pytest.mark.parametrize("columns", [1, 40, 80, 200])
def test_the_table_keeps_to_the_width_where_words_allow_it(columns: int) -> None:
    finding = Finding(SourceName.PANEL, asked=True, took=123.4, answer=TimedOut("word " * 40, "hint " * 40))
    text = finding_text(finding, columns)

    assert max(map(len, text.splitlines())) <= max(columns, 63)
    assert text.count("word") == text.count("hint") == 40


def test_the_surroundings_are_what_the_variables_say() -> None:
    tmux = {"TMUX": "/run/tmux,1,0", "TERM_PROGRAM": "tmux", "TERM_PROGRAM_VERSION": "3.4\x1b[31m"}
    around = look_around({**tmux, "LC_ALL": "de_DE", "LANG": "C", "TERM": "tmux-256color"}, None)

    assert (around.tmux, around.locale, around.term, around.state_folder) == (
        "tmux 3.4[31m",
        "de_DE",
        "tmux-256color",
        None,
    )
    assert look_around({}, None).tmux is None


# --- The bundle


def recording_of(*chunks: bytes, terminal: Size | None = None) -> Recording:
    run = Run(
        ("kiro-cli", "chat", "--for=alice"),
        0.0,
        terminal,
        20.0,
        tuple(Chunk(float(number), data, told=number % 3 == 2) for number, data in enumerate(chunks)),
        replace(EXITED, detail="/srv/alice: gone"),
    )
    return Recording(
        kiro_tui="0.1.0",
        kiro_cli=None,
        recorded_at=datetime(2026, 6, 11, tzinfo=UTC),
        masked=True,
        ways=(Way.PANEL,),
        timeout=20.0,
        learned=Lessons(),
        runs=(run,),
        outcome={},
    )


def bundled(recording: Recording, names: Mapping[str, str], text: str = "") -> str:
    """Bundle a recording as doctor does, which masks it first."""

    class Asked:
        account = None

    made: Any = type("Made", (), {"recording": recording, "probe": Asked})
    return bundle(text, [masked(made, names)], names, datetime(2026, 6, 11, tzinfo=UTC))


NAMES = {"/srv/alice": "<home>", "alice": "<user>", "wonderland": "<host>", "wonderland.example": "<host>"}
HIDING = ("", "\x1b[0m", "\x1b[38;5;141m", "\x1b(B", "\x00", "\u200b", "\x1b]0;title\x07", "\x1b[?25l")
PLACED = st.sampled_from(
    (
        "jane.doe@corp.example", "arn:aws:codewhisperer:us-east-1:123456789012:profile/SECRETPROFILE",
        "https://d-9067abcdef.awsapps.com/start", "aoaAAAAAGkq3Z0b9mX2h7Qv1Zz", "/srv/alice/.kiro", "alice",
        "wonderland", "/home/somebody/.aws", "Bearer hunter2hunter2", "AKIAIOSFODNN7EXAMPLE", "user code: WDJB-MJHT",
        '"refreshToken": "short-one"', "QwErTyUiOpAsDfGhJkLzXcVb",
    )
)  # fmt: skip
TELLING = (
    "jane", "corp.example", "SECRETPROFILE", "123456789012", "9067abcdef", "aoaAAAAA", "alice", "wonderland",
    "somebody", "hunter2", "IOSFODNN", "WDJB", "MJHT", "short-one", "QwErTyUi",
)  # fmt: skip


@SOME
@given(
    st.lists(st.tuples(PLACED, st.sampled_from(HIDING), st.integers(1, 8)), min_size=1, max_size=6),
    st.lists(st.integers(0, 400), max_size=5),
    st.sampled_from([None, Size(), Size(10, 20)]),
)
def test_no_secret_placed_anywhere_is_in_the_bundle(
    placed: list[tuple[str, str, int]], cuts: list[int], terminal: Size | None
) -> None:
    words = [secret[:place] + hiding + secret[place:] for secret, hiding, place in placed]
    whole = "".join(f"look: {word} .\r\n" for word in words).encode()
    edges = sorted({0, *(cut for cut in cuts if cut < len(whole)), len(whole)})
    pieces = [whole[start:end] for start, end in itertools.pairwise(edges)]
    told = [b"x" if number % 3 == 2 else piece for number, piece in enumerate(_with_gaps(pieces))]

    text = bundled(recording_of(*told, terminal=terminal), NAMES, "\n".join(words))

    seen = re.sub(r"\\x1b\[[0-9;?]*[a-z]|\\x1b\(B|\\x1b\]0;title\\x07|\\x00|\\u\{200b\}", "", text)
    assert [secret for secret in TELLING if secret in seen or secret in text] == []


def _with_gaps(pieces: list[bytes]) -> list[bytes]:
    """Leave room at each third place, where we are the ones who write."""
    waiting, placed = list(pieces), list[bytes]()
    while waiting:
        placed.append(b"" if len(placed) % 3 == 2 else waiting.pop(0))
    return placed


def test_a_bundle_is_plain_text_that_shows_the_screen_and_the_bytes() -> None:
    recording = recording_of(
        "KIRO \x1b[1mPRO+\x1b[0m\x9b31m \u202e\r\n".encode(), b"\xff\\", b"/usage", terminal=Size()
    )
    text = bundled(recording, NAMES, "kiro-tui 0.1.0")

    assert all(character.isprintable() or character == "\n" for character in text)
    assert "  | KIRO PRO+" in text
    assert r"0.000 < KIRO \x1b[1mPRO+\x1b[0m\u{9b}31m \u{202e}\r\n" in text
    assert r"1.000 < \xff\\" in text
    assert "2.000 > /usage" in text
    assert "kiro-cli chat --for=xxxxx" in text
    assert "<home>: gone" in text


def test_a_million_bytes_on_one_line_take_no_longer_than_they_must() -> None:
    def cost(size: int) -> float:
        recording = recording_of(b"a" * size + b"@" + b"1a" * size, terminal=Size())
        started = time.process_time()
        assert len(bundled(recording, NAMES)) < 2 << 20
        return time.process_time() - started

    small, large = cost(62_500), cost(250_000)
    assert large < max(12 * small, 4.0)


@given(st.text(max_size=300))
def test_what_is_disguised_is_as_long_as_it_was_in_every_sense(text: str) -> None:
    masked_text = disguise(text, NAMES)

    assert len(masked_text) == len(text)
    assert len(masked_text.encode(errors="surrogatepass")) == len(text.encode(errors="surrogatepass"))
    assert [c for c in masked_text if not c.isalnum()] == [c for c in text if not c.isalnum()]
    assert redact(text, NAMES).count("\n") == text.count("\n")


def test_figures_and_ordinary_words_are_not_disguised() -> None:
    said = REPORT.decode() + MANAGED.decode() + '{"used":0.123456789012,"currentOverages":3080.52,"code":-32603}}'

    assert disguise(said) == said
    assert json.loads(disguise('{"a": "signed in as:\\nperson@example.com\\n\\u00e9", "b": 1}'))["b"] == 1


def test_a_person_is_recognised_by_home_user_host_and_organisation() -> None:
    names = telling_names({"HOME": "/srv/alice/", "USER": "alice"}, Account("x", "a@b.example", "Acme Corp"))

    assert {"/srv/alice": "<home>", "alice": "<user>", "Acme Corp": "<organization>"}.items() <= names.items()
    assert "<host>" in names.values()
    assert "" not in telling_names({"HOME": "/"}, None)
    assert "/" not in telling_names({"HOME": "/"}, None)


# --- As a process, with the simulator


@dataclass
class Ended:
    status: int
    out: str
    err: str
    log: list[dict[str, Any]]


def prepare(folder: Path) -> tuple[Path, Path]:
    """Make a home with a simulated kiro-cli, and its log."""
    folder.mkdir(exist_ok=True)
    program, log = folder / "kiro-cli", folder / "log"
    program.write_text(f'#!/bin/sh\nPYTHONPATH="{HOUSE}" exec "{sys.executable}" -S -m kiro_tui.simulator "$@"\n')
    program.chmod(0o755)
    log.touch()
    return program, log


async def doctor(folder: Path, *argv: str, **simulated: str) -> Ended:
    program, log = prepare(folder)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "kiro_tui", "doctor", "--kiro-cli", str(program), *argv),
        env={
            "HOME": str(folder),
            "PATH": "/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "USER": "alice",
            **{f"KIRO_SIM_{name}": value for name, value in {"PACE": "0", "LOG": str(log), **simulated}.items()},
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    async with asyncio.timeout(60):
        out, err = await process.communicate()
    assert process.returncode is not None
    noted = [json.loads(line) for line in log.read_text().splitlines()]
    return Ended(process.returncode, out.decode(), err.decode(), noted)


HARM = {"charged", "browser", "mcp_server", "rewrote", "harm"}
WORKING: Mapping[str, tuple[str, set[str]]] = {
    "2.3.0": ("auto", {"report", "panel"}),
    "2.8.0": ("report,acp", {"report", "acp"}),
    "2.13.0": ("report", {"report"}),
    "2.21.1": ("auto", {"report", "acp", "panel"}),
    "2.28.0": ("panel", {"panel"}),
    "2.37.0": ("acp,report", {"acp", "report"}),
    "3.0.0": ("acp", {"acp"}),
    "3.5.0": ("report,acp", {"report", "acp"}),
}
"""Some of the ways on each generation, and which of these give figures; no other is asked there."""


async def test_every_generation_is_told_what_works_and_takes_no_harm(tmp_path: Path) -> None:
    at_once = asyncio.Semaphore(3)

    async def one(version: str, ways: str, working: set[str]) -> None:
        async with at_once:
            ended = await doctor(tmp_path / version, "--json", "--source", ways, VERSION=version)
        told = json.loads(ended.out)
        assert (ended.status, ended.err) == (0, ""), version
        assert {way["way"] for way in told["ways"] if way["ok"]} == working, told
        assert {way["way"] for way in told["ways"] if way["asked"]} == working, told
        assert all("640.25 of 2000 used" in way["figures"] for way in told["ways"] if way["ok"])
        assert told["kiro_cli"]["version"] == version
        assert told["kiro_cli"]["newer_than_known"] == version.startswith("3.")
        assert told["advice"][0].startswith("Nothing: kiro-tui can read your credits")
        assert [event for event in ended.log if event["event"] in HARM] == []

    async with asyncio.TaskGroup() as group:
        for version, (ways, working) in WORKING.items():
            group.create_task(one(version, ways, working))


async def test_a_new_user_without_kiro_cli_is_told_to_install_it(tmp_path: Path) -> None:
    ended = await doctor(tmp_path, "--kiro-cli", str(tmp_path / "none"))

    assert ended.status == 3
    assert re.search(r"^kiro-cli +not found$", ended.out, re.MULTILINE)
    assert re.search(r"^what to do +\w", ended.out, re.MULTILINE)
    assert ended.err == ""


async def test_doctor_says_which_sources_are_used_in_which_order_and_what_is_never_done(tmp_path: Path) -> None:
    ended = await doctor(tmp_path, "--kiro-cli", str(tmp_path / "none"))

    said = " ".join(ended.out.split())
    named = [
        said.index(name)
        for name in ("report with", "acp (engine v2)", "panel;", "acp (engine v3)", "while Kiro is idle")
    ]
    assert named == sorted(named)
    assert "a refresh of the sign-in is not cut off" in said
    assert "is asked only for its version" in said


async def test_a_new_user_who_is_signed_out_is_told_to_log_in_and_no_browser_opens(tmp_path: Path) -> None:
    ended = await doctor(tmp_path, LOGIN="signed_out")

    assert ended.status == 4
    assert re.search(r"^what to do +Run `kiro-cli login`", ended.out, re.MULTILINE)
    assert [event for event in ended.log if event["event"] in HARM] == []
    assert {event["argv"][0] for event in ended.log if event["event"] == "started"} == {"--version", "whoami"}


async def test_a_bundle_is_new_private_and_masked(tmp_path: Path) -> None:
    path = tmp_path / "bundle"
    login = {"LOGIN": "idc", "EMAIL": "jane.doe@corp.example"}

    first = await doctor(tmp_path, "--bundle", str(path), "--source", "report,acp", **login)
    text = path.read_text(encoding="utf-8")
    again = await doctor(tmp_path, "--bundle", str(path), **login)

    assert (first.status, first.err) == (0, "")
    assert f"is in {path}" in first.out
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    telling = ("jane", "corp.example", "arn:aws", "awsapps", str(tmp_path), "alice", os.uname().nodename)
    assert [name for name in telling if re.search(rf"\b{re.escape(name)}\b", text)] == []
    assert "640.25 of 2000 covered in plan" in text
    assert '"used":640.25' in text
    assert (again.status, path.read_text(encoding="utf-8")) == (2, text)
    assert "is there already" in again.err
    assert len(again.log) == len(first.log)
