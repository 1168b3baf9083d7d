"""A kiro-cli that costs next to nothing: a shell script that says what the simulator said once.

It answers `--version` and `whoami` by itself; what it does for everything else is the campaign's own shell code.
"""

import subprocess
import sys
from pathlib import Path

from world import World

REPORT = ("chat", "--no-interactive", "--agent-engine=v1", "--legacy-ui", "/usage")


def simulated(world: World, *argv: str, **variables: str) -> bytes:
    """Return what the simulator prints, whatever it makes of it."""
    done = subprocess.run(
        [sys.executable, "-m", "kiro_tui.simulator", *argv],
        env={**world.env, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,  # where kiro-cli prints its report
        check=False,
    )
    assert done.stdout, "it printed nothing"
    return done.stdout


def install(world: World, folder: Path, otherwise: str) -> None:
    """Write the script in the place of the world's kiro-cli."""
    (folder / "said-version").write_bytes(simulated(world, "--version"))
    (folder / "said-whoami").write_bytes(simulated(world, "whoami", "--format", "json"))
    world.kiro_cli.write_text(
        "#!/bin/sh\n"
        'case "$*" in\n'
        f"*--version*) exec cat {folder}/said-version ;;\n"
        f"*whoami*) exec cat {folder}/said-whoami ;;\n"
        "esac\n"
        f"{otherwise}\n"
    )
