"""Engine v3 is only started while Kiro is idle: the rule, what it looks at, and the whole program against its harm."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiro_tui.probe.idle import MOST_BYTES, is_idle, task_states
from kiro_tui.probe.process import child, running
from kiro_tui.probe.process.running import Process, names_of_others, parse_ps_row, running_names

ROOT = Path(__file__).parents[1]
ME, SOMEBODY_ELSE = 1000, 1001


# --- The rule


@pytest.mark.parametrize(
    ("running", "tasks", "idle"),
    [
        ((), (), True),
        (("bash", "kiro_cli_desktop", "kiro-cli-term", "kiro", "Kiro Helper"), ("completed", "failed", ""), True),
        (("kiro-cli",), (), False),
        (("kiro-cli-chat",), (), False),
        (("Kiro",), (), False),
        ((), ("completed", "running"), False),
        ((), ("queued",), False),
        ((), ("Running",), False),
        (None, (), False),
        ((), None, False),
        (None, None, False),
    ],
)
def test_kiro_is_idle_where_neither_a_program_nor_a_task_is_at_work_and_both_are_known(
    running: tuple[str, ...] | None,
    tasks: tuple[str, ...] | None,
    idle: bool,  # noqa: FBT001 - a column of a table
) -> None:
    assert is_idle(running, tasks) is idle


# --- Programs


def process(pid: int, parent: int, name: str, user: int = ME) -> Process:
    return Process(pid, parent, frozenset({user}), frozenset({name}))


def test_our_own_children_and_other_users_do_not_count() -> None:
    table = [
        process(1, 0, "init", 0),
        process(10, 1, "kiro-tui"),
        process(11, 10, "warden"),
        process(12, 11, "kiro-cli"),
        process(13, 12, "kiro-cli-chat"),
        process(20, 1, "kiro-cli", SOMEBODY_ELSE),
        process(30, 1, "bash"),
    ]

    assert names_of_others(table, user=ME, root=10) == {"bash"}
    assert names_of_others([*table, process(31, 30, "kiro-cli")], user=ME, root=10) == {"bash", "kiro-cli"}


def test_the_children_of_another_kiro_tui_do_not_count_even_when_it_has_ended() -> None:
    table = [
        Process(5, 1, frozenset({ME}), frozenset({"python3"}), supervises=True),
        process(6, 5, "kiro-cli"),
        process(10, 1, "kiro-tui"),
    ]

    assert names_of_others(table, user=ME, root=10) == frozenset()


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux shows command lines in /proc")
def test_the_supervisor_of_a_child_is_known_by_its_command_line(tmp_path: Path) -> None:
    sleep = shutil.which("sleep")
    assert sleep
    program = tmp_path / "sleeps-for-us"
    shutil.copy(sleep, program)
    hold = (
        "import subprocess, sys; p = subprocess.Popen([sys.argv[1], '600']); print(flush=True);"
        " sys.stdin.read(); p.kill()"
    )
    look = "from kiro_tui.probe.process.running import running_names; print('sleeps-for-us' in running_names())"
    seen = []
    for mark in ("", "  # kiro_tui.probe.process.warden"):
        with subprocess.Popen(
            [sys.executable, "-c", hold + mark, program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as holder:
            assert holder.stdout
            holder.stdout.readline()
            seen.append(subprocess.run([sys.executable, "-c", look], cwd=ROOT, capture_output=True, check=True).stdout)
            holder.communicate()

    assert seen == [b"True\n", b"False\n"]
    assert running._SUPERVISOR.decode() in child._START


def test_a_kiro_that_started_us_counts() -> None:
    table = [process(5, 1, "kiro-cli-chat"), process(10, 5, "kiro-tui")]

    assert names_of_others(table, user=ME, root=10) == {"kiro-cli-chat"}


@given(st.lists(st.builds(process, st.integers(1, 9), st.integers(0, 9), st.sampled_from(["kiro-cli", "bash"]))))
def test_any_table_at_all_ends_even_one_that_turns_in_circles(table: list[Process]) -> None:
    assert names_of_others(table, user=ME, root=10) <= {"kiro-cli", "bash"}


@pytest.mark.parametrize(
    ("row", "names"),
    [
        ("  501   1  501 S    /Users/a/.local/bin/kiro-cli-chat", {"kiro-cli-chat"}),
        ("  501   1  501 Ss   /Applications/Kiro.app/Contents/MacOS/Electron", {"Electron", "Kiro"}),
        ("  501   1  501 S    /Applications/Kiro CLI.app/Contents/MacOS/kiro_cli_desktop", {"kiro_cli_desktop"}),
        ("  501   1  501 S    kiro-cli", {"kiro-cli"}),
    ],
)
def test_a_row_of_ps_is_read(row: str, names: set[str]) -> None:
    read = parse_ps_row(row)

    assert read is not None
    assert (read.pid, read.parent, read.users, read.names) == (501, 1, {501}, names)


def test_a_dead_process_of_ps_does_not_count() -> None:
    assert parse_ps_row("501 1 501 Z <defunct>") is None


@pytest.fixture
def kiro_at_work(tmp_path: Path) -> Iterator[None]:
    """A process of that name that is no child of the program under test."""
    sleep = shutil.which("sleep")
    assert sleep
    folder = tmp_path / "at-work"
    folder.mkdir()
    program = folder / "kiro-cli-chat"
    shutil.copy(sleep, program)
    with subprocess.Popen([program, "600"]) as working:
        yield
        working.kill()


@pytest.mark.usefixtures("kiro_at_work")
def test_the_systems_own_table_is_read_and_our_children_are_left_out() -> None:
    ours = running_names()
    look = "from kiro_tui.probe.process.running import running_names; print('kiro-cli-chat' in running_names())"
    another = subprocess.run([sys.executable, "-c", look], cwd=ROOT, capture_output=True, text=True, check=True)

    assert ours is not None
    assert "kiro-cli-chat" not in ours  # a child of this process
    assert another.stdout == "True\n"  # a stranger to that one


# --- Tasks


def write_task(home: Path, content: str | bytes, name: str = "t1", project: str = "p1") -> Path:
    file = home / ".kiro" / "tasks" / project / f"{name}.meta.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


def states(home: Path, **environment: str) -> list[str] | None:
    return task_states({"HOME": str(home), **environment})


def test_without_tasks_there_is_none_at_work(tmp_path: Path) -> None:
    assert states(tmp_path) == []
    (tmp_path / ".kiro" / "tasks" / "empty").mkdir(parents=True)
    assert states(tmp_path) == []


def test_every_task_of_every_folder_counts_and_nothing_else(tmp_path: Path) -> None:
    write_task(tmp_path, '{"status": "completed"}', "t1")
    write_task(tmp_path, '{"status": "running", "other": 1}', "t2", "p2")
    write_task(tmp_path, '{"title": "v3 took its status"}', "t3", "p2")
    write_task(tmp_path, '{"status": null}', "t4", "p2")
    (tmp_path / ".kiro/tasks/p2/notes.json").write_text("{")
    (tmp_path / ".kiro/tasks/index.json").write_text("{")

    assert sorted(states(tmp_path) or ()) == ["", "", "completed", "running"]


def test_the_real_home_counts_also_where_kiro_home_says_otherwise(tmp_path: Path) -> None:
    write_task(tmp_path, '{"status": "queued"}')
    moved = tmp_path / "moved"
    write_task(moved, '{"status": "running"}')

    assert states(tmp_path, KIRO_HOME=str(tmp_path / "none")) == ["queued"]
    assert sorted(states(tmp_path, KIRO_HOME=str(moved / ".kiro")) or ()) == ["queued", "running"]


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "7", '{"status": 7}', b"\xff\xfe", "[" * 10**5, " " * (MOST_BYTES + 1)]
)
def test_a_task_that_cannot_be_read_makes_the_answer_unknown(tmp_path: Path, content: str | bytes) -> None:
    write_task(tmp_path, '{"status": "completed"}', "t0")
    write_task(tmp_path, content)

    assert states(tmp_path) is None


def test_what_is_no_folder_or_no_file_makes_the_answer_unknown_and_blocks_nobody(tmp_path: Path) -> None:
    pipe = tmp_path / "one" / ".kiro" / "tasks" / "p" / "t.meta.json"
    pipe.parent.mkdir(parents=True)
    os.mkfifo(pipe)
    (tmp_path / "two" / ".kiro").mkdir(parents=True)
    (tmp_path / "two" / ".kiro" / "tasks").write_text("")

    assert states(tmp_path / "one") is None
    assert states(tmp_path / "two") is None
    assert task_states({}) is None


# --- The whole program, against a kiro-cli whose engine v3 does the harm


@dataclass
class Person:
    """A home with a running and a queued task, and a simulated kiro-cli that would take their status away."""

    folder: Path
    said: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.home = self.folder / "home"
        self.tasks = [
            write_task(self.home, '{"id": "1", "status": "running"}', "t1"),
            write_task(self.home, '{"id": "2", "status": "queued"}', "t2"),
            write_task(self.home, '{"id": "3", "status": "completed"}', "t3"),
        ]
        self.before = [task.read_bytes() for task in self.tasks]
        self.program = self.folder / "kiro-cli"
        self.program.write_text(
            f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -S -m kiro_tui.simulator "$@"\n'
        )
        self.program.chmod(0o755)
        self.log = self.folder / "log"
        self.log.touch()

    def run(self, *argv: str, **environment: str) -> tuple[int, Any]:
        behaviour = self.folder / "behaviour"  # a file, because another environment would be another person's
        behaviour.write_text("".join(f"KIRO_SIM_{name}={value}\n" for name, value in self.said.items()))
        simulated = {"PACE": "0", "HARM": "1", "LOG": str(self.log), "FILE": str(behaviour)}
        ended = subprocess.run(
            [sys.executable, "-m", "kiro_tui", *argv, "--kiro-cli", str(self.program)],
            env={
                "HOME": str(self.home),
                "PATH": os.environ["PATH"],
                "PYTHONPATH": str(ROOT),
                "LANG": "C.UTF-8",
                **{f"KIRO_SIM_{name}": value for name, value in simulated.items()},
                **environment,
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        return ended.returncode, json.loads(ended.stdout)

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    @property
    def started(self) -> list[str]:
        """The command lines, without those of the introduction."""
        lines = [" ".join(event["argv"]) for event in self.events if event["event"] == "started"]
        return [line for line in lines if line.startswith(("chat", "acp")) and "--help" not in line]

    def assert_unharmed(self) -> None:
        assert [task.read_bytes() for task in self.tasks] == self.before
        assert [event for event in self.events if event["event"] in {"v3_started", "harm", "rewrote"}] == []
        assert not (self.home / ".kiro" / "logs").exists()


def test_the_simulated_engine_v3_does_the_harm_that_is_to_be_kept_away(tmp_path: Path) -> None:
    person = Person(tmp_path, {"VERSION": "2.24.0"})
    environment = {"HOME": str(person.home), "KIRO_HOME": str(tmp_path / "private"), "PATH": os.environ["PATH"]}
    simulated = {"KIRO_SIM_HARM": "1", "KIRO_SIM_PACE": "0", "KIRO_SIM_VERSION": "2.24.0"}
    ask = b'{"jsonrpc":"2.0","id":0,"method":"initialize","params":{}}\n'

    subprocess.run(
        [person.program, "acp", "--agent-engine=v3", "--auth-method=cli"],
        input=ask,
        env=environment | simulated,
        capture_output=True,
        check=True,
        timeout=60,
    )

    assert [json.loads(task.read_text()).get("status") for task in person.tasks] == [None, None, "completed"]


@pytest.mark.parametrize("version", ["2.24.0", "3.2.0"])
def test_the_headless_report_answers_while_tasks_run_and_nothing_else_is_started(tmp_path: Path, version: str) -> None:
    person = Person(tmp_path, {"VERSION": version})

    status, told = person.run("status", "--json")

    assert (status, told["ok"], told["reading"]["source"]) == (0, True, "report")
    assert person.started == ["chat --no-interactive --agent-engine=v1 --legacy-ui /usage"]
    person.assert_unharmed()


@pytest.mark.parametrize("version", ["2.24.0", "3.2.0"])
def test_the_inline_report_answers_where_the_classic_one_is_refused(tmp_path: Path, version: str) -> None:
    person = Person(tmp_path, {"VERSION": version, "REFUSES": "--agent-engine=v1"})

    status, told = person.run("status", "--json")

    assert (status, told["ok"], told["reading"]["source"]) == (0, True, "report")
    assert told["reading"]["windows"][0]["used"] == 640.25
    assert person.started[-1] == "chat --no-interactive --agent-engine=v2 /usage"
    assert not any(line.startswith("acp") or "--no-interactive" not in line for line in person.started)
    person.assert_unharmed()


NOTHING_ELSE_WORKS = {"FAILURE": "report:nothing,panel:crash", "REFUSES": "--agent-engine=v2,--v2"}


@pytest.mark.parametrize("version", ["2.8.0", "2.21.1", "2.24.0", "2.37.0", "3.2.0", "3.5.0", "9.0.0"])
@pytest.mark.parametrize("source", ["auto", "acp"])
def test_engine_v3_takes_no_status_from_a_running_task(tmp_path: Path, version: str, source: str) -> None:
    person = Person(tmp_path, {"VERSION": version, **NOTHING_ELSE_WORKS})

    for extra in ({}, {"KIRO_HOME": str(tmp_path / "moved"), "KIRO_AGENT_ENGINE": "v3"}):
        status, told = person.run("status", "--json", "--source", source, **extra)

        assert (status, told["ok"], told["error"]["code"]) == (5, False, "cli_failed")
        assert told["error"]["message"] == "Kiro is working on a task; its v3 engine is not started meanwhile."
        assert told["error"]["hint"]
    person.assert_unharmed()


def test_no_source_harms_a_kiro_that_works_whatever_is_saved_as_the_default_engine(tmp_path: Path) -> None:
    person = Person(tmp_path, {"VERSION": "2.29.0", "DEFAULT_ENGINE": "v3", "OWN_HOME": "signed_out"})

    for source in ("report", "acp", "panel", "auto"):
        person.run("status", "--json", "--source", source)
    person.run("doctor", "--json")

    person.assert_unharmed()


def test_the_last_reading_stays_while_kiro_works(tmp_path: Path) -> None:
    person = Person(tmp_path, {"VERSION": "2.24.0"})
    person.run("status", "--json")
    person.said |= NOTHING_ELSE_WORKS

    status, told = person.run("status", "--json")

    assert status == 5
    assert "Kiro is working" in told["error"]["message"]
    assert told["reading"]["windows"][0]["used"] == 640.25
    assert told["reading"]["stale"]


@pytest.mark.usefixtures("kiro_at_work")
def test_a_running_kiro_is_enough_to_be_not_idle(tmp_path: Path) -> None:
    person = Person(tmp_path, {"VERSION": "2.24.0", **NOTHING_ELSE_WORKS})
    for task in person.tasks:
        task.unlink()
    person.tasks, person.before = [], []

    status, told = person.run("status", "--json", "--source", "acp")

    assert (status, told["error"]["code"]) == (5, "cli_failed")
    person.assert_unharmed()
