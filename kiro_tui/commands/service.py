"""`kiro-tui service`: the unit that runs `kiro-tui watch` in the background, for systemd or for launchd.

It is printed, with how to install it, and nothing is written: what starts by itself on a machine is for its owner to
say. Must never let a path end a line, a word or a tag of it.
"""

import os
import plistlib
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from kiro_tui.errors import UsageError
from kiro_tui.streams import write

LABEL = "kiro-tui.watch"
USUAL_PATH = "/usr/local/bin:/usr/bin:/bin"
UNFIT_FOR_A_PROGRAM = frozenset("\"'\\$")
"""systemd takes these in the arguments of a program, and not in its path."""
PAUSE = 30
"""Seconds before it is started again."""


def run(system: str | None) -> int:
    """Print the unit for this kiro-tui; None is the system that we are on."""
    argv, environment = (*this_program(sys.argv[0]), "watch"), kept(os.environ)
    wanted = system or ("launchd" if sys.platform == "darwin" else "systemd")
    write(launchd(argv, environment) if wanted == "launchd" else systemd(argv, environment))
    return 0


def this_program(called_as: str) -> tuple[str, ...]:
    """Return how to start what runs now, from anywhere."""
    found = shutil.which(called_as) if Path(called_as).name == "kiro-tui" else None
    return (str(Path(found).absolute()),) if found else (sys.executable, "-m", "kiro_tui")


def kept(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that the service needs: with this PATH kiro-cli is found then as it is now."""
    return {"PATH": environment.get("PATH") or USUAL_PATH}


def systemd(argv: Sequence[str], environment: Mapping[str, str]) -> str:
    """Return a user unit."""
    if UNFIT_FOR_A_PROGRAM & set(argv[0]):
        argv = ("/usr/bin/env", *argv)
    command = " ".join(_word(each.replace("$", "$$")) for each in argv)
    variables = "\n".join(f"Environment={_word(f'{name}={value}')}" for name, value in environment.items())
    return f"""\
# Alerts of kiro-tui in the background. To install it:
#   kiro-tui service systemd > ~/.config/systemd/user/kiro-tui.service
#   systemctl --user enable --now kiro-tui.service
# What it says:  journalctl --user -u kiro-tui.service
# Also while you are not logged in:  loginctl enable-linger

[Unit]
Description=Alerts for Kiro credits
Documentation=https://kiro.dev
After=dbus.socket graphical-session.target
StartLimitIntervalSec=0

[Service]
Type=exec
ExecStart={command}
{variables}
Restart=on-failure
RestartSec={PAUSE}
# From systemd 254 on ever more rarely, up to every ten minutes; an older one leaves these two out.
RestartSteps=5
RestartMaxDelaySec=10min
# Wrong settings do not mend themselves.
RestartPreventExitStatus=2
SuccessExitStatus=130 143
# Only kiro-tui is told to end: kiro-cli may be storing a sign-in, and is ended after four seconds at most.
KillMode=process
Nice=5
UMask=0077
# kiro-cli needs its home and the network, so these are not touched.
NoNewPrivileges=yes
RestrictSUIDSGID=yes
RestrictRealtime=yes
LockPersonality=yes

[Install]
WantedBy=default.target
"""


def _word(text: str) -> str:
    """Return a text as one word of a unit: quoted, and without anything that systemd would fill in."""
    _check(text)
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"'


def launchd(argv: Sequence[str], environment: Mapping[str, str]) -> str:
    """Return a property list for a launch agent."""
    for text in (*argv, *environment.values()):
        _check(text)
    agent = {
        "Label": LABEL,
        "ProgramArguments": list(argv),
        "EnvironmentVariables": dict(environment),
        "RunAtLoad": True,
        "KeepAlive": {"SuccessfulExit": False},
        "ThrottleInterval": PAUSE,
        "ProcessType": "Background",
        "LowPriorityIO": True,
        "Umask": 0o077,
    }
    declarations, opening, rest = plistlib.dumps(agent, sort_keys=False).decode().partition("<plist ")
    how = f"""\
<!-- Alerts of kiro-tui in the background. To install it:
       kiro-tui service launchd > ~/Library/LaunchAgents/{LABEL}.plist
       launchctl bootstrap gui/$(id -u) ~/Library/LaunchAgents/{LABEL}.plist
     To be rid of it:
       launchctl bootout gui/$(id -u)/{LABEL} -->
"""
    return declarations + how + opening + rest


def _check(text: str) -> None:
    if not text.isprintable():
        raise UsageError(
            "The path to kiro-tui or PATH holds a character that no unit can hold.",
            "Start kiro-tui from another place, or with another PATH.",
        )
