"""A small part of `make soak` and `make kills`, and the statistics with which they judge."""

import random
from pathlib import Path

import pytest
from campaigns.kills import Kills
from campaigns.soak import BOUNDS, LARGEST_RISE, Life, Soak, control, rise, slope, slopes, theil_sen
from installed import needs
from world import on_linux


@on_linux
def test_nothing_is_left_and_nothing_hangs_whatever_happens_to_a_dashboard(tmp_path: Path) -> None:
    found = Soak(tmp_path, polls=24, life=24, seed=7).run()

    assert found.wrong == []
    assert found.left == 0
    assert sum(len(life.notes) for life in found.lives) >= 24
    assert any(note["said"] == "reading" for life in found.lives for note in life.notes)


@on_linux
@needs("tmux")
def test_a_kill_at_a_random_moment_loses_nothing_and_leaves_nothing(tmp_path: Path) -> None:
    found = Kills(tmp_path, seed=2).run(3)

    assert found.wrong == []
    assert found.kills.total() == 3


def test_the_kill_campaign_notices_a_lost_reading_and_a_torn_file(tmp_path: Path) -> None:
    kills = Kills(tmp_path, seed=1)
    state = tmp_path / "state" / "kiro-tui"
    state.mkdir(parents=True)

    kills._look_for_readings("none", ["640.25"])
    (state / "learned.json").write_text('{"versions": ')
    kills._look_at_files("torn")

    assert [wrong.partition(":")[0] for wrong in kills.found.wrong] == ["none", "torn", "torn"]
    assert kills.found.wrong[2].endswith("can be read by others")


def test_the_slope_is_not_moved_by_a_few_that_are_off() -> None:
    line = [(float(x), 3.0 * x + 7) for x in range(50)]
    line[10] = (10.0, 9000.0)
    line[40] = (40.0, -9000.0)

    assert theil_sen(line) == pytest.approx(3.0)
    assert theil_sen([(1.0, 2.0)]) is None


def test_an_early_step_is_no_slope_and_many_steps_are_a_rise() -> None:
    def steps(count: int) -> list[float]:
        return [40_000.0 + 3_500 * (poll * (count + 1) // 400) for poll in range(400)]

    assert theil_sen([(float(poll), 40_000.0 + 3_500 * (poll >= 100)) for poll in range(400)]) == 0
    assert rise(steps(1)) < LARGEST_RISE < rise(steps(4))


def lives(growth: float, count: int = 8) -> list[Life]:
    """Lives whose memory jumps about by 200 kB, and grows by so many kB a poll."""
    chance = random.Random(1)  # noqa: S311 - noise, no secret
    return [
        Life(
            "q",
            [
                {"said": "reading", "memory": 40_000 + growth * poll + chance.random() * 200, "descriptors": 13}
                for poll in range(700)
            ],
        )
        for _ in range(count)
    ]


def test_memory_that_only_jumps_about_does_not_grow() -> None:
    (memory, *_) = slopes(lives(0.0), seed=1)

    assert memory.holds
    assert memory.low < 0 < memory.high


def test_memory_that_grows_by_more_than_it_may_is_noticed() -> None:
    (memory, *_) = slopes(lives(5.5), seed=1)
    quiet = control(lives(2.5), seed=1)

    assert not memory.holds
    assert memory.low < 5500 < memory.high
    assert not quiet.holds
    assert control(lives(0.3), seed=1).holds


def test_a_descriptor_that_leaks_every_tenth_poll_is_noticed() -> None:
    leaking = [[(float(poll), 13.0 + poll // 10) for poll in range(100, 500)] for _ in range(4)]

    assert not slope("descriptors", leaking, seed=1).holds
    assert slope("descriptors", [[(float(poll), 13.0) for poll in range(100, 500)]], seed=1).holds
    assert BOUNDS["descriptors"] <= 1
