"""Recordings as lines of a file. The form is told in the package's docstring.

Whoever reads a recording may have got it from anybody: each field is checked, and what is not a recording is a
UsageError that names the line. Must never write a control character.
"""

import json
import math
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kiro_tui.domain.state import Way
from kiro_tui.domain.text import clean
from kiro_tui.errors import UsageError
from kiro_tui.probe.memory import from_plain, to_plain
from kiro_tui.probe.process.child import End, Ending, Size
from kiro_tui.recording.values import Chunk, Document, Recording, Run

FORM = 1
MOST_BYTES = 64 << 20
LONGEST = 24 * 3600.0
"""Seconds; no run and no recording takes longer."""
LONGEST_TIMEOUT = 3600.0
MOST_CELLS = 1000
"""In one direction of a terminal."""
YEARS = range(2020, 2200)


def encode(recording: Recording) -> str:
    """Return the lines of the file."""
    return "".join(f"{_line(content)}\n" for content in _contents(recording))


def load(path: str) -> Recording:
    """Read a recording; UsageError where there is none, or it is none that we know."""
    shown = clean(path)
    try:
        with Path(path).open("rb") as stream:
            data = stream.read(MOST_BYTES + 1)
    except OSError as error:
        raise UsageError(
            f"{shown} cannot be read: {error.strerror}.", "Name a file that kiro-tui record made."
        ) from error
    except ValueError as error:  # a NUL in its name
        raise UsageError(f"{shown} is no name of a file.", "Name a file that kiro-tui record made.") from error
    if len(data) > MOST_BYTES:
        raise UsageError(f"{shown} is too large for a recording.", f"A recording has at most {MOST_BYTES >> 20} MiB.")
    try:
        return decode(data)
    except ValueError as error:
        raise UsageError(
            f"{shown} is not a recording that this kiro-tui can play: {clean(str(error))}.",
            "Make one with: kiro-tui record FILE",
        ) from error


def decode(data: bytes) -> Recording:
    """Return what `encode` was given; ValueError, in words, for anything else."""
    lines = data.split(b"\n")
    if not lines[0].startswith(b'{"kiro_tui_recording":'):
        raise ValueError("it does not begin as one")
    if lines.pop() != b"" or len(lines) == 1:
        raise ValueError("it is cut off")
    contents = []
    for number, line in enumerate(lines, 1):
        try:
            contents.append(_object(line))
        except (ValueError, RecursionError):
            raise ValueError(f"line {number} is damaged") from None
    header, *middle, last = contents
    if header["kiro_tui_recording"] != FORM:
        raise ValueError(f"it has another form than {FORM}, perhaps that of a newer kiro-tui")
    if "outcome" not in last:
        raise ValueError("it is cut off")
    try:
        return _recording(header, _runs(middle), _of(last, "outcome", dict))
    except (TypeError, KeyError, AttributeError, OverflowError) as error:
        raise ValueError(f"something in it has the wrong form, {error}") from error


def _contents(recording: Recording) -> Iterator[Document]:
    yield {
        "kiro_tui_recording": FORM,
        "kiro_tui": recording.kiro_tui,
        "kiro_cli": recording.kiro_cli,
        "recorded_at": recording.recorded_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "masked": recording.masked,
        "ways": list(recording.ways),
        "timeout": recording.timeout,
        "learned": to_plain(recording.learned),
    }
    for run in recording.runs:
        size = run.terminal and [run.terminal.rows, run.terminal.columns]
        yield {"run": list(run.argv), "at": round(run.at, 6), "terminal": size, "seconds": round(run.seconds, 6)}
        for chunk in run.chunks:
            yield {"at": round(chunk.at, 6), **_data(chunk)}
        yield {"ended": asdict(run.ending)}
    yield {"outcome": recording.outcome}


def _data(chunk: Chunk) -> Document:
    if not chunk.data and not chunk.told:
        return {"over": True}
    name = "told" if chunk.told else "said"
    try:
        return {name: chunk.data.decode()}
    except UnicodeDecodeError:
        return {f"{name}_base64": b64encode(chunk.data).decode()}


def _line(content: Document) -> str:
    """Return it as JSON in which everything that is not plainly visible is escaped."""
    text = json.dumps(content, ensure_ascii=False)
    return "".join(character if character.isprintable() else json.dumps(character)[1:-1] for character in text)


def _object(line: bytes) -> Document:
    found = json.loads(line.decode(), parse_constant=_refuse)
    if not isinstance(found, dict):
        raise ValueError("not an object")  # noqa: TRY004 - it is the file that is wrong, and that is one kind of error
    return found


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _recording(header: Document, runs: tuple[Run, ...], outcome: Document) -> Recording:
    recorded_at = datetime.fromisoformat(_of(header, "recorded_at", str))
    if recorded_at.tzinfo is None or recorded_at.year not in YEARS:
        raise ValueError("its date is none")
    return Recording(
        kiro_tui=_of(header, "kiro_tui", str),
        kiro_cli=_of(header, "kiro_cli", str, type(None)),
        recorded_at=recorded_at.astimezone(UTC),
        masked=_of(header, "masked", bool),
        ways=tuple(Way(name) for name in _of(header, "ways", list)),
        timeout=_seconds(header, "timeout", LONGEST_TIMEOUT),
        learned=from_plain(_of(header, "learned", dict)),
        runs=runs,
        outcome=outcome,
    )


def _runs(contents: list[Document]) -> tuple[Run, ...]:
    runs = []
    waiting = iter(contents)
    for start in waiting:
        chunks: list[Chunk] = []
        for content in waiting:
            if "ended" in content:
                runs.append(_run(start, tuple(chunks), _ending(_of(content, "ended", dict))))
                break
            chunks.append(_chunk(content))
        else:
            raise ValueError("it is cut off")
    if not runs:
        raise ValueError("nothing was run in it")
    return tuple(runs)


def _run(start: Document, chunks: tuple[Chunk, ...], ending: Ending) -> Run:
    argv = tuple(_of({"word": word}, "word", str) for word in _of(start, "run", list))
    if not argv:
        raise ValueError("a run without a program")
    size = _of(start, "terminal", list, type(None))
    if size is not None and (len(size) != len(("rows", "columns")) or not all(_is_size(cells) for cells in size)):
        raise ValueError("a terminal without a size")
    return Run(
        argv,
        _seconds(start, "at"),
        size and Size(*size),
        _seconds(start, "seconds"),
        chunks,
        ending,
    )


def _is_size(cells: object) -> bool:
    return type(cells) is int and 0 < cells <= MOST_CELLS


def _chunk(content: Document) -> Chunk:
    at = _seconds(content, "at")
    if content.get("over") is True:
        return Chunk(at, b"")
    name = next((name for name in ("said", "told", "said_base64", "told_base64") if name in content), "said")
    text = _of(content, name, str)
    data = b64decode(text, validate=True) if name.endswith("_base64") else text.encode()
    if not data and name.startswith("said"):
        raise ValueError("nothing was said")
    return Chunk(at, data, told=name.startswith("told"))


def _ending(content: Document) -> Ending:
    whole = {name: _of(content, name, int, type(None)) for name in ("status", "signal", "errno")}
    counts = {name: _of(content, name, int) for name in ("killed", "left")}
    return Ending(End(_of(content, "end", str)), detail=_of(content, "detail", str), **whole, **counts)


def _seconds(content: Mapping[str, Any], name: str, most: float = LONGEST) -> float:
    value = float(_of(content, name, int, float))
    if not math.isfinite(value) or not 0 <= value <= most:
        raise ValueError(f"{name} is no time")
    return value


def _of(content: Mapping[str, Any], name: str, *kinds: type) -> Any:  # noqa: ANN401 - of one of the kinds
    """Return the field; ValueError where it is missing or of another kind (a bool is no number)."""
    value = content.get(name)
    if type(value) not in kinds:
        raise ValueError(f"{name} is missing or of a wrong kind")
    return value
