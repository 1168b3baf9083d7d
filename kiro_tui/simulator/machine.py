"""The simulator's hands: the terminal, the pauses, the files, the browser, and the log of all that it did.

Everything with an effect goes through here, and everything that would do harm in a real kiro-cli is noted. The only
file of the simulator that reads a clock or waits. It writes below KIRO_HOME and HOME only, and to the files that a
variable names.
"""

import contextlib
import json
import os
import select
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from kiro_tui.simulator.replies import SIGN_IN_PAGE, Reply

HANG_SECONDS = 600
"""A run that never ends by itself ends after this, so that a forgotten one does not stay for ever."""
FALLBACK_COLUMNS, FALLBACK_ROWS = 80, 24


def now() -> datetime:
    """Return the wall time, aware, in UTC."""
    return datetime.now(UTC)


def monotonic() -> float:
    """Return seconds from an arbitrary start."""
    return time.monotonic()


class Machine:
    """What one start of the simulator runs on."""

    def __init__(self, environment: Mapping[str, str], log_path: str | None) -> None:
        self.environment = environment
        self.pace = 1.0
        self.drips = False
        self._log_path = log_path

    @property
    def on_terminal(self) -> bool:
        """Whether standard output is a terminal."""
        return os.isatty(1)

    @property
    def size(self) -> tuple[int, int]:
        """Columns and rows."""
        for descriptor in (1, 0, 2):
            with contextlib.suppress(OSError):
                columns, rows = os.get_terminal_size(descriptor)
                if columns and rows:
                    return columns, rows
        return FALLBACK_COLUMNS, FALLBACK_ROWS

    def out(self, text: str) -> None:
        """Write to standard output."""
        self._write(1, text)

    def err(self, text: str) -> None:
        """Write to standard error."""
        self._write(2, text)

    def _write(self, descriptor: int, text: str) -> None:
        data = text.encode("utf-8", "surrogateescape")
        while data:
            written = os.write(descriptor, data[:1] if self.drips else data)
            data = data[written:]

    def say(self, reply: Reply) -> int:
        """Say a reply, with all that comes with it, and return the exit status."""
        if reply.opens_browser:
            self.open_browser(SIGN_IN_PAGE)
        self.out(reply.out)
        self.err(reply.err)
        if reply.hangs:
            self.hang()
        return reply.status

    def pause(self, seconds: float) -> None:
        """Wait as long as the real one would, times the pace."""
        if seconds * self.pace > 0:
            time.sleep(seconds * self.pace)

    def wait(self, seconds: float) -> None:
        """Wait so many seconds, whatever the pace."""
        time.sleep(seconds)

    def hang(self) -> None:
        """Do nothing until somebody ends us."""
        time.sleep(HANG_SECONDS)

    def log(self, event: str, **facts: object) -> None:
        """Add one line to the log; one write, so that several processes may share it."""
        if self._log_path:
            line = json.dumps({"event": event, **facts, "pid": os.getpid()}) + "\n"
            descriptor = os.open(self._log_path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                os.write(descriptor, line.encode())
            finally:
                os.close(descriptor)

    def charge(self, credits_spent: str, prompt: str) -> None:
        """Note credits that the real one would have cost."""
        self.log("charged", credits=credits_spent, prompt=prompt)

    def open_browser(self, url: str) -> None:
        """Note that a sign-in page is opened, and run $BROWSER as the real one would."""
        self.log("browser", url=url)
        if browser := self.environment.get("BROWSER"):
            import subprocess  # noqa: PLC0415 - rare, and every start costs

            with contextlib.suppress(OSError):
                subprocess.run(  # noqa: S603 - running what the variable names is the point
                    [*browser.split(), url],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    timeout=10,
                    check=False,
                )

    def ask_cursor(self, within: float) -> None:
        """Ask the terminal where its cursor is, as the classic engine does, and wait so long for its answer."""
        if not any(os.isatty(descriptor) for descriptor in (0, 1, 2)):
            return
        try:
            terminal = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
        except OSError:
            return
        try:
            with raw(terminal):
                os.write(terminal, b"\033[6n")
                ready, _, _ = select.select([terminal], [], [], within)
                answer = os.read(terminal, 64) if ready else b""
            self.log("cursor", answered=answer.endswith(b"R"))
        finally:
            os.close(terminal)

    @property
    def home(self) -> Path:
        """Kiro's folder: KIRO_HOME, or ~/.kiro."""
        if named := self.environment.get("KIRO_HOME"):
            return Path(named)
        return self.own_home

    @property
    def own_home(self) -> Path:
        """~/.kiro, whatever KIRO_HOME says."""
        return Path(self.environment.get("HOME") or "/nonexistent") / ".kiro"

    @property
    def private_home(self) -> bool:
        """Whether somebody gave us a home that is not the user's own."""
        return self.home != self.own_home

    def write_file(self, path: Path, text: str, event: str = "wrote") -> None:
        """Write a file of Kiro's for real, and say so in the log; a home that cannot be written is left alone."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            self.log(event, path=str(path), error=str(error))
        else:
            self.log(event, path=str(path))

    def read_json(self, path: Path) -> dict[str, object]:
        """Return a settings file's content, {} where there is none."""
        try:
            content: object = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return content if isinstance(content, dict) else {}

    def start_mcp_servers(self, home: Path) -> None:
        """Note every MCP server that the real one would start from the home and the working directory."""
        for folder in (home, Path(".kiro").absolute()):
            path = folder / "settings" / "mcp.json"
            servers = self.read_json(path).get("mcpServers")
            for name in servers if isinstance(servers, dict) else ():
                self.log("mcp_server", name=name, path=str(path))

    def write_session(self, home: Path, *, v3: bool = False) -> str:
        """Write the session file that every conversation leaves behind; returns its id."""
        raw_id = os.urandom(16).hex()
        session = "-".join((raw_id[:8], raw_id[8:12], raw_id[12:16], raw_id[16:20], raw_id[20:]))
        if v3:
            self.write_file(home / "sessions" / raw_id[:16] / f"sess_{session}" / "messages.jsonl", "")
        else:
            content: dict[str, object] = {
                "session_id": session,
                "cwd": str(Path.cwd()),
                "title": None,
                "session_state": {},
            }
            self.write_file(home / "sessions" / "cli" / f"{session}.json", json.dumps(content))
        return session

    def rewrite_agents(self, home: Path) -> None:
        """Rewrite the user's agent files in place, as an interactive start of engine v3 does."""
        for path in sorted((home / "agents").glob("*.json")):
            self.write_file(path, json.dumps({**self.read_json(path), "schema": "v3"}), event="rewrote")


@contextlib.contextmanager
def raw(terminal: int) -> Iterator[None]:
    """Hold a terminal in raw mode: no echo, no lines, no signals from keys."""
    import termios  # noqa: PLC0415 - only where there is a terminal
    import tty  # noqa: PLC0415 - only where there is a terminal

    before = termios.tcgetattr(terminal)
    # What has been typed ahead is kept: a person, or a program, may well be quicker than we are.
    tty.setraw(terminal, termios.TCSANOW)
    try:
        yield
    finally:
        termios.tcsetattr(terminal, termios.TCSANOW, before)
