"""What `kiro-cli chat --output-format stream-json "/usage"` prints: one JSON object a line, turned into text.

Pure. The text is the same report that is printed without the option, so report.py reads it. Only the answer's text is
taken: `metadata` carries the share of the context window that is used, which is not the credits' (docs/kiro-cli.md,
section 2.7).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from kiro_tui.domain.text import clean
from kiro_tui.errors import CliFailed, ProbeError
from kiro_tui.probe.reading.refusals import service_message
from kiro_tui.probe.reading.usage_data import Json, load_json

LONGEST_TEXT = 1 << 16
"""Characters of an answer; a report has fewer than a thousand."""


@dataclass(frozen=True, slots=True)
class JsonRun:
    """What the lines of a run say."""

    engine: str | None = None
    """The engine that ran, which the first line names; None where it was not said."""
    lines: tuple[str, ...] = ()
    """The report's lines, as the run's end repeats them, or as they came piece by piece."""
    finished: bool = False
    """The run has ended and its text is complete."""
    error: ProbeError | None = None


def read_json_lines(lines: Iterable[str]) -> JsonRun:
    """Return what a run said; lines that are no JSON objects, and kinds that are unknown, are skipped."""
    engine, error, final, whole = None, None, None, False
    pieces: list[str] = []
    for line in lines:
        kind, data = _event(line)
        if kind == "runStarted":
            engine = _text(data.get("engine")) or engine
        elif kind == "sessionUpdate":
            pieces.append(_piece(data))
        elif kind == "runFinished":
            final = _text(data.get("finalText"))
            whole = data.get("finalTextTruncated") is not True
        elif kind == "runError":
            error = _error(data)
    assembled = "".join(pieces)[:LONGEST_TEXT]
    text = final if final is not None and (whole or len(final) > len(assembled)) else assembled
    complete = final is not None and (whole or assembled.startswith(final))
    return JsonRun(engine, tuple(text[:LONGEST_TEXT].splitlines()), complete and error is None, error)


def _event(line: str) -> tuple[str | None, dict[str, Json]]:
    try:
        event = load_json(line) if line.lstrip().startswith("{") else None
    except ValueError:
        return None, {}
    if not isinstance(event, dict):
        return None, {}
    data = event.get("data")
    return _text(event.get("type")), data if isinstance(data, dict) else {}


def _piece(data: dict[str, Json]) -> str:
    """Return the text of an update, which stands directly in it or below `update` and `content`."""
    found: Json = data
    for name in ("update", "content"):
        if isinstance(found, dict) and name in found:
            found = found[name]
    if isinstance(found, dict):
        found = found.get("text")
    return found if isinstance(found, str) else ""


def _error(data: dict[str, Json]) -> ProbeError:
    message, stage = clean(_text(data.get("message")) or ""), clean(_text(data.get("stage")) or "")
    where = f" ({stage})" if stage else ""
    return service_message(message) or CliFailed(
        f"kiro-cli ended its run with an error{where}: {message or 'no reason was given'}.", "Ask again."
    )


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) else None
