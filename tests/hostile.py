"""Programs that do what programs under a dashboard have been seen to do, and a census of what they leave behind.

Each is made for one *token*: digits that stand in the arguments of everything that it starts, and in the environment
of what keeps one. So a process is found by either, even if it cleared the other.
"""

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import waiting

_SHELL = {
    "polite": "printf 'Credits (12.50 of 50 covered in plan)'",
    "exits with 23": "exit 23",
    "drops dead": "kill -9 $$",
    "not utf-8": r"printf '\377\376'",
    "silent": "sleep NAP",
    "half an answer": "printf 'Credits (12.5'; sleep NAP",
    "stops itself": "printf x; kill -STOP $$; sleep NAP",
    "flood": "exec yes NAP",
    "no environment": """
        setsid env -i sh -c 'trap "" 1 2 15; sleep NAP & wait' &
        printf x; sleep NAP
    """,
    "tree of thirty": """
        trap '' 15 1
        for i in 1 2 3 4 5 6 7 8 9 10; do setsid sh -c 'trap "" 15 1; sleep NAP & sleep NAP & wait' & done
        printf x; wait
    """,
    "background, same group": """
        trap '' 15 1
        sleep NAP >/dev/null 2>&1 </dev/null &
        printf done
    """,
    "daemon": """
        setsid -f sh -c 'trap "" 1 15; sleep NAP' </dev/null >/dev/null 2>&1
        printf started
    """,
}

_PRELUDE = """
import os, signal, sys, time, tty

def nap():
    time.sleep(NAP)

def deaf():
    for number in (1, 2, 3, 15):
        signal.signal(number, signal.SIG_IGN)

def say(text):
    os.write(1, text)
"""

_PYTHON = {
    "deaf": """
deaf(); say(b'x'); nap()
""",
    # The one who stays holds the terminal open after the program has gone.
    "setsid holder": """
ready, holding = os.pipe()
if os.fork() == 0:
    os.setsid(); deaf(); os.write(holding, b'.'); nap()
os.read(ready, 1); say(b'out')
""",
    "double fork": """
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        deaf(); os.closerange(0, 99); nap()
    os._exit(0)
say(b'x'); nap()
""",
    "forks when asked to go": """
def fork_again(*_):
    if os.fork() == 0:
        os.setsid(); deaf(); nap()
signal.signal(1, fork_again); signal.signal(15, fork_again)
say(b'x')
while True:
    nap()
""",
    "waits for an answer": """
tty.setraw(0)
say(b'\x1b[6n\x1b[c'); say(b'GOT ' + os.read(0, 64))
""",
    # A new process every half a millisecond, each in a session of its own, so that no look finds it where it was.
    "hopper": """
deaf(); say(b'x')
end = time.monotonic() + NAP
while time.monotonic() < end:
    if os.fork():
        os._exit(0)
    os.setsid(); time.sleep(0.0005)
""",
    "closes everything and lives": """
deaf(); say(b'x'); os.closerange(0, 99); nap()
""",
}

NAMES = (*_SHELL, *_PYTHON)

eventually = waiting.eventually


def new_token() -> str:
    """Return digits that no other process has in its arguments."""
    return f"{random.getrandbits(60):019d}"


def argv(name: str, token: str) -> tuple[str, ...]:
    """Return the hostile program of that name; it naps for 300 seconds unless somebody ends it."""
    nap = f"300.{token}"
    if name in _SHELL:
        return ("/bin/sh", "-c", _SHELL[name].replace("NAP", nap), token)
    return (
        sys.executable,
        "-S",
        "-E",
        "-c",
        (_PRELUDE + _PYTHON[name]).replace("NAP", nap),
        token,
    )


def refreshing(token: str, stored: Path, seconds: float = 1.2, also: str = "") -> tuple[str, ...]:
    """Return a program that answers, and needs so many seconds more to store something in a file.

    Meanwhile any signal ends it. `also` is Python that it runs before it answers.
    """
    script = f"{_PRELUDE}{also}\nsay(b'answer'); time.sleep({seconds}); open({str(stored)!r}, 'w').close()"
    return (sys.executable, "-S", "-E", "-c", script.replace("NAP", f"300.{token}"), token)


def environment(token: str) -> dict[str, str]:
    """Return the smallest environment in which they run, with the token in it."""
    return {"PATH": os.environ["PATH"], "TOKEN": token}


def alive(token: str) -> dict[int, str]:
    """Return who is alive and bears the token, pid and command line; zombies have neither and do not count."""
    found = {}
    for process in Path("/proc").iterdir():
        if process.name.isdigit() and int(process.name) != os.getpid():
            try:
                line, variables = (process / "cmdline").read_bytes(), (process / "environ").read_bytes()
            except OSError:  # it ended while we looked
                continue
            if token.encode() in line + variables:
                found[int(process.name)] = line.replace(b"\0", b" ").decode(errors="replace")
    return found


def descriptors() -> int:
    """Return how many descriptors this process has open."""
    return len(list(Path("/proc/self/fd").iterdir())) - 1


def zombies() -> set[int]:
    """Return our children that have ended and that nobody has collected."""
    return {child for child in children(os.getpid()) if _is_zombie(child)}


def children(pid: int) -> list[int]:
    """Return the children of a process."""
    return [
        int(child) for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()
    ]


def runs(pid: int) -> bool:
    """Return whether a process is there and has not ended."""
    return Path(f"/proc/{pid}").exists() and not _is_zombie(pid)


def _is_zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:  # somebody has just collected it
        return False


def collect_zombies() -> None:
    """Collect our children that have ended."""
    for pid in zombies():
        os.waitpid(pid, 0)


def inherits_orphans() -> bool:
    """Return whether an orphan below this process becomes its child."""
    made = subprocess.run(["/bin/sh", "-c", "sleep 300 >&- 2>&- & echo $!"], capture_output=True, check=True)
    orphan = int(made.stdout)
    parent = int(Path(f"/proc/{orphan}/stat").read_text().split()[3])
    os.kill(orphan, signal.SIGKILL)
    if parent == os.getpid():
        os.waitpid(orphan, 0)
    return parent == os.getpid()
