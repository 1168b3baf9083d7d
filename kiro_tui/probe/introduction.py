"""What must be known before the usage may be asked for: which kiro-cli is there, what it accepts, and who is signed in.

`whoami` comes before everything that could open a browser window. To keep the usual question at one process, an
introduction is believed for half an hour, unless the file changes, a question fails or a person asks. While nobody is
signed in only `whoami` is asked, each time, and nothing else at all.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from kiro_tui.clock import Clock
from kiro_tui.domain.state import SourceName
from kiro_tui.domain.usage import Account
from kiro_tui.errors import NotInstalled, NotLoggedIn, ProbeError
from kiro_tui.probe.account import not_logged_in, read_account, refused_format, whoami
from kiro_tui.probe.asking.conversation import Room
from kiro_tui.probe.asking.sources import Kiro
from kiro_tui.probe.finding import find
from kiro_tui.probe.installation import (
    NEWEST_KNOWN,
    Installation,
    ask_help,
    examine,
    fingerprint,
    known_to_accept,
)
from kiro_tui.probe.memory import Lessons, Memory
from kiro_tui.probe.process.child import End

SHORT_QUESTION = 5.0
"""Seconds at most for `--version`, `--help` and `whoami`: what they tell is not worth a longer wait."""
BELIEVED = 30 * 60.0
"""Seconds for which an introduction holds."""


@dataclass(frozen=True, slots=True)
class _Held:
    """kiro-cli behaved as signed out although `whoami` named this account, or nobody in particular."""

    account: Account | None


class Introduction:
    """Who is there, kept up to date with as few questions as may be."""

    def __init__(
        self, clock: Clock, environment: Mapping[str, str], memory: Memory, path: str | None, timeout: float
    ) -> None:
        self._clock = clock
        self._environment = environment
        self._memory = memory
        self._path = path
        self._seconds = min(SHORT_QUESTION, timeout / 2)  # so that both together take no longer than the question
        self._made_at: float | None = None
        """On the monotonic clock; None where it is to be made again."""
        self._signed_out = False
        self._held: _Held | None = None
        self._chat: frozenset[str] | None = None
        self._acp: frozenset[str] | None = None
        self._asked_for_help: set[str] = set()
        self.installation: Installation | None = None
        """The kiro-cli that is there; None before the introduction was made."""
        self.account: Account | None = None
        self.mute = False
        """It did not say in time even which version it is, or who is signed in."""

    def ask_again(self) -> None:
        """Let the next introduction be a new one, whatever was believed: a person wants to know."""
        self._made_at = None
        self._signed_out = False
        self._held = None

    def doubt(self, error: ProbeError) -> None:
        """Let the next introduction be a new one, because the question failed with this error."""
        self._made_at = None
        if isinstance(error, NotLoggedIn) and not self._signed_out:
            self._signed_out = True
            self._held = _Held(self.account)

    async def make(self, room: Room) -> None:
        """Get to know what is not believed; raises NotInstalled, and NotLoggedIn where nobody is signed in."""
        self._memory.refresh()
        known, self.installation = self.installation, None  # forgotten if it is gone
        path = find(self._environment, self._path)
        same_file = known is not None and (known.path, known.fingerprint) == (path, fingerprint(path))
        self.installation = known
        holds = self._made_at is not None and self._clock.monotonic() - self._made_at < BELIEVED
        if same_file and holds:
            return
        if not same_file or not self._signed_out:
            await self._examine(room, path)
        await self._ask_who(room, path)
        self._made_at = self._clock.monotonic()

    async def kiro(self, subcommand: str, room: Room) -> Kiro:
        """Return what is known of this kiro-cli; asks for the help of that subcommand where the table is silent."""
        installation = self.installed
        if subcommand == "chat" and self._chat is None:
            self._chat = await self._help("chat", room)
        if subcommand == "acp" and self._acp is None:
            self._acp = await self._help("acp", room)
        known_generation = installation.version is not None and not installation.newer_than_known
        return Kiro(
            installation,
            chat=NEWEST_KNOWN.chat or frozenset() if self._chat is None else self._chat,
            acp=NEWEST_KNOWN.acp if self._acp is None and not known_generation else self._acp,
        )

    @property
    def installed(self) -> Installation:
        """The kiro-cli that is there; only to be asked for once the introduction was made."""
        if self.installation is None:
            raise AssertionError("asked for before the introduction was made")
        return self.installation

    @property
    def lessons(self) -> Lessons:
        """What was learned about this version."""
        return self._memory.about(self.installed.key)

    def learn(self, lessons: Lessons) -> None:
        """Remember it about this version."""
        self._memory.learn(self.installed.key, lessons)

    def switch_off(self, source: SourceName) -> None:
        """Never ask that source again: not for this version, and not for this file if it will not say its version."""
        for key in {self.installed.key, self.installed.file_key}:
            lessons = self._memory.about(key)
            self._memory.learn(key, replace(lessons, off=lessons.off | {source}))

    async def _examine(self, room: Room, path: str) -> None:
        known = self.installation
        try:
            installation, ending = await examine(room, path, self._seconds)
        except NotInstalled:
            self.installation = None
            raise
        self.mute = installation.version is None and ending.end is End.DEADLINE
        if known and (installation == known or (self.mute and installation.fingerprint == known.fingerprint)):
            return
        self.installation = installation
        table = known_to_accept(installation.version)
        self._chat = self.lessons.chat if table.chat is None else table.chat
        self._acp = self.lessons.acp if table.acp is None else table.acp
        self._asked_for_help.clear()

    async def _help(self, subcommand: str, room: Room) -> frozenset[str] | None:
        """Return what the help names, and remember it; None where there is none, which is only asked for once."""
        if self.mute or subcommand in self._asked_for_help:
            return None
        self._asked_for_help.add(subcommand)
        flags = await ask_help(room, self.installed.path, subcommand, self._seconds)
        if flags is not None:
            chat, acp = (flags, self.lessons.acp) if subcommand == "chat" else (self.lessons.chat, flags)
            self.learn(replace(self.lessons, chat=chat, acp=acp))
        return flags

    async def _ask_who(self, room: Room, path: str) -> None:
        """Keep to the account that was named before where this time nothing can be understood."""
        as_json = not self.lessons.whoami_as_text
        heard = await whoami(room, path, self._seconds, as_json=as_json)
        if as_json and refused_format(heard):
            self.learn(replace(self.lessons, whoami_as_text=True))
            heard = await whoami(room, path, self._seconds, as_json=False)
        self.mute = self.mute or heard.ending.end is End.DEADLINE
        try:
            self.account = read_account(heard) or self.account
        except NotLoggedIn:
            self.account = self._held = None
            self._signed_out = True
            raise
        if self._held is not None and self.account in {None, self._held.account}:
            raise not_logged_in()
        self._signed_out = False
        self._held = None
