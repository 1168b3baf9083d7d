"""What a start of engine v3 does to the user's machine: it takes the status away from running and queued tasks.

The real one does this below the real home, whatever KIRO_HOME says, and leaves a log folder there (docs/kiro-cli.md,
section 4). Every start is logged as `v3_started`. Files change only where a test asks for it: with KIRO_SIM_HARM=1,
below HOME, and never where HOME is the home of the user who runs this, or a link leads out of it.
"""

import json
import os
import pwd
from pathlib import Path

from kiro_tui.simulator.machine import Machine
from kiro_tui.simulator.values import PREFIX, BadScenario

LOST_STATUSES = {"running", "queued"}


def check_home(machine: Machine) -> None:
    """Raise BadScenario where files below HOME must not be changed."""
    home = machine.environment.get("HOME")
    if not home:
        raise BadScenario(f"{PREFIX}HARM changes files below HOME, which is not set")
    if Path(home).resolve() == _real_home():
        raise BadScenario(
            f"{PREFIX}HARM is refused: HOME is the real home of this user; set HOME to a test's own folder"
        )


def start_v3(machine: Machine, *, harm: bool) -> None:
    """Do what every start of engine v3 does; `harm` says whether files really change."""
    machine.log("v3_started")
    if not harm:
        return
    check_home(machine)
    for path in sorted(machine.own_home.glob("tasks/*/*.meta.json")):
        content = machine.read_json(path)
        if content.get("status") in LOST_STATUSES and _is_below_home(path, machine):
            del content["status"]
            machine.write_file(path, json.dumps(content), event="rewrote")
            machine.log("harm", what="task status removed", path=str(path))
    log = machine.own_home / "logs" / f"v3-{os.getpid()}" / "kiro.log"
    if _is_below_home(log, machine):
        machine.write_file(log, "engine v3 started\n")


def _is_below_home(path: Path, machine: Machine) -> bool:
    """Whether the file really lies below HOME, and not in the Kiro folder of the user who runs this."""
    real, real_home = path.resolve(), _real_home()
    below = real.is_relative_to(Path(machine.environment["HOME"]).resolve())
    return below and not (real_home and real.is_relative_to((real_home / ".kiro").resolve()))


def _real_home() -> Path | None:
    """Return this user's home as the user database has it, None where the user is not in it."""
    try:
        return Path(pwd.getpwuid(os.getuid()).pw_dir).resolve()
    except KeyError:
        return None
