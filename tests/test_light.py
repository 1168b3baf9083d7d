"""The small values of the status line: they must behave as frozen dataclasses do, though they are none."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from kiro_tui.domain.light import value


@value(frozen=True)
class Small:
    name: str
    number: int = 3


@dataclass(frozen=True)
class Real:
    name: str
    number: int = 3


BOTH = pytest.mark.parametrize("kind", [Small, Real])


@BOTH
def test_fields_are_given_by_place_or_by_name_and_may_have_defaults(kind: Callable[..., Any]) -> None:
    values = (kind("a"), kind("a", 3), kind("a", number=3), kind(number=3, name="a"))
    assert all((each.name, each.number) == ("a", 3) for each in values)
    assert len(set(values)) == 1
    assert kind("a") != kind("b")
    assert kind("a") != ("a", 3)


@BOTH
@pytest.mark.parametrize("name", ["name", "number", "other"])
def test_a_value_cannot_be_changed(kind: Callable[..., Any], name: str) -> None:
    small = kind("a")
    with pytest.raises(AttributeError):
        setattr(small, name, "b")
    with pytest.raises(AttributeError):
        delattr(small, name)
    assert small == kind("a")


@BOTH
@pytest.mark.parametrize(
    ("given", "named"),
    [
        ((), {}),
        ((), {"number": 3}),
        (("a", 3, "more"), {}),
        (("a",), {"other": 3}),
        (("a",), {"name": "a"}),
    ],
    ids=["nothing", "without the first", "too many", "unknown name", "one field twice"],
)
def test_a_value_is_made_of_its_fields_and_nothing_else(
    kind: Callable[..., Any], given: tuple[object, ...], named: dict[str, object]
) -> None:
    with pytest.raises(TypeError):
        kind(*given, **named)
