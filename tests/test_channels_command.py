"""The person's own command: what it is given, one at a time, for a limited time, and nothing of it stays."""

import asyncio
import json
import logging
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import hostile
import pytest
from channels import USED, programs
from waiting import wait_until

from kiro_tui.alerts.command import MOST_WAITING, OwnCommand
from kiro_tui.domain.alerts import AlertKind, Severity
from kiro_tui.domain.told import Channel, Fate, Told
from kiro_tui.output.alerts import document

ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def _nothing_is_left() -> Iterator[None]:
    before, others = hostile.descriptors(), hostile.zombies()
    yield
    assert hostile.zombies() <= others
    # The event loop that pytest closes after us is part of the first number.
    assert hostile.descriptors() <= before


def own(folder: Path, script: str, *arguments: str, seconds: float = 20.0) -> OwnCommand:
    """A command that runs this shell script in the folder."""
    (folder / "own").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "own").chmod(0o755)
    return OwnCommand(programs({}, folder), (str(folder / "own"), *arguments), seconds)


async def test_it_gets_the_alert_as_json_and_in_variables(tmp_path: Path) -> None:
    told = await own(tmp_path, 'cat > said; printf %s "$*" > arguments; env > variables', "a b", "*").send(USED)

    assert told == Told(Channel.COMMAND, Fate.SENT, f"to {tmp_path}/own")
    assert json.loads((tmp_path / "said").read_text()) == document(USED)
    assert (tmp_path / "arguments").read_text() == "a b *"
    lines = (tmp_path / "variables").read_text().splitlines()
    assert sorted(line for line in lines if line.startswith("KIRO_TUI_ALERT_")) == [
        "KIRO_TUI_ALERT_AT=2026-06-11T12:00:00Z",
        "KIRO_TUI_ALERT_KIND=used",
        "KIRO_TUI_ALERT_SEVERITY=critical",
        "KIRO_TUI_ALERT_TEXT=1800 of 2000 credits.",
        "KIRO_TUI_ALERT_THRESHOLD=90",
        "KIRO_TUI_ALERT_TITLE=90% used",
        "KIRO_TUI_ALERT_WINDOW=Credits",
    ]
    assert f"HOME={tmp_path}" in lines


async def test_what_is_unknown_is_null_and_an_empty_variable(tmp_path: Path) -> None:
    alert = replace(USED, window=None, threshold=None)
    await own(tmp_path, 'cat > said; echo "[$KIRO_TUI_ALERT_WINDOW]" > variable').send(alert)

    assert json.loads((tmp_path / "said").read_text())["window"] is None
    assert (tmp_path / "variable").read_text() == "[]\n"


async def test_it_need_not_read_what_it_is_given(tmp_path: Path) -> None:
    told = await own(tmp_path, "exec <&-; exit 0").send(replace(USED, title="x" * 60_000, text="x" * 60_000))

    assert told.fate is Fate.SENT


async def test_it_has_no_terminal_to_write_to(tmp_path: Path) -> None:
    told = await own(tmp_path, "(: > /dev/tty) 2>/dev/null && exit 3; exit 0").send(USED)

    assert told.fate is Fate.SENT


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("echo; echo first; echo 'no \033]0;way\007' >&2; exit 3", "ended with exit status 3: no ]0;way"),
        ("kill -9 $$", "was ended by signal 9"),
        ("yes | head -c 100000", "wrote more than 64 KiB and was ended"),
    ],
)
async def test_its_failure_is_a_word_and_no_more(tmp_path: Path, script: str, why: str) -> None:
    told = await own(tmp_path, script).send(USED)

    assert told == Told(Channel.COMMAND, Fate.FAILED, f"{tmp_path}/own {why}")


async def test_one_that_cannot_be_started_has_failed(tmp_path: Path) -> None:
    told = await OwnCommand(programs({}, tmp_path), ("/nowhere/at-all",), 5.0).send(USED)

    assert told == Told(Channel.COMMAND, Fate.FAILED, f"/nowhere/at-all cannot be started: {os.strerror(2)}")


async def test_what_it_says_is_logged_a_clean_line_each(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "kiro_tui.alerts"):
        await own(tmp_path, r"printf 'one\033[31m\n\n\302\233two\r\n'").send(USED)

    assert [record.getMessage() for record in caplog.records] == [
        f"{tmp_path}/own said: one[31m",
        f"{tmp_path}/own said: two",
    ]


async def test_at_its_limit_it_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    token = hostile.new_token()
    script = f"export TOKEN={token}; sleep 60 & setsid sleep 60 & trap '' TERM; echo > begun; sleep 60"
    told = await own(tmp_path, script, seconds=1.0).send(USED)

    assert (tmp_path / "begun").exists()
    assert told.text == f"{tmp_path}/own was not done in time and was ended"
    assert hostile.alive(token) == {}


async def test_what_it_leaves_in_the_background_is_ended_with_it(tmp_path: Path) -> None:
    token = hostile.new_token()
    told = await own(tmp_path, f"export TOKEN={token}; sleep 60 > /dev/null 2>&1 & exit 0").send(USED)

    assert told.fate is Fate.SENT
    assert hostile.alive(token) == {}


async def test_one_runs_at_a_time_and_in_order(tmp_path: Path) -> None:
    script = 'mkdir alone || exit 1; echo "$KIRO_TUI_ALERT_THRESHOLD" >> order; sleep 0.05; rmdir alone'
    command = own(tmp_path, script)
    told = await asyncio.gather(*(command.send(replace(USED, threshold=str(number))) for number in range(4)))

    assert {each.fate for each in told} == {Fate.SENT}
    assert (tmp_path / "order").read_text().split() == ["0", "1", "2", "3"]


async def test_more_than_a_few_do_not_wait(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "gate")
    command = own(tmp_path, "cat gate")
    first = [asyncio.create_task(command.send(USED)) for _ in range(MOST_WAITING + 1)]
    await asyncio.wait(first, timeout=0)
    async with asyncio.timeout(20):
        too_many = await command.send(USED)
    for task in first:
        task.cancel()
    await asyncio.wait(first)

    assert too_many == Told(Channel.COMMAND, Fate.FAILED, "8 alerts wait for it already")
    assert all(task.cancelled() for task in first)


async def test_a_cancelled_alert_ends_its_command_and_the_next_has_its_turn(tmp_path: Path) -> None:
    token = hostile.new_token()
    os.mkfifo(tmp_path / "begun")
    command = own(
        tmp_path, f'[ "$KIRO_TUI_ALERT_KIND" = used ] || exit 0; export TOKEN={token}; echo > begun; sleep 60'
    )
    running = asyncio.create_task(command.send(USED))
    await asyncio.to_thread((tmp_path / "begun").read_text)
    running.cancel()
    await asyncio.wait([running])

    assert running.cancelled()
    assert hostile.alive(token) == {}
    assert (await command.send(replace(USED, kind=AlertKind.RESET))).fate is Fate.SENT


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks in /proc, which only Linux has")
def test_it_is_ended_when_kiro_tui_is_killed_meanwhile(tmp_path: Path) -> None:
    token = hostile.new_token()
    script = tmp_path / "own"
    os.mkfifo(tmp_path / "begun")
    script.write_text(f"#!/bin/sh\nexport TOKEN={token}\necho > {tmp_path}/begun\nsleep 60\n")
    script.chmod(0o755)
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "KIRO_TUI_ALERTS_COMMAND": str(script)}
    argv = [sys.executable, "-m", "kiro_tui", "alerts", "test"]
    with subprocess.Popen(argv, env=environment, cwd=ROOT, stdout=subprocess.DEVNULL) as kiro_tui:
        (tmp_path / "begun").read_text()
        kiro_tui.send_signal(signal.SIGKILL)

    wait_until(lambda: not hostile.alive(token), lambda: hostile.alive(token))


async def test_it_may_ask_kiro_tui(tmp_path: Path) -> None:
    command = own(tmp_path, f'cd "{ROOT}" && "{sys.executable}" -m kiro_tui history --json')

    assert (await command.send(USED)).fate is Fate.SENT


@pytest.mark.parametrize(
    ("severity", "sent"), [(Severity.WARNING, None), (Severity.CRITICAL, "a $(b) `c` @/etc/passwd")]
)
async def test_the_script_in_the_documentation_works(tmp_path: Path, severity: Severity, sent: str | None) -> None:
    guide = (ROOT / "docs" / "alerts.md").read_text()
    (script,) = re.findall(r"```sh\n(#!/bin/sh\n.*?)```", guide, re.DOTALL)
    (tmp_path / "alert").write_text(script)
    (tmp_path / "curl").write_text(
        '#!/bin/sh\nwhile [ "$1" != --data-raw ]; do shift; done\nprintf %s "$2" > "$HOME/sent"\n'
    )
    for name in ("alert", "curl"):
        (tmp_path / name).chmod(0o755)
    here = programs({"PATH": f"{tmp_path}:{os.environ['PATH']}"}, tmp_path)
    alert = replace(USED, severity=severity, text="a $(b) `c` @/etc/passwd")
    told = await OwnCommand(here, (str(tmp_path / "alert"),), 20.0).send(alert)

    assert told.fate is Fate.SENT
    listed = (tmp_path / "kiro-alerts.txt").read_text()
    assert listed == "2026-06-11T12:00:00Z 90% used: a $(b) `c` @/etc/passwd\n"
    assert ((tmp_path / "sent").read_text() if (tmp_path / "sent").exists() else None) == sent


def test_the_documentation_shows_the_json_as_it_is() -> None:
    guide = (ROOT / "docs" / "alerts.md").read_text()
    (shown,) = re.findall(r"```json\n(.*?)```", guide, re.DOTALL)

    example = json.loads(shown)
    said = replace(USED, title=example["title"], text=example["text"], at=datetime.fromisoformat(example["at"]))
    assert example == document(said)
    assert all(f"`{kind}`" in guide for kind in AlertKind if kind is not AlertKind.TEST)
    assert all(f"**`{channel}`**" in guide for channel in Channel)
