"""How long kiro-tui needs for a question, beside kiro-cli's own time for it: a program of its own.

    python -m benchmarks.asked TIMES

Asks as a dashboard does that is left alone, and each time after that has the same kiro-cli run alone, on a terminal,
until it ends. Prints both as JSON (seconds).
"""

import asyncio
import json
import os
import pty
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from kiro_tui.clock import SystemClock
from kiro_tui.commands.shared import open_shared
from kiro_tui.domain.state import Snapshot
from kiro_tui.settings import load
from kiro_tui.sharing.source import SharedSource


async def main(count: int) -> None:
    """Print what was measured."""
    took: dict[str, list[float]] = {"asked": [], "alone": []}
    with open_shared(load({}, os.environ), SystemClock()) as source:
        await _answer(source)  # the introduction comes with the first question only
        for _ in range(count):
            began = time.perf_counter()
            await _answer(source)
            took["asked"].append(time.perf_counter() - began)
            took["alone"].append(_alone(_last_question()))
    sys.stdout.write(json.dumps(took))


async def _answer(source: SharedSource) -> None:
    answer = await source.ask()
    assert isinstance(answer, Snapshot), answer  # noqa: S101 - where it fails there is nothing to measure


def _last_question() -> list[str]:
    events: list[dict[str, Any]] = list(
        map(json.loads, Path(os.environ["KIRO_SIM_LOG"]).read_text(encoding="utf-8").splitlines())
    )
    (*_, last) = (event for event in events if event["event"] == "started")
    return list(last["argv"])


def _alone(argv: list[str]) -> float:
    began = time.perf_counter()
    ours, its = pty.openpty()
    with subprocess.Popen(["kiro-cli", *argv], stdin=its, stdout=its, stderr=its, start_new_session=True):
        os.close(its)
        with suppress(OSError):  # so a terminal ends that nobody holds any more
            while os.read(ours, 65_536):
                pass
    os.close(ours)
    return time.perf_counter() - began


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
