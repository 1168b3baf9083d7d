"""What is fuzzed: for each mouth of the program, what it is fed and what must hold whatever that was.

A target takes plain bytes, so that any engine can feed it and any file of bytes can be a test for ever. The strategy
makes bytes of the right grammar, with mistakes in it; the seeds are true ones. A target raises where a law is broken,
and must leave nothing behind.
"""

import asyncio
import contextlib
import json
import tempfile
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from fakes import START, FakeClock, ScriptedChild, scripted_launch
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from readings import snapshot
from wcwidth import wcwidth

from kiro_tui.domain.frame import Frame
from kiro_tui.domain.usage import Report
from kiro_tui.errors import ProbeError, SettingsError
from kiro_tui.journal.store import FILE as JOURNAL_FILE
from kiro_tui.journal.store import Journal
from kiro_tui.probe.asking.acp import ask_agent
from kiro_tui.probe.process.child import Command, Size
from kiro_tui.probe.reading.report import is_whole, parse
from kiro_tui.probe.terminal.terminal import Terminal
from kiro_tui.settings import load
from kiro_tui.simulator.sessions import Past, write_sessions
from kiro_tui.spend import ledger
from kiro_tui.spend.cache import FILE as CACHE_FILE
from kiro_tui.spend.root import Sources

TESTS = Path(__file__).parents[1]
RECORDINGS = TESTS / "recordings"
SIZES = (Size(1, 1), Size(2, 3), Size(6, 20), Size(50, 120))
INVISIBLE = {"Cc", "Cf", "Cs", "Zl", "Zp"}
AGENT = Command(("/k", "acp"), {}, "/empty", 60.0)
WHENEVER = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Target:
    """One mouth of the program."""

    name: str
    check: Callable[[bytes], None]
    strategy: SearchStrategy[bytes]
    seeds: Callable[[], Iterable[bytes]]
    parts: tuple[str, ...]
    """The modules in which it is of interest where the bytes lead."""


# Terminal and reader --------------------------------------------------------------------------------------------------


def terminal(data: bytes) -> None:
    """Any bytes, in any cut, give the same sound frame and the same replies."""
    size, length, output = SIZES[data[:1][0] % 4 if data else 0], (data[1:2] or b"\0")[0] + 1, data[2:]
    whole = Terminal(size)
    replies, frame = whole.feed(output), whole.frame()
    in_pieces = Terminal(size)
    answers = b"".join(in_pieces.feed(output[at : at + length]) for at in range(0, len(output), length))
    assert (answers, in_pieces.frame()) == (replies, frame), f"cut every {length} bytes"
    _is_sound(frame, size)


def _is_sound(frame: Frame, size: Size) -> None:
    text = "".join(frame.lines)
    assert not any(unicodedata.category(char) in INVISIBLE for char in text), "a control character"
    assert all(sum(max(wcwidth(char), 0) for char in line) <= size.columns for line in frame.lines), "too wide"
    assert all(line == line.rstrip() for line in frame.lines), "blanks at an end"


def reader(data: bytes) -> None:
    """Any screen gives a report that makes sense, or an error that explains itself."""
    shown = Terminal(Size(40, 1 + (data[:1] or b"\x4f")[0]))
    shown.feed(data[1:])
    frame = shown.frame()
    whole = is_whole(frame, now=START)
    try:
        report = parse(frame, now=START)
    except ProbeError as error:
        assert not whole, "whole, and no report"
        _explains(error)
    else:
        _makes_sense(report)


def _explains(error: ProbeError | SettingsError) -> None:
    assert error.message, "an error without a message"
    for char in error.message + error.hint:
        assert char == "\n" or unicodedata.category(char) not in INVISIBLE - {"Cf"}, repr(error.message)


def _makes_sense(report: Report) -> None:
    assert report.windows or report.managed, "an empty report"
    for window in report.windows:
        assert window.used.is_finite(), repr(window)
        assert window.used >= 0, repr(window)
        assert window.limit is None or window.limit >= 0, repr(window)
        assert len(f"{window.used:f}") < 40, repr(window)


def _recordings() -> list[bytes]:
    return [path.read_bytes() for path in sorted(RECORDINGS.glob("*.bytes"))]


@cache
def _rows() -> list[bytes]:
    """Return the different rows of all recordings."""
    return sorted({row for recording in _recordings() for row in recording.splitlines(keepends=True)})


_TEXT = st.text(max_size=12).map(lambda text: text.encode(errors="replace"))
_PIECES = tuple(
    piece.encode()
    for piece in (
        *"\x1b[]PX^_()#%7890cDEMHmhlrsuJKLMPX@ST\\;:?<=>!$ '\"\r\n\t\b\x07\x0b\x0c\x18\x1a\x7f\x85\x9b\x9c",
        *"界🎁é\u0301\u200d\ufe0f\u0e33\u1161\u202e\U0001f468",
        *(f"\x1b[?{mode}{end}" for mode in (3, 6, 7, 25, 47, 1047, 1048, 1049, 2004) for end in "hl"),
        *(f"\x1b[{final}" for final in map(chr, range(0x40, 0x7F))),
        *(f"\x1b[{number};{number}{final}" for number in (0, 2, 999999999) for final in "HfrmJKLMPSTX@bI"),
        "\x1b[38;5;9m\x1b[48:2::1:2:3m\x1b[4:3m",
        "\x1b]0;title\x07",
        "\x1b]11;?\x1b\\",
        "\x1bP+q544e\x1b\\",
        "\x1b[6n\x1b[c\x1b[?2026$p",
        "█" * 30,
    )
)
_SCREENS = st.lists(
    st.sampled_from(_PIECES) | _TEXT | st.binary(max_size=6) | st.deferred(lambda: st.sampled_from(_rows())),
    max_size=40,
).map(b"".join)
_REPORTS = st.lists(st.deferred(lambda: st.sampled_from(_rows())) | _TEXT, max_size=40).map(b"".join)


def _headed(body: SearchStrategy[bytes], size: int) -> SearchStrategy[bytes]:
    return st.tuples(st.binary(min_size=size, max_size=size), body).map(b"".join)


# The agent protocol ---------------------------------------------------------------------------------------------------

FIELDS = """
    jsonrpc id result error code message method params data success sessionId update content text planName
    usageBreakdowns displayName used limit currentUsage usageLimit percentage currentOverages overageRate
    overageCharges overagesEnabled currency billingCycleReset bonusCredits addOns name total daysUntilExpiry
    expiresAt isManaged hasLimit resourceType
""".split()  # noqa: SIM905 - forty words in quotes are hard to read


def acp(data: bytes) -> None:
    """Whatever an agent says, the answer is a report that makes sense, or an error that explains itself."""
    how, said = (data[:1] or b"\0")[0], data[1:]
    length = (how >> 1) * 8 + 1
    child = ScriptedChild([said[at : at + length] for at in range(0, len(said), length)])
    asking = ask_agent(scripted_launch([child]), FakeClock(), AGENT, in_session=bool(how & 1))
    result = asyncio.run(asking).result
    assert child.closed, "left open"
    if isinstance(result, Report):
        _makes_sense(result)
    else:
        _explains(result)


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-9, 10**6)
    | st.floats()
    | st.sampled_from(("KIRO PRO", "12.50", "2026-07-01", "1e400", "-1", "9" * 400, "\x1b[31m", "[/]", ""))
    | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=7),
    max_leaves=24,
)
_MESSAGES = st.builds(
    lambda number, result, error: (
        {"jsonrpc": "2.0", "id": number} | ({"error": result} if error else {"result": result})
    ),
    st.integers(0, 3),
    _JSON | st.just({"sessionId": "s"}) | _JSON.map(lambda data: {"success": True, "data": data}),
    st.booleans().map(lambda chance: chance),
)
_LINES = (_MESSAGES | _JSON).map(lambda value: json.dumps(value).encode() + b"\n") | _TEXT | st.just(b"\n")


def _conversations() -> list[bytes]:
    usage = {
        "planName": "KIRO PRO",
        "overagesEnabled": True,
        "billingCycleReset": "2026-07-01",
        "usageBreakdowns": [
            {"displayName": "Credits", "used": 12.5, "limit": 1000, "percentage": 1, "currentOverages": 0}
        ],
        "bonusCredits": [{"name": "Welcome bonus", "used": 1, "total": 500, "daysUntilExpiry": 3}],
        "addOns": [{"name": "Pack", "used": 1, "total": 100, "expiresAt": "2026-08-01"}],
    }
    answers: list[object] = [{}, {"sessionId": "s"}, {"success": True, "message": "", "data": usage}]
    return [
        bytes([how]) + b"".join(_message(number, answer) for number, answer in enumerate(chosen))
        for how, chosen in ((2, [answers[0], answers[2]]), (3, answers))
    ]


def _message(number: int, result: object) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "id": number, "result": result}).encode() + b"\n"


# Settings -------------------------------------------------------------------------------------------------------------


def settings(data: bytes) -> None:
    """Any file gives settings, or one error that says what is wrong with it."""
    with tempfile.NamedTemporaryFile(suffix=".toml") as file:
        Path(file.name).write_bytes(data)
        try:
            load({"config": file.name}, {"HOME": "/nonexistent"})
        except SettingsError as error:
            _explains(error)


_KEYS = st.sampled_from(
    """
    interval timeout source kiro_cli log show_email theme workdays seconds tmux_title glyphs reduced_motion layout
    panels keys alerts alerts.used alerts.ends_within alerts.costs alerts.quiet alerts.command alerts.bell
    keys.quit keys.refresh odd
    """.split()  # noqa: SIM905 - the same
)
_VALUES = st.sampled_from(
    (
        *("60", "inf", "nan", "-5", "true", '"dark"', '"mon-fri"', "[]", "{}", "[1, 2]", "1979-05-27", "0x1f", "1e400"),
        *('"report"', '["acp", "panel"]', '"22:00-07:00"', '["notify-send", "x"]', '"\\u001b[31m"', '"""a\nb"""'),
        *("'''", '"', "[[[[[[[[[[", "{a={a={a=1}}}", "9" * 5000, '"q"', '["ctrl+c"]', "2026-01-01T00:00:00Z"),
    )
)
_STATEMENTS = (
    st.tuples(_KEYS, _VALUES).map(lambda pair: f"{pair[0]} = {pair[1]}\n".encode())
    | _KEYS.map(lambda key: f"[{key}]\n".encode())
    | _TEXT
    | st.sampled_from((b"\xef\xbb\xbf", b"\xff", b"\0", b"# remark\n", b"\r\n", b"[" * 3000))
)


def _files_of_settings() -> list[bytes]:
    return [
        b'interval = 600\nshow_email = true\ntheme = "light"\n',
        b'source = ["acp", "report"]\nworkdays = "mon-fri"\n[alerts]\nused = [50, 90]\nquiet = "22:00-07:00"\n',
        b'[keys]\nquit = "q"\nrefresh = ["r", "f5"]\n',
    ]


# Spend ----------------------------------------------------------------------------------------------------------------

BETWEEN_FILES = b"\0\n\0"


def spend(data: bytes) -> None:
    """Any files give sums, and a file that has grown gives the same sums as one that is read at once."""
    cut, _, rest = data.partition(b"\n")
    document, lines, about, kept = (*rest.split(BETWEEN_FILES, 3), b"", b"", b"", b"")[:4]
    with _folder() as folder:
        root, state = folder / "sessions", folder / "state"
        state.mkdir()
        (state / CACHE_FILE).write_bytes(kept)
        session = root / "ced8" / "sess_1"
        session.mkdir(parents=True)
        (root / "cli").mkdir()
        (root / "cli" / "x.json").write_bytes(document)
        (session / "session.json").write_bytes(about)
        messages = session / "messages.jsonl"
        messages.write_bytes(lines[: len(cut) * 37])
        _read(root, state)
        with messages.open("ab") as file:
            file.write(lines[len(cut) * 37 :])
        grown = _read(root, state)
        afresh = _read(root, None)
        assert grown.sessions == afresh.sessions, "a file that has grown is read otherwise"
        for each in afresh.sessions:
            ledger.turns_of(each)


def _read(root: Path, state: Path | None) -> ledger.Ledger:
    *_, last = ledger.read(Sources((root,)), state, UTC)
    assert isinstance(last, ledger.Ledger)
    return last


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    # In memory where that is possible: half an hour of files is hard on a disk.
    memory = Path("/dev/shm")  # noqa: S108 - only as the parent of a folder with a name of its own
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        yield Path(name)


@cache
def _sessions() -> tuple[bytes, bytes, bytes]:
    """Return a document, a file of lines and a description as Kiro writes them."""
    with _folder() as folder:
        write_sessions(folder, Past(until=START, sessions=4, turns=24, days=3, talk=60, odd=0.2))
        document = max((path.read_bytes() for path in folder.glob("cli/*.json")), key=len)
        lines = max((path.read_bytes() for path in folder.glob("*/sess_*/messages.jsonl")), key=len)
        about = next(folder.glob("*/sess_*/session.json")).read_bytes()
    return document, lines, about


def _session_files() -> list[bytes]:
    document, lines, about = _sessions()
    few = b"".join(lines.splitlines(keepends=True)[:12])
    return [b"xx\n" + BETWEEN_FILES.join((document, few, about)), b"\n" + BETWEEN_FILES.join((b"", lines[:1500], b""))]


_LINE_OF_A_SESSION = st.deferred(lambda: st.sampled_from(_sessions()[1].splitlines(keepends=True)))


@st.composite
def _damaged(draw: st.DrawFn, whole: SearchStrategy[bytes]) -> bytes:
    data = bytearray(draw(whole))
    for _ in range(draw(st.integers(0, 3))):
        if data:
            at = draw(st.integers(0, len(data) - 1))
            data[at : at + draw(st.integers(0, 9))] = draw(st.binary(max_size=4) | st.sampled_from(_TOKENS))
    return bytes(data)


_TOKENS = (b"null", b"-1", b"1e999", b'"', b"{", b"[]", b"}\n", b"NaN", b"\xff", b"9" * 400, b"\\ud800", b"true")
_SPENDING = st.builds(
    lambda cut, document, lines, about, kept: (
        b"x" * cut + b"\n" + BETWEEN_FILES.join((document, b"".join(lines), about, kept))
    ),
    st.integers(0, 20),
    _damaged(st.deferred(lambda: st.just(_sessions()[0]))) | st.binary(max_size=8),
    st.lists(_LINE_OF_A_SESSION | _damaged(_LINE_OF_A_SESSION), max_size=8),
    _damaged(st.deferred(lambda: st.just(_sessions()[2]))),
    st.binary(max_size=20) | st.just(b"kiro-tui spend 1 00000000\n{}\n"),
)


# The journal ----------------------------------------------------------------------------------------------------------


@cache
def _pages(name: str) -> bytes:
    """Return a file of a journal with forty readings: `closed`, or `busy` when there were three more beside it (-wal).

    They are not made anew, because SQLite would put other random numbers in them.
    """
    return (TESTS / "journals" / "fuzzed" / name).read_bytes()


def journal(data: bytes) -> None:
    """Whatever is in the file, nothing raises, and what is kept now is there: here, or in memory."""
    how, changes = (data[:1] or b"\0")[0], data[1:]
    with _folder() as folder:
        path = folder / JOURNAL_FILE
        if how & 1:
            path.write_bytes(_pages("busy.sqlite3"))
            Path(f"{path}-wal").write_bytes(_spoiled(_pages("busy.sqlite3-wal"), changes, cut=bool(how & 2)))
        else:
            path.write_bytes(_spoiled(_pages("closed.sqlite3"), changes, cut=bool(how & 2)))
        kept = Journal(
            folder, FakeClock(START + timedelta(days=1 + (how >> 2)))
        )  # the first of a day looks it all over
        try:
            kept.latest()
            for account in kept.accounts():
                kept.readings(account, START - timedelta(days=9), WHENEVER)
            now = START + timedelta(days=100)
            kept.keep(snapshot(4711, now))
            key = kept.account_key(None)
            last = kept.latest(key)
            assert last is not None, "what was just kept is not there"
            assert last.report == snapshot(4711).report, "what was just kept is not the last"
            kept.set_memo("a", "b")
            assert kept.memo("a") == "b", "a note is lost"
            kept.prune(now)
        finally:
            kept.close()


def _spoiled(content: bytes, changes: bytes, *, cut: bool) -> bytes:
    """Change bytes: three say where, one says to what; and where it is to be cut, three say where."""
    spoiled = bytearray(content)
    if cut and changes:
        del spoiled[int.from_bytes(changes[:3]) % (len(spoiled) + 1) :]
        changes = changes[3:]
    for at in range(0, len(changes) - 3, 4):
        if spoiled:
            spoiled[int.from_bytes(changes[at : at + 3]) % len(spoiled)] = changes[at + 3]
    return bytes(spoiled)


# The interesting places: SQLite's header, the first bytes of each page, anything.
_PLACES = (
    st.integers(0, 110)
    | st.builds(lambda page, offset: page * 4096 + offset, st.integers(0, 9), st.integers(0, 24))
    | st.integers(0, 1 << 16)
)
_SPOILING = st.builds(
    lambda how, changes: bytes([how]) + b"".join(place.to_bytes(3) + bytes([byte]) for place, byte in changes),
    st.integers(0, 255),
    st.lists(st.tuples(_PLACES, st.integers(0, 255)), max_size=8),
)

TARGETS = {
    target.name: target
    for target in (
        Target(
            "terminal",
            terminal,
            _headed(_SCREENS | st.binary(max_size=200), 2),
            lambda: [bytes([3, 6]) + recording for recording in _recordings()],
            ("kiro_tui.probe.terminal",),
        ),
        Target(
            "reader",
            reader,
            _headed(_REPORTS | _damaged(st.deferred(lambda: st.sampled_from(_recordings()))), 1),
            lambda: [b"\x4f" + recording for recording in _recordings()],
            ("kiro_tui.probe.reading",),
        ),
        Target(
            "acp",
            acp,
            _headed(
                st.lists(_LINES, max_size=8).map(b"".join)
                | _damaged(st.sampled_from(_conversations()).map(lambda seed: seed[1:])),
                1,
            ),
            _conversations,
            ("kiro_tui.probe.asking", "kiro_tui.probe.reading"),
        ),
        Target(
            "settings",
            settings,
            st.lists(_STATEMENTS, max_size=10).map(b"".join),
            _files_of_settings,
            ("kiro_tui.settings",),
        ),
        Target("spend", spend, _SPENDING, _session_files, ("kiro_tui.spend",)),
        Target(
            "journal",
            journal,
            _SPOILING,
            lambda: [b"\0", b"\1", b"\2\0\x10\0", b"\0\0\0\x64\xff"],
            ("kiro_tui.journal",),
        ),
    )
}
