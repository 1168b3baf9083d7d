"""Lines of engine v3 and of the IDE: what a turn cost, that it ended, and which model answered.

Pure. Must never add a running total (`creditSplit`), and never take back what a `tombstone` hides: it was paid
(docs/kiro-cli.md, section 7). A turn that ended without any line about its cost is a turn of unknown cost.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from kiro_tui.spend.lines import END, MODEL, USAGE, NotableLines
from kiro_tui.spend.reasons import Reason, Unreadable
from kiro_tui.spend.records import USAGE_SUFFIX, Record, Records, key_of, usage_key
from kiro_tui.spend.values import UNKNOWN, cost, decode, identifier, instant, model

_MODEL = re.compile(rb'"reasoningModelId"\s*:\s*"([^"\\]{1,200})"')
_END = re.compile(rb'"type"\s*:\s*"turn_end"')
_EXECUTION = re.compile(rb'"executionId"\s*:\s*"([^"\\]{1,200})"')


@dataclass(frozen=True, slots=True)
class State:
    """What must be known of the lines before, so that reading can go on behind them."""

    metered: bool = False
    """There was a line about usage since the last turn ended."""
    began: bool = True
    """Turns that end now are this session's own. What was converted from engine v2 comes first in a file, and in
    copies of it, without lines about usage: its costs stand in the document that it was converted from."""


METERED = State(metered=True)
ENDED = State()


@dataclass(slots=True)
class Events:
    """Reads lines, one after the other."""

    session: str
    time: int | None
    """Stands for the time of a turn that does not say it."""
    records: Records
    state: State
    skipped: Counter[Reason] = field(default_factory=Counter)
    offset: int = 0
    """Behind the last line that is not to be read again: what comes after it belongs to a turn that still goes on."""
    open_end: bool = False
    """The last line has no line break, and may still grow."""
    _models: dict[str, str] = field(default_factory=dict)
    _executions: dict[int, str] = field(default_factory=dict)
    """By the key of the turn."""

    def read(self, lines: NotableLines) -> None:
        """Read the lines to their end, and what stands behind the last line break as far as it is a line."""
        for line, offset in lines:
            if self._take(line, Reason.DAMAGED_LINE):
                self.offset = offset
        self.skipped[Reason.LONG_LINE] += lines.too_long
        self.offset = max(self.offset, lines.passed if lines.too_long else 0)
        self.open_end = lines.unfinished
        if lines.rest.strip():
            self._take_rest(lines.rest)
        self._name_models()

    def _take(self, line: bytes, damaged: Reason) -> bool:
        """Read a line; return whether it is about usage, or the end of a turn."""
        has_usage = USAGE in line
        if not has_usage and self.state.metered and _END.search(line):  # the usual case, which nothing follows from
            self.state = ENDED
            return True
        if has_usage or END in line:
            try:
                self._event(decode(line, Reason.DAMAGED_LINE))
            except Unreadable as error:
                self.skipped[damaged if error.reason is Reason.DAMAGED_LINE else error.reason] += 1
            return True
        if MODEL in line and (named := _MODEL.search(line)) and (execution := _EXECUTION.search(line)):
            answered = model(named[1].decode("utf-8", "replace"))
            if answered:
                self._models[execution[1].decode("utf-8", "replace")] = answered
        return False

    def _take_rest(self, line: bytes) -> None:
        """Read what stands behind the last line break: whatever it will be, half a line may be about usage."""
        if USAGE in line or END in line or MODEL in line:
            self._take(line, Reason.UNFINISHED_LINE)
            return
        try:
            decode(line, Reason.UNFINISHED_LINE)
        except Unreadable as error:
            self.skipped[error.reason] += 1

    def _event(self, event: Any) -> None:  # noqa: ANN401 - JSON is anything
        payload = event.get("payload") if isinstance(event, dict) else None
        if not isinstance(event, dict) or not isinstance(payload, dict):
            return
        if payload.get("type") == "usage_summary":
            self._usage(event, payload)
        elif payload.get("type") == "turn_end":
            self._end(event, payload)

    def _usage(self, event: dict[str, Any], payload: dict[str, Any]) -> None:
        self.state = METERED
        at = instant(event.get("timestamp")) or self.time
        if at is None:
            raise Unreadable(Reason.TIMELESS)
        used = cost(payload.get("promptTurnSummaries"), "usage")
        name, execution = identifier(event.get("id")), identifier(payload.get("executionId"))
        if execution is not None:
            key = usage_key(name, execution)
            self._executions[key] = execution
        elif name is not None:
            key = usage_key(name, None)
        else:
            key = self.records.nameless_key(self.session, str(at), str(used))
        self.records.add(Record(key, at, used, model(payload.get("reasoningModelId"))))

    def _end(self, event: dict[str, Any], payload: dict[str, Any]) -> None:
        metered, self.state = self.state.metered, State(began=self.state.began)
        if metered or not self.state.began:
            return
        at = instant(event.get("timestamp")) or self.time
        if at is None:
            raise Unreadable(Reason.TIMELESS)
        name, execution = identifier(event.get("id")), identifier(payload.get("executionId"))
        if execution is not None:
            key = usage_key(None, execution)
            self._executions[key] = execution
        elif name is not None:
            key = key_of("turn_end", name, str(at))
        else:
            key = self.records.nameless_key(self.session, "turn_end", str(at))
        self.records.add(Record(key, at, UNKNOWN, interrupted=True))

    def _name_models(self) -> None:
        if not self._models:
            return
        for execution, answered in self._models.items():
            self.records.name_model(usage_key(execution + USAGE_SUFFIX, execution), answered)
        for key, execution in self._executions.items():
            if execution in self._models:
                self.records.name_model(key, self._models[execution])
