"""The dashboard is killed at random moments, in a pane and in tmux: what is lost, what is left, what is broken?

    PYTHONPATH=tests python -m campaigns.kills --kills 200 --seed 1

All share one state folder, so that one dashboard finds what the one before it left. Each answer of the stand-in for
kiro-cli is a figure that was not there before. After each kill: no dashboard after a second, and nothing else when a
kiro-cli that hangs has had its time to leave; every file whole; every
reading that was ever in the journal or on a screen is in the journal; and, SIGKILL apart, the terminal as it was.
"""

import argparse
import json
import os
import random
import re
import signal
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import hostile
from multiplexer import DASHBOARD, Tmux, wait_for
from pane import Pane
from world import GONE, HANGING_GONE, World

from campaigns import results
from campaigns.stand_in import REPORT, install, simulated

SIGNALS = ("SIGKILL", "SIGTERM", "SIGHUP")
WAYS = (
    *((place, how) for how in SIGNALS for place in ("pane", "tmux")),
    ("tmux", "kill-pane"),
    ("tmux", "kill-server"),
)
WEIGHTS = (2, 1, 2, 1, 2, 1, 3, 3)
MOMENTS = {"launching": 30, "asking": 30, "writing": 25, "resting": 15}
"""When, and how often of a hundred."""
SCRIPTED = 0.5
"""How often of once a pane or server is killed the dashboard runs under a script."""
UNDER_A_SCRIPT = f"exec sh -c 'trap : HUP; {DASHBOARD}; :'"
"""The system tells a hang-up to the leader of the session only, here one that waits for its child before it goes."""
SHOWN = re.compile(r"(\d+\.\d\d) of 2000")
BEFORE = 0.01
LEAST = 640.25
"""What the first answer says; each later one says a hundredth more."""


@dataclass
class Found:
    """What the campaign saw."""

    kills: Counter[str] = field(default_factory=Counter)
    moments: Counter[str] = field(default_factory=Counter)
    scripted: int = 0
    """Under a script that hears the hang-up and waits."""
    readings: int = 0
    slowest: float = 0.0
    """Seconds until the last process was gone."""
    unfinished: int = 0
    """Temporary files that nobody will ever take for whole ones, and that stay until they are old."""
    wrong: list[str] = field(default_factory=list)


class Kills:
    """One campaign; the same for the same seed, but for the machine's own timing."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._folder = folder
        self._chance = random.Random(seed)  # noqa: S311 - to repeat a campaign, not to keep a secret
        self._world = World(folder)
        self._world.env["PYTHONFAULTHANDLER"] = "1"  # one that hangs is asked where
        self._state = folder / "state" / "kiro-tui"
        self._token = hostile.new_token()
        self._launch = 1.0
        self._known: set[str] = set()
        self.found = Found()
        self._install()

    def _install(self) -> None:
        before, _, after = simulated(self._world, *REPORT, KIRO_SIM_USED=f"{LEAST}").partition(f"{LEAST}".encode())
        (self._folder / "before").write_bytes(before)
        (self._folder / "after").write_bytes(after)
        self._asked, self._told = self._folder / "asked", self._folder / "told"
        self._asked.write_text("0\n")
        hanging = " ".join(
            f"'{part}'" if "'" not in part else f'"{part}"' for part in hostile.argv("silent", self._token)
        )
        # One in eight leaves something behind that is deaf, one in twenty hangs; the others take their time.
        install(
            self._world,
            self._folder,
            f"read -r n < {self._asked}\n"
            "n=$((n + 1))\n"
            f"echo $n > {self._asked}\n"
            f"[ $((n % 20)) = 7 ] && exec {hanging}\n"
            f"[ $((n % 8)) = 3 ] && (trap '' 1 15; setsid sleep 300.{self._token} > /dev/null 2>&1 &)\n"
            f"cat {self._folder}/before\n"
            "sleep 0.$((n % 5))\n"
            "printf '%d.%02d' $((640 + (25 + n) / 100)) $(((25 + n) % 100))\n"
            f"cat {self._folder}/after\n"
            f"echo $n > {self._told}",
        )

    def run(self, kills: int) -> Found:
        """Kill so many, and look after each."""
        ways = self._chance.choices(WAYS, WEIGHTS, k=kills)
        for number, (place, how) in enumerate(ways, 1):
            moment = self._chance.choices(list(MOMENTS), list(MOMENTS.values()))[0]
            self.found.kills[f"{how} in a pane" if place == "pane" else f"{how} in tmux"] += 1
            self.found.moments[moment] += 1
            name = f"{number}: {how} in {place}, {moment}"
            try:
                (self._in_a_pane if place == "pane" else self._in_tmux)(name, how, moment)
            except AssertionError as error:  # it did not come to where it was to be killed
                self._wrong(name, str(error)[:600])
            self._look_at_files(name)
            if number % 20 == 0:
                sys.stdout.write(f"{number} kills, {len(self.found.wrong)} faults\n")
                sys.stdout.flush()
        self.found.readings = len(self._known)
        return self.found

    def _wrong(self, name: str, what: str) -> None:
        self.found.wrong.append(f"{name}: {what}")
        sys.stdout.write(f"WRONG: {name}: {what}\n")

    # The ways

    def _in_a_pane(self, name: str, how: str, moment: str) -> None:
        began = time.monotonic()
        with self._world.pane() as pane:
            self._come_to(moment, began, lambda: pane.text, pane.press, lambda: pane.read(0.01))
            shown = SHOWN.findall(pane.text)
            pane.signal(signal.Signals[how])
            self._look_for_processes(name, set(), lambda: pane.read(0))
            try:
                pane.ended()
            except AssertionError:
                self._wrong(name, self._where_it_hangs(pane))
                return
            if how != "SIGKILL" and (pane.modes() or pane.attributes != pane.attributes_before):
                self._wrong(name, f"the terminal is not as it was: {pane.modes()}")
        self._look_for_readings(name, shown)

    @staticmethod
    def _where_it_hangs(pane: Pane) -> str:
        """Make it say where it is, which is its end."""
        said = len(pane.raw)
        pane.signal(signal.SIGABRT)
        with suppress(AssertionError):
            pane.ended()
        return pane.raw[said:].decode(errors="replace")[-4000:]

    def _in_tmux(self, name: str, how: str, moment: str) -> None:
        tmux = Tmux(self._world)
        try:
            wait_for("bash", tmux.screen)
            not_ours = set(self._world.alive()) if how in SIGNALS else set()
            began = time.monotonic()
            scripted = how not in SIGNALS and self._chance.random() < SCRIPTED
            self.found.scripted += scripted
            tmux.type(UNDER_A_SCRIPT if scripted else DASHBOARD)
            self._come_to(moment, began, tmux.screen, lambda keys: tmux("send-keys", keys), lambda: None)
            shown = SHOWN.findall(tmux.screen())
            if how in SIGNALS:
                self._signal(tmux, signal.Signals[how])
            else:
                tmux(how)
            self._look_for_processes(name, not_ours, lambda: None)
            if how in SIGNALS and how != "SIGKILL":
                flags = tmux.told("#{alternate_on} #{mouse_any_flag} #{cursor_flag}")
                if flags != "0 0 1":
                    self._wrong(name, f"the terminal is not as it was: {flags}")
        finally:
            tmux.end()
        self._look_for_readings(name, shown)

    @staticmethod
    def _signal(tmux: Tmux, number: signal.Signals) -> None:
        shell = tmux.told("#{pane_pid}")
        for _ in range(1000):  # the shell may not have come to it yet
            if children := Path(f"/proc/{shell}/task/{shell}/children").read_text().split():
                os.kill(int(children[0]), number)
                return

    # The moments

    def _come_to(
        self,
        moment: str,
        began: float,
        screen: Callable[[], str],
        press: Callable[[str], object],
        go_on: Callable[[], object],
    ) -> None:
        """Go on until the moment has come; a launch is killed anywhere from its first millisecond on."""

        def wait(seconds: float, holds: Callable[[], bool] = lambda: False) -> bool:
            until = time.monotonic() + seconds
            while time.monotonic() < until and not holds():
                go_on()
            return holds()

        if moment == "launching":
            wait(began + self._chance.random() * 1.2 * self._launch - time.monotonic())
            return
        asked, told = self._asked.read_text(), self._read(self._told)
        assert wait(60, lambda: bool(SHOWN.search(screen()))), f"nothing shown within a minute:\n{screen()}"
        self._launch = (4 * self._launch + time.monotonic() - began) / 5
        if moment == "resting":
            wait(self._chance.random())
            return
        for _ in range(40):  # a question that runs already is the answer to the key, and another one is needed
            press("r")
            if wait(0.5, lambda: self._asked.read_text() != asked):
                break
        else:
            raise AssertionError(f"not asked within 20 seconds:\n{screen()}")
        if moment == "asking":
            wait(self._chance.random() * 0.5)
        else:  # the one that hangs never comes to writing, and what it is killed in then is as good
            wait(5, lambda: self._read(self._told) != told)
            wait(self._chance.random() * 0.25)

    @staticmethod
    def _read(path: Path) -> str:
        return path.read_text() if path.exists() else ""

    # What is left

    def _look_for_processes(self, name: str, not_ours: set[int], go_on: Callable[[], object]) -> None:
        began = time.monotonic()
        waited = {pid: _waited_for_a_cpu(pid) for pid in self._alive() - not_ours}
        while left := self._alive() - not_ours:
            go_on()
            passed = time.monotonic() - began
            ours = {pid for pid in left if "-m kiro_tui" in _command_of(pid)}
            # Without the time in which it waited for a CPU that others had.
            ran = passed - max(_waited_for_a_cpu(pid) - waited.get(pid, 0.0) for pid in ours or left)
            if ran > (GONE if ours else HANGING_GONE):
                # One that is just being taken away has no command line any more.
                if lines := [line for pid in left if (line := _command_of(pid))]:
                    self._wrong(name, f"after {passed:.1f} s there are still {lines}")
                break
        self.found.slowest = max(self.found.slowest, time.monotonic() - began)

    def _alive(self) -> set[int]:
        return {*self._world.alive(), *hostile.alive(self._token)}

    def _look_at_files(self, name: str) -> None:
        self.found.unfinished = 0
        for path in self._state.rglob("*"):
            if path.name.startswith("."):
                self.found.unfinished += path.is_file()
            elif path.suffix == ".json":
                try:
                    json.loads(path.read_text())
                except ValueError as error:
                    self._wrong(name, f"{path.name} is not whole: {error}")
            elif ".corrupt-" in path.name:
                self._wrong(name, f"the journal was put aside: {path.name}")
            if path.is_file() and path.stat().st_mode & 0o077:
                self._wrong(name, f"{path.name} can be read by others")

    def _look_for_readings(self, name: str, shown: list[str]) -> None:
        file = self._state / "journal.sqlite3"
        if not file.exists():
            if shown or self._known:
                self._wrong(name, "the journal is gone")
            return
        with closing(sqlite3.connect(file)) as connection:
            if (verdict := connection.execute("PRAGMA integrity_check").fetchone()[0]) != "ok":
                self._wrong(name, f"the journal is damaged: {verdict}")
            rows = connection.execute("SELECT report FROM reading ORDER BY id").fetchall()
        there = {json.loads(report)["windows"][0]["used"] for (report,) in rows}
        if lost := (self._known | set(shown)) - there:
            self._wrong(name, f"lost: {sorted(lost)}")
        self._known = there


def _command_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")[:200]
    except OSError:
        return ""


def _waited_for_a_cpu(pid: int) -> float:
    """Return the seconds in which it could have run and other programs did."""
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[1]) / 1e9
    except OSError:
        return 0.0


def main() -> int:
    """Run one campaign from the command line; 1 when something was lost, left or broken."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    results.add_option(parser, "kills")
    options = parser.parse_args()
    sys.stdout.write(f"seed {options.seed}\n")
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # under nohup all that we start would take no notice of it for a while
    with TemporaryDirectory(prefix="kiro-tui-kills-") as folder:
        found = Kills(Path(folder), options.seed).run(options.kills)
    sys.stdout.write(
        "\n".join(
            [
                "",
                *(f"{how:24}{count:5}" for how, count in sorted(found.kills.items())),
                *(f"while {moment:18}{count:5}" for moment, count in found.moments.items()),
                f"readings kept           {found.readings:5}",
                f"all gone after at most  {found.slowest * 1000:5.0f} ms",
                f"temporary files left    {found.unfinished:5}",
                f"faults                  {len(found.wrong):5}",
                "",
            ]
        )
    )
    results.keep(options, {"seed": options.seed, **{name: getattr(found, name) for name in Found.__dataclass_fields__}})
    return int(bool(found.wrong))


if __name__ == "__main__":
    sys.exit(main())
