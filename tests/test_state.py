"""What is known, after each thing that happens."""

from datetime import timedelta

from scenes import NOW, USUAL, reading

from kiro_tui.domain.frame import Style
from kiro_tui.domain.state import Asking, Failure, Resting, State, Why, advance
from kiro_tui.errors import ServiceFailed

KNOWN = State(300.0, reading(USUAL))
FAILED = Failure(ServiceFailed("Kiro's service did not answer.", "Wait."), NOW)


def test_what_is_done_is_known_and_nothing_else_is_forgotten() -> None:
    asking, resting = Asking(NOW), Resting(NOW + timedelta(minutes=5))

    assert advance(KNOWN, asking) == State(300.0, KNOWN.latest, None, asking)
    assert advance(KNOWN, resting) == State(300.0, KNOWN.latest, None, resting)


def test_a_rest_of_another_length_says_how_often_is_asked() -> None:
    resting = Resting(NOW, Why.QUIET, interval=900.0)

    assert advance(KNOWN, resting) == State(900.0, KNOWN.latest, None, resting)


def test_a_failure_leaves_the_last_reading_and_the_next_reading_ends_it() -> None:
    failed = advance(KNOWN, FAILED)

    assert failed == State(300.0, KNOWN.latest, FAILED)
    assert advance(failed, reading(USUAL)) == State(300.0, reading(USUAL))


def test_a_cell_without_a_look_has_none() -> None:
    assert not any(getattr(Style(), name) for name in Style.__slots__)
