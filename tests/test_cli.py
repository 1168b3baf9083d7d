"""The program as people and scripts run it: real processes, real kiro-cli stand-ins, nothing patched."""

import asyncio
import json
import logging
import os
import pty
import signal
import stat
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from fakes import ScriptedSource
from waiting import PATIENCE, eventually

from kiro_tui import __version__
from kiro_tui.commands import status
from kiro_tui.domain.state import Outcome, Snapshot, Way
from kiro_tui.domain.usage import Account, Report, Window, WindowKind
from kiro_tui.errors import ProbeError
from kiro_tui.logfile import LONGEST_LINE, write_log_to
from kiro_tui.settings import Settings

RECORDINGS = Path(__file__).parent / "recordings"
READ_END_TO_END = (
    "backend-failure", "box-free-as-specified", "box-free-consistent", "classic-addons-2026-08",
    "classic-free-one-bonus", "classic-mmdd-new-year", "classic-org-agentic-requests", "classic-org-clamped",
    "classic-plan-and-date-unknown", "classic-pooled", "classic-pro-overage", "classic-pro-two-bonuses-mcp-noise",
    "context-not-credits", "managed", "model-answered", "panel-pro-over-limit", "refused-engine", "signed-out",
    "summary-line", "empty", "two-reports-last-counts", "unreadable-nan",
)  # fmt: skip
"""One of each kind: a run costs a second, and the parser's own tests read all the others."""
LANES = 3
"""Programs that run at the same time."""
CLAMPING = "2.13.0"
"""A version whose classic report may be clamped."""
HEAVY = ("textual", "pyte", "pexpect", "sqlite3")
EXIT_STATUS = {kind.code: kind.exit_status for kind in ProbeError.__subclasses__()}


@dataclass
class Ended:
    """How a run of kiro-tui ended."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Machine:
    """A home without settings, and programs that may stand in for kiro-cli."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {"HOME": str(folder), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}

    def program(self, name: str, script: str, version: str = CLAMPING) -> str:
        path = self.folder / name
        path.write_text(f'#!/bin/sh\nif [ "$1" = --version ]; then echo kiro-cli {version}; exit; fi\n{script}\n')
        path.chmod(0o755)
        return str(path)

    async def start(self, *argv: str, environment: Mapping[str, str] | None = None) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "kiro_tui",
            *argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self.environment | dict(environment or {}),
        )

    async def run(self, *argv: str, environment: Mapping[str, str] | None = None) -> Ended:
        process = await self.start(*argv, environment=environment)
        async with asyncio.timeout(60):
            out, err = await process.communicate()
        assert process.returncode is not None
        return Ended(process.returncode, out.decode(), err.decode())

    def shell(self, command: str, **environment: str) -> Ended:
        """Run a shell command in which `kiro-tui` is ours."""
        done = subprocess.run(
            ["/bin/bash", "-c", f'kiro-tui() {{ "{sys.executable}" -m kiro_tui "$@"; }}; set -o pipefail; {command}'],
            env=self.environment | environment,
            capture_output=True,
            check=False,
            timeout=60,
        )
        return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


# Recordings, end to end -----------------------------------------------------------------------------------------------


def without_what_depends_on_today(windows: Sequence[Mapping[str, Any]], recorded: bytes) -> list[dict[str, Any]]:
    """Return the windows; where the screen says a date without a year, without the year."""
    copies = [dict(window) for window in windows]
    if b"resets on 0" in recorded or b"resets on 1" in recorded:
        for window in copies:
            if window.get("resets_at"):
                window["resets_at"] = window["resets_at"][4:]
    return copies


def assert_read_as(recording: Path, ended: Ended) -> None:
    expected = json.loads(recording.read_text())
    document = ended.json
    assert (document["ok"], ended.err) == (expected["error"] is None, "")
    if expected["error"] is not None:
        assert (document["error"]["code"], document["reading"]) == (expected["error"], None)
        assert document["error"]["message"]
        assert ended.status == EXIT_STATUS[expected["error"]]
        return
    reading = document["reading"]
    recorded = recording.with_suffix(".bytes").read_bytes()
    assert (ended.status, document["error"]) == (0, None)
    assert reading["plan"].items() >= expected["plan"].items()
    assert [note["code"] for note in reading["notes"]] == expected["notes"]
    assert (reading["overage"] is None) == (expected["overage"] is None)
    assert (reading["overage"] or {}).items() >= (expected["overage"] or {}).items()
    assert len(reading["windows"]) == len(expected["windows"])
    for window, wanted in zip(
        without_what_depends_on_today(reading["windows"], recorded),
        without_what_depends_on_today(expected["windows"], recorded),
        strict=True,
    ):
        assert window.items() >= wanted.items()
    for resets_at in (window["resets_at"] for window in reading["windows"] if window["resets_at"]):
        if b"resets on 0" in recorded or b"resets on 1" in recorded:
            ahead = datetime.fromisoformat(resets_at) - datetime.now(UTC)
            assert timedelta(days=-1) <= ahead <= timedelta(days=366)


async def test_every_kind_of_screen_is_read_by_status_through_a_real_process(machine: Machine) -> None:
    free = asyncio.Semaphore(LANES)

    async def one(number: int, recording: Path) -> None:
        # Each is another version, because what one of them teaches about its version holds for all of this home.
        shown = recording.with_suffix(".bytes")
        script = machine.program(recording.stem, f"cat '{shown}'", version=f"2.13.{number}")
        async with free:  # one source, as engine v3 depends on which other Kiro runs on this machine
            ended = await machine.run("status", "--json", "--source", "report", "--kiro-cli", script)
        try:
            assert_read_as(recording, ended)
        except AssertionError as error:
            error.add_note(f"{recording.name}: {ended}")
            raise

    async with asyncio.TaskGroup() as group:
        for number, name in enumerate(READ_END_TO_END):
            group.create_task(one(number, RECORDINGS / f"{name}.json"))


async def test_status_is_text_for_a_person(machine: Machine) -> None:
    script = machine.program("kiro-cli", f"cat '{RECORDINGS / 'classic-pro-two-bonuses-mcp-noise.bytes'}'")

    ended = await machine.run("status", environment={"PATH": f"{Path(script).parent}:/usr/bin:/bin"})

    assert (ended.status, ended.err) == (0, "")
    assert ended.out.startswith("Kiro Pro+\n\nCredits ")
    assert "640.25 of 2000 used" in ended.out


# One question, in this process ----------------------------------------------------------------------------------------


class EndedWhileAsking(ScriptedSource):
    """A source that is sent signals while it is asked, and again while it tidies up."""

    tidied = False

    async def ask(self, *, by_person: bool = False) -> Outcome:
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            return await super().ask(by_person=by_person)
        finally:
            os.kill(os.getpid(), signal.SIGINT)
            for _ in range(10):
                await asyncio.sleep(0)
            self.tidied = True


def answer(email: str = "person@example.com") -> Snapshot:
    report = Report("KIRO FREE", (Window(WindowKind.PLAN, "Credits", Decimal(1), Decimal(50)),))
    return Snapshot(report, Way.REPORT, datetime.now(UTC), 1.0, account=Account("Google", email))


@pytest.fixture
def empty_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home for what runs in this process: readings of other tests would be found in one that is shared."""
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.mark.usefixtures("empty_home")
@pytest.mark.parametrize(("show_email", "shown"), [(True, "person@example.com"), (False, "p•••@example.com")])
@pytest.mark.parametrize("as_json", [True, False])
def test_status_asks_once_as_the_person_and_shows_the_e_mail_only_if_told_to(
    capsys: pytest.CaptureFixture[str], *, show_email: bool, shown: str, as_json: bool
) -> None:
    source = ScriptedSource([answer()])

    ended = status.run(Settings(show_email=show_email), status.Asked(json=as_json), open_source=lambda *_: source)

    assert (ended, source.by_person) == (0, [True])
    assert shown in capsys.readouterr().out


@pytest.mark.usefixtures("empty_home")
def test_a_second_signal_does_not_disturb_the_tidying_up_after_the_first() -> None:
    source = EndedWhileAsking([answer()], takes=60.0)

    ended = status.run(Settings(), status.Asked(json=True), open_source=lambda *_: source)

    assert (ended, source.tidied) == (143, True)


@pytest.mark.usefixtures("empty_home")
def test_a_signal_that_is_ignored_from_outside_stays_ignored(capsys: pytest.CaptureFixture[str]) -> None:
    class Hung(ScriptedSource):
        async def ask(self, *, by_person: bool = False) -> Outcome:
            os.kill(os.getpid(), signal.SIGHUP)
            await asyncio.sleep(0)
            return await super().ask(by_person=by_person)

    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        ended = status.run(Settings(), status.Asked(json=True), open_source=lambda *_: Hung([answer()]))
    finally:
        signal.signal(signal.SIGHUP, before)

    assert ended == 0
    assert json.loads(capsys.readouterr().out)["ok"]


# What goes wrong ------------------------------------------------------------------------------------------------------


async def test_without_kiro_cli_a_person_reads_why_and_what_to_do_on_stderr(machine: Machine) -> None:
    ended = await machine.run("status", "--kiro-cli", "/nowhere/kiro-cli")

    assert (ended.status, ended.out) == (3, "")
    assert ended.err.startswith("kiro-tui: ")
    assert len(ended.err.splitlines()) == 2


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (["dance"], "dance"),
        (["status", "--wat"], "--wat"),
        (["status", "--js"], "--js"),
        (["--inter=60", "status"], "--inter"),
        (["status", "\x1b]0;title\x07"], "]0;title"),
        (["status", "extra"], "extra"),
        (["status", "--interval"], "--interval"),
        (["--interval", "5", "status"], "--interval: expected seconds"),
        (["status", "--source", "web"], "--source: expected auto"),
        (["status", "--config", "/nowhere.toml"], "/nowhere.toml: there is no such"),
        (["status", "--log", "/nowhere/log"], "/nowhere/log cannot be written"),
        (["status", "--pretty"], "--pretty is for JSON"),
        (["status", "--", "x"], "Only simulate"),
        (["--demo", "status"], "--demo belongs to"),
        (["\x1b]0;title\x07"], "]0;title"),
    ],
)
async def test_a_mistake_on_the_command_line_is_two_lines_on_stderr_and_status_2(
    machine: Machine, argv: list[str], told: str
) -> None:
    ended = await machine.run(*argv)

    assert (ended.status, ended.out) == (2, "")
    message, hint = ended.err.splitlines()
    assert told in message
    assert hint
    assert ended.err.replace("\n", "").isprintable()


async def test_with_json_mistakes_are_json_too(machine: Machine) -> None:
    wrong = machine.folder / "wrong.toml"
    wrong.write_text("intervall = 60")
    usage, settings, pretty = await asyncio.gather(
        machine.run("status", "--json", "--wat"),
        machine.run("status", "--json", "--config", str(wrong)),
        machine.run("status", "--json", "--pretty", "--interval=1"),
    )

    assert [ended.json["error"]["code"] for ended in (usage, settings, pretty)] == ["usage", "settings", "usage"]
    assert [ended.status for ended in (usage, settings, pretty)] == [2, 2, 2]
    assert usage.err == settings.err == pretty.err == ""
    assert (len(usage.out.splitlines()), len(pretty.out.splitlines())) == (1, 10)
    assert "did you mean interval?" in settings.json["error"]["message"]


async def test_global_options_are_taken_before_and_behind_the_command_and_the_last_one_counts(machine: Machine) -> None:
    before, behind, both = await asyncio.gather(
        machine.run("--kiro-cli", "/before", "status"),
        machine.run("status", "--kiro-cli", "/behind"),
        machine.run("--kiro-cli", "/before", "status", "--kiro-cli=/behind"),
    )

    assert "/before" in before.err
    assert "/behind" in behind.err
    assert "/behind" in both.err


async def test_a_variable_is_obeyed(machine: Machine) -> None:
    ended = await machine.run("status", environment={"KIRO_TUI_KIRO_CLI": "/from/a/variable"})

    assert "/from/a/variable" in ended.err


def is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


@pytest.mark.parametrize(("number", "ended"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
async def test_a_signal_ends_status_at_once_and_the_children_within_seconds(
    machine: Machine, number: signal.Signals, ended: int
) -> None:
    started = machine.folder / "started"
    os.mkfifo(started)
    script = machine.program("stubborn", f"trap '' INT TERM HUP\necho $$ > '{started}'\nwhile :; do sleep 1; done")
    process = await machine.start("status", "--json", "--kiro-cli", script)
    child = int(await asyncio.to_thread(started.read_text))

    process.send_signal(number)
    out, err = await asyncio.wait_for(process.communicate(), PATIENCE)

    assert (process.returncode, out, err) == (ended, b"", b"")
    assert await asyncio.to_thread(eventually, lambda: is_gone(child))  # it has a few seconds to store a sign-in


async def test_a_bug_has_a_status_of_its_own_and_a_traceback(machine: Machine) -> None:
    # A kiro_tui of its own beside the real one, whose only fault is its fault.
    code = (
        "import sys, kiro_tui.cli as cli\n"
        "def broken(*_): raise ZeroDivisionError\n"
        "cli._settings = broken\n"
        "sys.exit(cli.main(['status', '--json']))"
    )
    ended = machine.shell(f"'{sys.executable}' -c \"{code}\"")

    assert (ended.status, ended.out) == (70, "")
    assert "Traceback" in ended.err
    assert "ZeroDivisionError" in ended.err


# stdout and stderr ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", ["--help", "status --json --kiro-cli /nowhere"])
def test_a_reader_who_has_gone_away_is_no_trouble(machine: Machine, arguments: str) -> None:
    ended = machine.shell(f"{{ kiro-tui {arguments}; echo $? >&2; }} | true")

    assert ended.err.splitlines() == ["3" if "status" in arguments else "0"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a file that is always full")
@pytest.mark.parametrize("arguments", ["--version", "status --json --kiro-cli /nowhere"])
def test_a_full_disk_is_told_and_is_no_success(machine: Machine, arguments: str) -> None:
    ended = machine.shell(f"kiro-tui {arguments} > /dev/full")

    assert (ended.status, ended.err) == (2, "kiro-tui: The output cannot be written: No space left on device.\n")


def test_a_closed_stdout_is_no_crash(machine: Machine) -> None:
    ended = machine.shell("kiro-tui status --kiro-cli /nowhere --json >&-")

    assert (ended.status, ended.err) == (3, "")


async def test_output_is_utf8_whatever_the_locale_and_survives_odd_paths(machine: Machine) -> None:
    machine.folder /= os.fsdecode(b"odd \xff")
    machine.folder.mkdir()
    who = "printf 'Logged in with Google\\nEmail: person@example.com\\n'"
    report = f"cat '{RECORDINGS / 'classic-pro-overage.bytes'}'"
    script = machine.program("kiro-cli", f'if [ "$1" = whoami ]; then {who}; else {report}; fi')
    locale = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}

    ended = await machine.run("status", "--json", "--kiro-cli", script, environment=locale)

    assert (ended.status, ended.err) == (0, "")
    assert "p•••@example.com" in ended.out
    assert ended.json["reading"]["kiro_cli"]["path"] == script


# Help, version, simulate ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "argv", [["--version"], ["status", "--version"], ["simulate", "--version"], ["record", "--version"]]
)
async def test_version_is_said_in_the_first_line_and_what_was_found_below_it(machine: Machine, argv: list[str]) -> None:
    kiro_cli = machine.program("kiro-cli", f"touch {machine.folder}/started")

    ended = await machine.run(*argv, "--kiro-cli", kiro_cli)

    python = f"Python {sys.version.split()[0]}, {sys.executable}"
    assert ended == Ended(0, f"kiro-tui {__version__}\n{python}\nkiro-cli, {kiro_cli}\n", "")
    assert [path.name for path in machine.folder.iterdir()] == ["kiro-cli"]  # nothing started, nothing left behind


async def test_version_names_the_version_that_kiro_cli_had_when_it_was_last_asked(machine: Machine) -> None:
    simulated = machine.program("kiro-cli", f'exec "{sys.executable}" -m kiro_tui simulate -- "$@"', version="2.21.1")
    environment = {"KIRO_TUI_KIRO_CLI": simulated}
    await machine.run("status", environment=environment)

    ended = await machine.run("--version", environment=environment)

    assert ended.out.splitlines()[2] == f"kiro-cli 2.21.1 when it was last asked, {simulated}"


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({}, "kiro-cli was not found. Looked at: the PATH"),
        ({"KIRO_TUI_KIRO_CLI": "/nowhere"}, "There is no program at /nowhere"),
        ({"KIRO_TUI_TIMEOUT": "soon"}, "kiro-cli was not looked for, as a setting is wrong: kiro-tui config --check"),
        ({"HOME": "", "KIRO_TUI_KIRO_CLI": "/bin/true"}, "kiro-cli, /bin/true"),
    ],
)
async def test_version_fails_for_nothing_and_says_what_cannot_be_found(
    machine: Machine, environment: dict[str, str], says: str
) -> None:
    ended = await machine.run("--version", environment=environment)

    assert (ended.status, ended.err) == (0, "")
    assert ended.out.splitlines()[2].startswith(says)


@pytest.mark.parametrize("argv", [["--help"], ["status", "-h"], ["simulate", "--help"]])
async def test_help_names_every_option_of_all_commands(machine: Machine, argv: list[str]) -> None:
    ended = await machine.run(*argv)

    assert (ended.status, ended.err) == (0, "")
    for option in ("--kiro-cli", "--source", "--timeout", "--interval", "--config", "--log", "--version", "--help"):
        assert option in ended.out


async def test_simulate_is_a_kiro_cli_and_what_stands_behind_the_dashes_is_its_own(machine: Machine) -> None:
    ended = await machine.run("simulate", "--", "--version")

    assert ended == Ended(0, "kiro-cli 2.21.1\n", "")


@pytest.mark.parametrize(
    ("argv", "not_imported"),
    [(["--help"], HEAVY), (["--version"], HEAVY), (["status", "--kiro-cli", "/nowhere"], ("textual", "plotext"))],
)
def test_commands_without_a_screen_import_nothing_of_one(
    machine: Machine, argv: list[str], not_imported: tuple[str, ...]
) -> None:
    code = (
        "import sys; from kiro_tui.cli import main; main(sys.argv[1:]);"
        "print(*sorted({name.split('.')[0] for name in sys.modules}), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *argv], env=machine.environment, capture_output=True, text=True, check=True
    )

    imported = done.stderr.splitlines()[-1].split()
    assert "kiro_tui" in imported
    assert not set(not_imported) & set(imported)


# The log --------------------------------------------------------------------------------------------------------------


async def test_the_log_is_for_the_person_alone_and_one_line_an_entry(machine: Machine) -> None:
    log = machine.folder / "log"
    before = os.umask(0)
    try:
        for _ in range(2):
            await machine.run("status", "--log", str(log), "--kiro-cli", "/now\nhere\x1b[2J")
    finally:
        os.umask(before)

    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    told = "There is no program at /now here[2J, where --kiro-cli or the settings say kiro-cli is."
    lines = log.read_text().splitlines()
    assert [line.split(" ", 2)[2] for line in lines] == [
        "INFO kiro_tui.commands.status: asking",
        f"INFO kiro_tui.commands.status: not_installed: {told}",
    ] * 2


def test_nothing_that_is_logged_can_make_up_a_line_or_move_the_cursor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    logger = logging.getLogger("kiro_tui")
    for changed in ("propagate", "level"):
        monkeypatch.setattr(logger, changed, getattr(logger, changed))
    handlers = list(logger.handlers)
    write_log_to(str(tmp_path / "log"))
    try:
        logger.info("one\ntwo\x1b[2J %s", "x" * 2000)
    finally:
        for handler in set(logger.handlers) - set(handlers):
            logger.removeHandler(handler)
            handler.stream.close()  # type: ignore[attr-defined]  # it is a StreamHandler

    (line,) = (tmp_path / "log").read_text().splitlines()
    assert "one two[2J xxx" in line
    assert line.isprintable()
    assert len(line) <= LONGEST_LINE


# Where a dashboard cannot be ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("redirection", "named"),
    [("<&-", "stdin"), ("</dev/null", "stdin"), ("2>/dev/null >&2; echo $?", ""), ("2>&1 | cat", "stderr")],
)
async def test_without_a_terminal_the_dashboard_says_so_and_points_at_status(
    machine: Machine, redirection: str, named: str
) -> None:
    ended = await on_terminal(machine, f"kiro-tui {redirection}")

    if named:
        assert f"The dashboard needs a terminal, and {named} is none." in ended.out
        assert "kiro-tui status" in ended.out
        assert ended.status == 2
    else:
        assert ended.out.strip() == "2"


@pytest.mark.parametrize("argv", ["", "--demo"])
async def test_a_dumb_terminal_gets_no_dashboard(machine: Machine, argv: str) -> None:
    ended = await on_terminal(machine, f"TERM=dumb kiro-tui {argv}")

    assert ended.status == 2
    assert "TERM is dumb" in ended.out


async def on_terminal(machine: Machine, command: str) -> Ended:
    """Run a shell command on a terminal of its own and return what that showed."""
    ours, theirs = pty.openpty()
    script = f'kiro-tui() {{ "{sys.executable}" -m kiro_tui "$@"; }}; set -o pipefail; {command}'
    process = await asyncio.create_subprocess_exec(
        "/bin/bash", "-c", script, stdin=theirs, stdout=theirs, stderr=theirs, env=machine.environment
    )
    os.close(theirs)
    try:
        ended = await asyncio.wait_for(process.wait(), PATIENCE)
        shown = b""
        try:
            while data := os.read(ours, 65536):
                shown += data
        except OSError:  # so ends a terminal on Linux
            pass
    finally:
        os.close(ours)
    return Ended(ended, shown.decode(), "")


async def test_after_a_failure_the_last_good_reading_comes_with_its_true_age(machine: Machine) -> None:
    recording = RECORDINGS / "classic-pro-overage.bytes"
    path = machine.program("kiro-cli", f"cat '{recording}'")
    assert (await machine.run("status", "--json", "--kiro-cli", path)).status == 0
    machine.program("kiro-cli", "echo unheard of")

    ended = await machine.run("status", "--json", "--kiro-cli", path)

    said = json.loads(ended.out)
    assert (ended.status, said["ok"], said["error"]["code"]) == (7, False, "not_recognised")
    assert said["reading"]["stale"] is True
    assert said["reading"]["overage"]["credits"] == 40.29
    assert said["reading"]["windows"][0]["used"] == 1000


async def test_another_kiro_cli_is_not_answered_for_with_the_readings_of_the_first(machine: Machine) -> None:
    recording = RECORDINGS / "classic-pro-overage.bytes"
    await machine.run("status", "--json", "--kiro-cli", machine.program("one", f"cat '{recording}'"))

    ended = await machine.run("status", "--json", "--kiro-cli", machine.program("other", "echo unheard of"))

    assert json.loads(ended.out)["reading"] is None
