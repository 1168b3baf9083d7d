"""`kiro-tui watch` as a program: its lines, its talk, how it ends, and what it leaves behind."""

import json
import select
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from waiting import PATIENCE, wait_until
from world import DASHBOARD, World, on_linux

HANGS = "report:hangs"


class Watch:
    """A running `kiro-tui watch` without a terminal, as a service has it."""

    def __init__(self, world: World, *options: str, **env: str) -> None:
        self.process = subprocess.Popen(
            (*DASHBOARD, "watch", *options),
            env={**world.env, **env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        assert self.process.stdout is not None
        self.stdout = self.process.stdout

    def line(self, within: float = PATIENCE) -> dict[str, Any]:
        """Return the next line, which must have come out of the program by itself."""
        assert select.select([self.stdout], [], [], within)[0], "no line came"
        content: dict[str, Any] = json.loads(self.stdout.readline())
        return content

    def ended(self) -> tuple[int, str, str]:
        """Wait for the end; return the exit status and the rest of what it said."""
        rest, talk = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, rest.decode(), talk.decode()


@contextmanager
def watch(world: World, *options: str, **env: str) -> Iterator[Watch]:
    running = Watch(world, *options, **env)
    try:
        yield running
    finally:
        with running.process:  # closes what is open and waits
            running.process.kill()


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.fixture
def own_command(world: World, tmp_path: Path) -> Path:
    """Set a command in the person's settings, and return the file that it writes to."""
    got, folder = tmp_path / "got", Path(world.env["XDG_CONFIG_HOME"], "kiro-tui")
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text(f'[alerts]\ncommand = ["/bin/sh", "-c", "cat >> \'{got}\'"]\n')
    return got


def told(line: dict[str, Any]) -> tuple[str, str | None]:
    return line["kind"], line["threshold"]


def until_asked(world: World) -> None:
    wait_until(world.questions)


@on_linux
def test_each_alert_is_a_line_also_what_another_program_learned_and_it_ends_as_it_is_told(
    world: World, own_command: Path
) -> None:
    with watch(world, "--print-only", KIRO_SIM_USED="1600") as running:
        first = running.line()
        more = {**world.env, "KIRO_SIM_USED": "1900"}
        subprocess.run((*DASHBOARD, "status"), env=more, stdout=subprocess.DEVNULL, check=True)
        second = running.line()
        running.process.send_signal(signal.SIGTERM)
        status, rest, talk = running.ended()

    assert [told(first), told(second)] == [("used", "75"), ("used", "90")]
    assert [line["reading"]["windows"][0]["used"] for line in (first, second)] == [1600, 1900]
    assert first["reading"]["account"]["email"] == "p•••@example.com"
    assert (status, rest) == (128 + signal.SIGTERM, "")
    assert talk == "kiro-tui: watching; each alert is a line on stdout\n"
    assert world.questions() == 2
    assert not own_command.exists(), "--print-only sends nothing"
    assert world.all_ended()


@on_linux
def test_a_failure_of_kiro_cli_is_said_and_told_and_ends_nothing(world: World) -> None:
    with watch(world, "--print-only", KIRO_SIM_LOGIN="signed_out") as running:
        line = running.line()
        assert running.process.poll() is None
        running.process.send_signal(signal.SIGINT)
        status, rest, talk = running.ended()

    assert told(line) == ("signed_out", None)
    assert line["reading"] is None
    assert (status, rest) == (128 + signal.SIGINT, "")
    assert talk.count("Nobody is signed in to kiro-cli.") == 1
    assert world.all_ended()


@on_linux
def test_when_whoever_reads_its_lines_has_gone_it_ends_and_leaves_nothing(world: World) -> None:
    with watch(world, "--print-only", KIRO_SIM_FAILURE=HANGS) as running:
        until_asked(world)
        running.stdout.close()
        assert running.process.wait(timeout=PATIENCE) == 0
    assert world.all_ended()


@on_linux
def test_ended_while_kiro_cli_hangs_it_leaves_nothing(world: World) -> None:
    with watch(world, "--print-only", KIRO_SIM_FAILURE=HANGS) as running:
        until_asked(world)
        running.process.send_signal(signal.SIGHUP)
        assert running.ended()[0] == 128 + signal.SIGHUP
    assert world.all_ended()


@on_linux
def test_the_persons_own_command_gets_the_alert_too(world: World, own_command: Path) -> None:
    with watch(world, KIRO_SIM_USED="1600") as running:
        line = running.line()
        wait_until(lambda: own_command.exists() and own_command.read_text())

    assert json.loads(own_command.read_text())["title"] == line["title"]
    assert world.all_ended()
