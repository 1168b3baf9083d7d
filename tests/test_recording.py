"""What passes is kept as it came, masked, and read again as it was; and nobody's file can do harm by being played."""

import asyncio
import os
import pty
import re
import stat
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from acting import MANAGED, REPORT, ScriptedAgent, Stage, agent, error, says, stage
from fakes import QUIET, FakeClock, ScriptedChild
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from kiro_tui.commands.new_file import new_file
from kiro_tui.domain.state import Snapshot, SourceName, Way
from kiro_tui.errors import UsageError
from kiro_tui.probe.memory import NOTHING_LEARNED, Lessons, Memory, Settled, settled_key
from kiro_tui.probe.process.child import Command, End, Ending, Size
from kiro_tui.recording.file import decode, encode, load
from kiro_tui.recording.making import Question, masked, record
from kiro_tui.recording.player import Player, RecordedTime, outcome_document, play
from kiro_tui.recording.tape import Tape
from kiro_tui.recording.values import Chunk, Recording, Run, disguised_run

RECORDINGS = sorted((Path(__file__).parent / "recordings").glob("*.recording"))
NEW_YEAR = (Path(__file__).parent / "recordings" / "classic-mmdd-new-year.bytes").read_bytes()
USUAL = Path(__file__).parent / "recordings" / "report-2.21.1.recording"
HOUSE = Path(__file__).parents[1]
SOME = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
EXITED = Ending(End.EXITED, status=0)


def question(folder: Path, scene: Stage, *ways: Way, clock: FakeClock | None = None) -> Question:
    program = folder / "kiro-cli"
    program.touch(mode=0o755)
    return Question(
        scene.launch, clock or FakeClock(), {"HOME": str(folder)}, folder / "state", str(program), 20.0, ways
    )


def run_of(*chunks: bytes, argv: tuple[str, ...] = ("kiro-cli", "whoami"), terminal: Size | None = None) -> Run:
    return Run(argv, 0.0, terminal, 5.0, tuple(Chunk(float(n), data) for n, data in enumerate(chunks)), EXITED)


def recording_of(*runs: Run) -> Recording:
    return Recording(
        kiro_tui="0.1.0",
        kiro_cli="2.21.1",
        recorded_at=datetime(2026, 6, 11, tzinfo=UTC),
        masked=False,
        ways=(Way.REPORT,),
        timeout=20.0,
        learned=NOTHING_LEARNED,
        runs=runs,
        outcome={},
    )


# --- Recordings that were dropped in here


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.stem)
async def test_every_recording_is_read_as_it_was_when_it_was_made(path: Path) -> None:
    recording = load(str(path))

    assert (await play(recording)).document == recording.outcome


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.stem)
def test_every_recording_can_be_shown_and_names_nobody(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert load(str(path)).masked
    assert all(run.frame().text.strip() for run in load(str(path)).runs)
    assert all(character.isprintable() or character == "\n" for character in text)
    assert "example.com" not in text
    assert "arn:" not in text


# --- Making one


@pytest.mark.parametrize("ways", [(), (Way.REPORT,), (Way.ACP,)], ids=str)
async def test_what_was_recorded_is_read_again_through_a_file(tmp_path: Path, ways: tuple[Way, ...]) -> None:
    made = await record(question(tmp_path, stage(), *ways))

    for kept in (made.recording, masked(made, ())):
        read = decode(encode(kept).encode())
        assert read == kept
        assert (await play(read)).document == kept.outcome
    assert isinstance(made.outcome, Snapshot)
    assert made.recording.outcome == outcome_document(made.outcome)


async def test_a_date_without_a_year_is_that_of_the_day_of_the_recording(tmp_path: Path) -> None:
    scene = stage("1.20.0", report=lambda: says(NEW_YEAR))
    made = await record(question(tmp_path, scene, Way.REPORT, clock=FakeClock(datetime(2031, 12, 30, tzinfo=UTC))))

    (window,) = (await play(made.recording)).document["reading"]["windows"][:1]
    assert window["resets_at"] == "2032-01-01T00:00:00Z"


@pytest.mark.parametrize("words", [b"Not logged in\n", b"nothing of the kind"])
async def test_a_failure_is_recorded_and_read_again(tmp_path: Path, words: bytes) -> None:
    made = await record(question(tmp_path, stage(whoami=lambda: says(words, 1), report=lambda: says(b"")), Way.REPORT))

    assert made.recording.outcome["error"] == (await play(made.recording)).document["error"]
    assert made.recording.outcome["error"] in {"not_logged_in", "not_recognised"}


async def test_a_recording_remembers_what_was_known_before_and_by_which_account(tmp_path: Path) -> None:
    asked = question(tmp_path, stage())
    known = (await record(asked)).probe
    settled = Lessons(settled={settled_key(known.account, tuple(SourceName)): Settled(SourceName.ACP_V2)})
    Memory(asked.state_folder).learn("2.21.1", settled)

    made = await record(asked)
    kept = masked(made, ())

    assert [run.argv[1] for run in made.recording.runs] == ["--version", "whoami", "acp"]
    assert kept.learned.settled.keys() != settled.settled.keys()
    assert (await play(kept)).document == kept.outcome


@pytest.mark.parametrize("idle", [True, False])
async def test_whether_engine_v3_was_started_is_played_as_it_was(
    tmp_path: Path,
    idle: bool,  # noqa: FBT001 - a column of a table
) -> None:
    broken = {"initialize": lambda message: error(message, -32603, "broken")}
    scene = stage(acp=lambda: ScriptedAgent(broken))
    scene.roles = {"--agent-engine=v3": agent} | scene.roles
    asked = replace(question(tmp_path, scene, Way.ACP), is_idle=lambda: idle)

    made = await record(asked)

    assert isinstance(made.outcome, Snapshot) is idle
    assert (await play(made.recording)).document == made.recording.outcome


async def test_a_way_that_was_switched_off_is_not_recorded_either(tmp_path: Path) -> None:
    asked = question(tmp_path, stage(), Way.REPORT)
    asked.state_folder and asked.state_folder.mkdir()
    Memory(asked.state_folder).learn("2.21.1", Lessons(off=frozenset({Way.REPORT})))

    made = await record(asked)

    assert [run.argv[1] for run in made.recording.runs] == ["--version", "whoami"]
    assert made.recording.outcome["error"] == "prompt_executed"
    assert (await play(made.recording)).document == made.recording.outcome


async def test_the_tape_notes_both_directions_with_their_times_and_changes_nothing() -> None:
    clock = FakeClock()
    child = ScriptedChild([b"a", QUIET, b"b"], clock=clock)
    scene = Stage({"": lambda: child})
    tape = Tape(scene.launch, clock)

    async with tape.launch(Command(("/secret/place/kiro-cli", "chat"), {"A": "secret"}, "/secret", 9.0)) as tapped:
        heard = [await tapped.read(0.5)]
        tapped.write(b"key")
        heard += [await tapped.read(0.5), await tapped.read(0.5), await tapped.read(0.5), await tapped.read(0.5)]

    assert heard == [b"a", None, b"b", b"", b""]
    assert child.written == b"key"
    (run,) = tape.runs
    assert run.chunks == (Chunk(0.0, b"a"), Chunk(0.0, b"key", told=True), Chunk(0.5, b"b"), Chunk(0.5, b""))
    assert (run.argv, run.terminal, run.seconds, run.ending) == (("kiro-cli", "chat"), Size(), 9.0, EXITED)
    assert "secret" not in encode(recording_of(run))


async def test_a_run_that_is_cancelled_is_closed_and_noted() -> None:
    child = ScriptedChild([QUIET])
    tape = Tape(Stage({"": lambda: child}).launch, FakeClock())

    async def listen() -> None:
        async with tape.launch(Command(("kiro-cli",), {}, "/", 9.0)) as tapped:
            while True:
                await tapped.read(1.0)

    task = asyncio.create_task(listen())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert child.closed
    assert [run.ending.end for run in tape.runs] == [End.RELEASED]


# --- The form of the file


CHUNKS = st.lists(
    st.builds(Chunk, st.floats(0, 100).map(lambda at: round(at, 6)), st.binary(min_size=1, max_size=40), st.booleans())
    | st.just(Chunk(0.0, b"")),
    max_size=8,
)


@given(CHUNKS, st.none() | st.builds(Size, st.integers(1, 1000), st.integers(1, 1000)))
@example([Chunk(0.0, "\U000165bd\u3000\x85".encode())], None)
def test_any_bytes_come_back_as_they_were(chunks: list[Chunk], terminal: Size | None) -> None:
    recording = recording_of(Run(("kiro-cli", "\x9b\u202e"), 0.5, terminal, 20.0, tuple(chunks), EXITED))
    text = encode(recording)

    assert decode(text.encode()) == recording
    assert all(character.isprintable() or character in " \n" for character in text)


def test_text_can_be_read_in_the_file_and_other_bytes_are_kept_all_the_same() -> None:
    text = encode(recording_of(run_of("KIRO PRO+ █".encode(), b"\xff\xfe", b"")))

    assert '"said": "KIRO PRO+ █"' in text
    assert '"said_base64": "//4="' in text
    assert '"over": true' in text


@pytest.mark.parametrize(
    ("content", "telling"),
    [
        (b"", "does not begin as one"),
        (b"\x7fELF\x00\xff", "does not begin as one"),
        (b'{"schema": 1}\n', "does not begin as one"),
        (b'{"kiro_tui_recording": 1}\n{"run": ["a"]}\n{"at": 1e9}\n{"outcome": {}}\n', "at is no time"),
        (USUAL.read_bytes()[:-1], "cut off"),
        (USUAL.read_bytes()[:900], "cut off"),
        (b"".join(USUAL.read_bytes().splitlines(keepends=True)[:4]), "cut off"),
        (b"".join(USUAL.read_bytes().splitlines(keepends=True)[:1]), "cut off"),
        (USUAL.read_bytes().replace(b'"kiro_tui_recording": 1', b'"kiro_tui_recording": 2'), "another form"),
        (USUAL.read_bytes().replace(b'"timeout": 20.0', b'"timeout": NaN'), "line 1 is damaged"),
        (USUAL.read_bytes().replace(b'"timeout": 20.0', b'"timeout": 1e400'), "timeout is no time"),
        (USUAL.read_bytes().replace(b'"timeout": 20.0', b'"timeout": true'), "timeout is missing or of a wrong kind"),
        (USUAL.read_bytes().replace(b'"recorded_at": "2026', b'"recorded_at": "9999'), "date"),
        (USUAL.read_bytes().replace(b"[50, 120]", b"[50, 1e9]"), "without a size"),
        (USUAL.read_bytes().replace(b'"report"', b'"rapport"'), "rapport"),
        (
            USUAL.read_bytes().replace(b'"learned": {', b'"learned": {"settled": 1, "x": {').replace(b"\n", b"}\n", 1),
            "",
        ),
        (b'{"kiro_tui_recording":' + b"[" * 100_000 + b"\n{}\n", "line 1 is damaged"),
    ],
)
def test_a_foreign_or_damaged_file_is_named_as_such(tmp_path: Path, content: bytes, telling: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)

    with pytest.raises(UsageError) as raised:
        load(str(path))

    assert str(path) in raised.value.message
    assert telling in raised.value.message
    assert raised.value.hint


@pytest.mark.parametrize("path", ["/missing", "/", "/dev/null", "/dev/zero", "nul\0nul"])
def test_what_is_no_file_of_ours_is_named_as_such(path: str) -> None:
    with pytest.raises(UsageError):
        load(path)


def mutations(content: bytes) -> st.SearchStrategy[bytes]:
    lines = content.split(b"\n")
    numbers, places = st.integers(0, len(lines) - 2), st.integers(0, len(content) - 1)
    return st.one_of(
        st.builds(lambda place: content[:place], places),
        st.builds(lambda place, byte: content[:place] + byte + content[place + 1 :], places, st.binary(max_size=3)),
        st.builds(lambda gone: b"\n".join(lines[:gone] + lines[gone + 1 :]), numbers),
        st.builds(lambda twice: b"\n".join(lines[: twice + 1] + lines[twice:]), numbers),
        st.builds(lambda number, other: b"\n".join([*lines[:number], lines[other], *lines[number:]]), numbers, numbers),
    )


@SOME
@given(st.sampled_from(RECORDINGS).flatmap(lambda path: mutations(path.read_bytes())))
def test_a_recording_that_was_changed_anyhow_is_refused_or_played_but_never_crashes(content: bytes) -> None:
    with suppress(ValueError, UsageError):
        played = asyncio.run(play(decode(content)))
        assert played.document.keys() == {"reading", "error", "attempts"}


@SOME
@given(st.lists(st.binary(min_size=1, max_size=60), max_size=10), st.sampled_from(["whoami", "report", "--version"]))
def test_whatever_kiro_cli_is_said_to_have_said_is_played(said: list[bytes], which: str) -> None:
    usual = load(str(USUAL))
    runs = tuple(
        run_of(*said, argv=run.argv, terminal=run.terminal)
        if which in {run.argv[1], "report" if run.terminal else ""}
        else run
        for run in usual.runs
    )
    text = encode(replace(usual, runs=runs))
    with suppress(UsageError):  # it may have said what makes us ask more than was asked then
        played = asyncio.run(play(decode(text.encode())))
        assert played.document.keys() == {"reading", "error", "attempts"}


# --- Playing it


async def test_an_answer_comes_only_after_the_question_and_at_the_same_pace() -> None:
    chunks = (Chunk(1.0, b"prompt"), Chunk(3.0, b"/usage", told=True), Chunk(3.5, b"panel"), Chunk(4.0, b""))
    clock = RecordedTime(datetime(2026, 6, 11, tzinfo=UTC))
    player = Player(recording_of(Run(("x", "chat"), 0.0, Size(), 20.0, chunks, EXITED)), clock)

    async with player.launch(Command(("/y", "chat"), {}, "/", 20.0)) as child:
        assert await child.read(0.5) is None
        assert await child.read(0.75) == b"prompt"
        assert clock.monotonic() == pytest.approx(1.0)
        assert await child.read(100.0) is None
        child.write(b"/usage")
        assert await child.read(0.25) is None
        assert await child.read(0.5) == b"panel"
        assert clock.monotonic() == pytest.approx(101.5)
        assert (await child.close()).end is End.RELEASED
        assert [await child.read(9.0), await child.read(9.0)] == [b"", b""]
        assert await child.close() == EXITED


async def test_a_question_that_was_not_asked_then_is_refused_by_name(tmp_path: Path) -> None:
    made = await record(question(tmp_path, stage(report=lambda: says(MANAGED)), Way.REPORT))
    shortened = recording_of(*made.recording.runs[:2])

    with pytest.raises(UsageError, match="chat --no-interactive"):
        await play(shortened)


# --- Masking


def secrets() -> st.SearchStrategy[str]:
    word = st.text("abcdefghijklmnopqrstuvwxyz", min_size=6, max_size=12)
    return st.one_of(
        word.map(lambda name: f"{name}@{name}.example"),
        word.map(lambda name: f"arn:aws:codewhisperer:us-east-1:123456789012:profile/{name}"),
        word.map(lambda name: f"https://{name}.awsapps.com/start"),
        st.text("abcdefABCDEF0123456789_-", min_size=24, max_size=60).filter(
            lambda token: any(map(str.isdigit, token)) and any(map(str.isalpha, token))
        ),
        word.map(lambda name: f"/home/{name}"),
        st.just("jürgen.müller@bücher.example"),
    )


@SOME
@given(secrets(), st.data())
def test_a_secret_is_disguised_however_it_was_cut_and_coloured_and_nothing_else_changes(
    secret: str, data: st.DataObject
) -> None:
    coloured = data.draw(st.integers(1, len(secret) - 1))
    text = f"\x1b[1mlook:\x1b[0m {secret[:coloured]}\x1b[38;5;141m{secret[coloured:]} \r\n{REPORT.decode()}"
    whole = text.encode()
    cut = sorted(data.draw(st.lists(st.integers(1, len(whole) - 1), max_size=4, unique=True)))
    pieces = [whole[start:end] for start, end in zip([0, *cut], [*cut, len(whole)], strict=True)]

    run = disguised_run(run_of(*pieces, terminal=Size()), frozenset())

    telling = secret.removeprefix("/home/").removeprefix("arn:aws:")
    assert telling not in run.said.decode().replace("\x1b[38;5;141m", "")
    assert [len(chunk.data) for chunk in run.chunks] == [len(piece) for piece in pieces]
    assert run.said.endswith(REPORT)
    assert re.findall(rb"\x1b\[[0-9;]*m", run.said) == re.findall(rb"\x1b\[[0-9;]*m", whole)


def test_names_are_disguised_wherever_they_stand_in_both_directions() -> None:
    chunks = (Chunk(0.0, b'{"cwd": "/srv/alice/x", "on": "LAPTOP"}', told=True), Chunk(0.1, b"x\xffalicex laptop-2 al"))
    run = disguised_run(Run(("kiro-cli", "alice"), 0.0, None, 5.0, chunks, EXITED), frozenset({"alice", "laptop"}))

    assert run.told == b'{"cwd": "/srv/xxxxx/x", "on": "xxxxxx"}'
    assert run.said == b"x\xffxxxxxx xxxxxx-2 al"
    assert run.argv == ("kiro-cli", "xxxxx")


# --- The commands, as processes


class Machine:
    """A home with a simulated kiro-cli, and kiro-tui."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.program = folder / "kiro-cli"
        self.program.write_text(
            f'#!/bin/sh\nPYTHONPATH="{HOUSE}" exec "{sys.executable}" -S -m kiro_tui.simulator "$@"\n'
        )
        self.program.chmod(0o755)
        self.environment = {
            "HOME": str(folder),
            "PATH": "/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "TERM": "xterm-256color",
            "KIRO_SIM_PACE": "0",
            "KIRO_TUI_KIRO_CLI": str(self.program),
        }

    def run(self, *argv: str, environment: Mapping[str, str] | None = None) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "kiro_tui", *argv],
            env=self.environment | dict(environment or {}),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def on_terminal(self, *argv: str) -> tuple[int, str]:
        """Run kiro-tui on a terminal, and return its status and all that it wrote there."""
        terminal, its_side = pty.openpty()
        program = subprocess.Popen(
            [sys.executable, "-m", "kiro_tui", *argv],
            env=self.environment,
            stdin=its_side,
            stdout=its_side,
            stderr=its_side,
        )
        os.close(its_side)
        written = b""
        with suppress(OSError):  # the end of a terminal
            while data := os.read(terminal, 65_536):
                written += data
        os.close(terminal)
        return program.wait(60), written.decode()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_recording_and_replaying_a_real_process(machine: Machine) -> None:
    path = machine.folder / "new.recording"
    login = {"KIRO_SIM_LOGIN": "idc", "KIRO_SIM_EMAIL": "jane.doe@corp.example"}

    made = machine.run("record", str(path), environment=login)
    again = machine.run("record", str(path), environment=login)
    played = machine.run("replay", str(path))

    assert (made.returncode, made.stderr) == (0, "")
    assert "640.25 of 2000 used" in made.stdout
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    text = path.read_text(encoding="utf-8")
    assert not [name for name in ("jane", "corp.example", "arn:", "awsapps", str(machine.folder)) if name in text]
    assert (again.returncode, path.read_text(encoding="utf-8")) == (2, text)
    assert "is there already" in again.stderr
    assert (played.returncode, played.stderr) == (0, "")
    assert "< kiro-cli 2.21.1\n" in played.stdout
    assert "\nEstimated Usage | resets on" in played.stdout
    assert "640.25 of 2000 used" in played.stdout
    assert "something else was read" not in played.stdout


def test_unmasked_keeps_all_and_says_so(machine: Machine) -> None:
    path = machine.folder / "new.recording"

    made = machine.run("record", "--unmasked", str(path))

    assert "nothing is masked" in made.stdout
    assert "person@example.com" in path.read_text(encoding="utf-8")
    assert not load(str(path)).masked


def test_without_kiro_cli_there_is_nothing_to_record_and_no_file(machine: Machine) -> None:
    machine.program.unlink()

    path = machine.folder / "new.recording"
    made = machine.run("record", str(path))

    assert made.returncode == 3
    assert "There is no program" in made.stderr
    assert not path.exists()


HOSTILE = b"\x1b]0;HACKED\x07\x1bPq#0\x1b\\\x1b[2;5r\x1b[5n\x9b31mreal \x1b[31mred\x1b[0m text\x1b[?1049h over it\r\n"


def test_a_terminal_gets_the_recording_drawn_and_never_as_it_is(machine: Machine) -> None:
    usual = load(str(USUAL))
    version, whoami, report = usual.runs
    whoami = replace(whoami, chunks=(*whoami.chunks[:1], Chunk(0.2, HOSTILE), *whoami.chunks[1:]))
    runs = (version, whoami, run_of(b"one\r\n", HOSTILE, argv=report.argv, terminal=Size()))
    recording = replace(usual, kiro_tui="\x1b]0;HACKED\x07", runs=runs, outcome={"x": "\x9b31m"}, ways=(Way.REPORT,))
    path = machine.folder / "hostile.recording"
    path.write_text(encode(recording), encoding="utf-8")

    status, live = machine.on_terminal("replay", str(path))
    _, fast = machine.on_terminal("replay", "--fast", str(path))

    assert status == 0
    assert "over it" in live
    ours = r"\x1b\[\d+F\x1b\[J|\x1b\[\?7[lh]"
    assert re.search(ours, live)
    assert not re.search(ours, fast)
    rest = re.sub(ours, "", live).replace("\r\n", "\n")
    assert all(character.isprintable() or character == "\n" for character in rest)
    assert "\x1b" not in fast
    assert "something else was read" in live


@pytest.mark.parametrize(
    "argv", [("record",), ("replay",), ("replay", "/dev/null/missing"), ("record", "/dev/null/missing/file")]
)
def test_a_bad_file_is_a_mistake_of_the_command_line(machine: Machine, argv: tuple[str, ...]) -> None:
    ended = machine.run(*argv)

    assert ended.returncode == 2
    assert ended.stderr.startswith("kiro-tui: ")
    assert "Traceback" not in ended.stderr


# --- New files


def test_a_file_into_which_nothing_was_written_is_gone_again(tmp_path: Path) -> None:
    with new_file(str(tmp_path / "empty")):
        assert (tmp_path / "empty").exists()

    assert list(tmp_path.iterdir()) == []


def test_a_link_in_the_place_of_a_new_file_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "target")

    with pytest.raises(UsageError, match="there already"), new_file(str(tmp_path / "link")) as write:
        write("text")

    assert not (tmp_path / "target").exists()


def test_a_recording_of_a_way_that_opens_a_session_is_played(tmp_path: Path) -> None:
    answers = agent()._results | {"_kiro/account/getUsage": lambda message: error(message, -32603, "broken")}
    made = asyncio.run(record(question(tmp_path, stage(acp=lambda: ScriptedAgent(answers)), Way.ACP)))

    assert b"session/new" in made.recording.runs[-1].told
    assert made.recording.outcome["error"] is None
    assert asyncio.run(play(made.recording)).document == made.recording.outcome
