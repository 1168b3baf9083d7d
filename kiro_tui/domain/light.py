"""Values for those who cannot wait for `dataclasses`, which takes longer to import than a status line may take.

To a type checker they are frozen dataclasses. When the program runs they are what is left of that: fields by place or
by name, defaults, equality, and the errors of a wrong call or a change. Must never import anything.
"""

from __future__ import annotations

__all__ = ["value"]

TYPE_CHECKING = False  # typing's own takes as long
if TYPE_CHECKING:
    from collections.abc import Callable
    from dataclasses import dataclass as value
else:

    def value(**_: bool) -> Callable[[type], type]:
        """Return the decorator; that its values are frozen must be said, and is so in any case."""
        return _made


def _made(cls: type) -> type:
    names = tuple(cls.__annotations__)

    def begin(self: object, *given: object, **named: object) -> None:
        by_place = dict(zip(names, given, strict=False))
        wrong = [name for name in named if name not in names or name in by_place]
        missing = [name for name in names if name not in by_place and name not in named and not hasattr(cls, name)]
        if wrong or missing or len(given) > len(names):
            raise TypeError(f"{cls.__name__} takes {', '.join(names)} once each; wrong: {wrong}, missing: {missing}")
        self.__dict__.update(by_place, **named)

    def keep(_self: object, name: str, _value: object = None) -> None:
        raise AttributeError(f"{name} is frozen")

    def fields(self: object) -> tuple[object, ...]:
        return tuple(getattr(self, name) for name in names)

    methods = {
        "__init__": begin,
        "__setattr__": keep,
        "__delattr__": keep,
        "__eq__": lambda self, other: type(other) is cls and fields(self) == fields(other),
        "__hash__": lambda self: hash(fields(self)),
        "__repr__": lambda self: f"{cls.__name__}{fields(self)!r}",
    }
    for name, method in methods.items():
        setattr(cls, name, method)
    return cls
