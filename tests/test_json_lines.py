import json
from decimal import Decimal

import pytest
from fakes import START
from hypothesis import given
from hypothesis import strategies as st

from kiro_tui.domain.frame import Frame, Run
from kiro_tui.errors import CliFailed, NotLoggedIn, ServiceFailed
from kiro_tui.probe.reading.json_lines import JsonRun, read_json_lines
from kiro_tui.probe.reading.report import parse

REPORT = (
    "Estimated Usage | resets on 2026-10-01 | KIRO PRO\n"
    "Credits (197.23 of 1000 covered in plan), 19.7%\n"
    "Your plan is managed by your organization's administrator.\n"
)
STARTED = {"type": "runStarted", "data": {"engine": "v2"}}
METADATA = {"type": "metadata", "data": {"contextUsagePercentage": 3.2}}
PIECES = [
    {"type": "sessionUpdate", "data": {"text": REPORT[:60]}},
    {"type": "sessionUpdate", "data": {"update": {"content": {"type": "text", "text": REPORT[60:]}}}},
]


def run(*events: object) -> JsonRun:
    return read_json_lines(json.dumps(event) for event in events)


def finished(text: str, *, truncated: bool = False) -> dict[str, object]:
    return {"type": "runFinished", "data": {"finalText": text, "finalTextTruncated": truncated}}


def test_the_end_of_a_run_repeats_its_report_and_the_beginning_names_the_engine() -> None:
    found = run(STARTED, METADATA, *PIECES, finished(REPORT))

    assert (found.engine, found.finished, found.error) == ("v2", True, None)
    report = parse(Frame(120, tuple((Run(line),) for line in found.lines), (9, 0)), now=START)
    assert [(window.used, window.reported_percent) for window in report.windows] == [
        (Decimal("197.23"), Decimal("19.7"))
    ]
    assert report.managed


def test_a_text_that_the_end_shortened_is_put_together_from_its_pieces() -> None:
    found = run(STARTED, *PIECES, finished(REPORT[:40], truncated=True))

    assert "\n".join(found.lines) + "\n" == REPORT
    assert found.finished


def test_a_run_without_an_end_is_not_finished() -> None:
    found = run(STARTED, *PIECES)

    assert "\n".join(found.lines) + "\n" == REPORT
    assert not found.finished


@pytest.mark.parametrize(
    ("message", "error"),
    [
        ("You are not logged in", NotLoggedIn),
        ("profileArn is required for this request.", ServiceFailed),
        ("something else", CliFailed),
    ],
)
def test_an_error_of_the_run_is_told(message: str, error: type[Exception]) -> None:
    found = run(STARTED, {"type": "runError", "data": {"stage": "startup", "message": message}})

    assert isinstance(found.error, error)
    assert not found.finished


def test_what_is_no_event_is_skipped() -> None:
    assert read_json_lines(["", "log line", "{", "[]", "7", '{"type":7,"data":[]}']) == JsonRun()


@given(
    st.lists(st.text(max_size=20) | st.sampled_from([json.dumps(event) for event in (STARTED, *PIECES)]), max_size=8)
)
def test_any_lines_give_a_run(lines: list[str]) -> None:
    assert len(read_json_lines(lines).lines) < 100
