"""A small part of `make fuzz`, and every input that ever crashed something."""

from pathlib import Path

import pytest
from campaigns.fuzz import CRASHERS, by_grammar, smallest
from campaigns.targets import TARGETS, Target
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

EVERY_TARGET = pytest.mark.parametrize("target", TARGETS.values(), ids=lambda target: target.name)


@EVERY_TARGET
def test_true_input_is_taken(target: Target) -> None:
    for data in target.seeds():
        target.check(data)


@EVERY_TARGET
def test_whatever_comes_in_breaks_no_law(target: Target) -> None:
    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(target.strategy)
    def fed(data: bytes) -> None:
        target.check(data)

    fed()


@pytest.mark.parametrize("path", sorted(CRASHERS.glob("*/*")), ids=lambda path: f"{path.parent.name}-{path.name}")
def test_what_once_crashed_something_does_so_no_more(path: Path) -> None:
    TARGETS[path.parent.name].check(path.read_bytes())


def test_a_crasher_is_found_made_small_and_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def check(data: bytes) -> None:
        if b"\xff" in data:
            raise ValueError("no byte of 255, please")

    run = by_grammar("terminal", check, st.binary(max_size=50), 0.2, 1, tmp_path)

    (crasher,) = tmp_path.glob("terminal/*")
    assert crasher.read_bytes() == b"\xff"
    assert len(run.crashers) == 1
    assert "no byte of 255" in capsys.readouterr().out


def test_a_crasher_is_small_once_nothing_can_be_left_out() -> None:
    assert smallest(b"xxaxxxbxxxxcx", lambda data: set(b"abc") <= set(data)) == b"abc"
