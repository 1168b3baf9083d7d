"""One run of the benchmark as a value that is kept as JSON: what was measured, when, where, and how undisturbed.

It holds nothing that names a person or a place.
"""

import json
import os
import platform
import subprocess
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from shutil import which

from benchmarks.samples import Samples

LIBRARIES = ("kiro-tui", "textual", "rich", "pyte", "pexpect")


@dataclass(slots=True)
class Results:
    """All figures of one run, as far as it has come."""

    date: str
    machine: str
    versions: dict[str, str]
    window: float
    """Seconds for which programs at rest were watched, in each round."""
    polls: int
    runs: int = 0
    """Rounds that are done."""
    others: list[float] = field(default_factory=list)
    """How many processors other programs used just before each trial."""
    samples: Samples = field(default_factory=dict)


def begin(window: float, polls: int) -> Results:
    """Return a run that is about to be made, here and today."""
    versions = {"Python": platform.python_version()} | {name: version(name) for name in LIBRARIES}
    if htop := which("htop"):
        said = subprocess.run([htop, "--version"], capture_output=True, text=True, check=False).stdout.split()
        versions["htop"] = said[1] if len(said) > 1 else "unknown"
    machine = f"{os.cpu_count()} processors ({_processor()}), {platform.system()} {platform.release()}"
    return Results(f"{datetime.now(UTC):%Y-%m-%d}", machine, versions, window, polls)


def save(results: Results, path: Path) -> None:
    """Write it as JSON, figures to the microsecond."""
    plain = asdict(results)
    for measures in plain["samples"].values():
        measures.update({name: [round(figure, 6) for figure in figures] for name, figures in measures.items()})
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(plain, indent=1) + "\n", encoding="utf-8")


def load(path: Path) -> Results:
    """Return what was written."""
    return Results(**json.loads(path.read_text(encoding="utf-8")))


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())
