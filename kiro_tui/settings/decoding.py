"""What a settings file says, decoded into types: every value of it, or everything that is wrong with it.

cattrs walks through the tables, because it collects all mistakes, each with its place (msgspec is faster and stops at
the first, pydantic takes longer to be read). It is read only when there is a file that says something.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import make_dataclass
from typing import Annotated, Any, NamedTuple

from cattrs import ClassValidationError, Converter, ForbiddenExtraKeysError
from cattrs.gen import make_dict_structure_fn

from kiro_tui.keys import Keys, clashes
from kiro_tui.settings.catalogue import CATALOGUE, TABLES, Entry, kind_of
from kiro_tui.settings.hints import meant_place, meant_value, stranger
from kiro_tui.settings.mistakes import Unexpected, mismatch, said
from kiro_tui.settings.wanted import Alerts, Wanted


class Mistake(NamedTuple):
    """What is wrong with one key or table of the file."""

    path: tuple[str, ...]
    text: str


def decode(content: Mapping[str, Any]) -> tuple[dict[str, Any], list[Mistake]]:
    """Return the settings of a file by their keys, as in `alerts.bell`, or else all its mistakes."""
    mistakes = list(_clashes(content.get("keys")))
    try:
        wanted = _CONVERTER.structure(content, Wanted)
    except ClassValidationError as error:
        return {}, [*_mistakes(error, (), content), *mistakes]
    return {entry.key: wanted.value(entry.key) for entry in CATALOGUE.values() if _is_set(content, entry)}, mistakes


def _is_set(content: Mapping[str, Any], entry: Entry) -> bool:
    return entry.name in (content.get(entry.table, {}) if entry.table else content)


# What cattrs found, in our words --------------------------------------------------------------------------------------


def _mistakes(error: ClassValidationError, path: tuple[str, ...], content: Mapping[str, Any]) -> Iterator[Mistake]:
    """Yield the mistakes of the table at that path."""
    placed, others = error.group_exceptions()
    for other in others:
        if not isinstance(other, ForbiddenExtraKeysError):
            raise other
        for name in content:
            if name in other.extra_fields:
                yield Mistake((*path, name), stranger(".".join(path), name, content[name]))
    for wrong, note in placed:
        within, value = (*path, note.name), content[note.name]
        if isinstance(wrong, ClassValidationError):
            yield from _mistakes(wrong, within, value)
        elif isinstance(wrong, ValueError):
            yield Mistake(within, _mismatched(".".join(within), value, wrong))
        else:
            raise wrong


def _mismatched(key: str, value: object, wrong: ValueError) -> str:
    entry = CATALOGUE.get(key)
    if entry is None:
        return f"{key}: {mismatch('a table', value, wrong)}"
    meant = meant_place(entry, value) or meant_value(entry, value)
    return f"{key}: {mismatch(entry.kind.expected, value, wrong, meant)}"


def _clashes(table: object) -> Iterator[Mistake]:
    """Yield the keys that two commands would have; a key that is wrong in itself is told elsewhere."""
    if not isinstance(table, dict):
        return
    chosen: dict[str, tuple[str, ...]] = {}
    for name, value in table.items():
        if name in TABLES["keys"]:
            try:
                chosen[name] = TABLES["keys"][name].kind.checked(value)
            except ValueError:
                continue
    for key, names in clashes(chosen):
        name = [name for name in names if name in chosen][-1]
        others = " and ".join(other for other in names if other != name)
        yield Mistake(("keys", name), f"keys.{name}: expected a key of its own, found {said(key)}, the key of {others}")


# How cattrs is told our rules -----------------------------------------------------------------------------------------

_KeyTable = make_dataclass(
    "_KeyTable",
    [(entry.name, Annotated[Any, entry.kind], entry.default) for entry in TABLES["keys"].values()],
)


def _checked(value: object, hint: object) -> object:
    kind = kind_of(hint)
    return value if kind is None else kind.checked(value)


def _walking(table: type[Any]) -> Callable[[object, object], object]:
    walk: Callable[[Any, Any], object] = make_dict_structure_fn(table, _CONVERTER)

    def walked(value: object, hint: object) -> object:
        if not isinstance(value, dict):
            raise Unexpected(said(value))  # cattrs would take an empty list for an empty table
        return walk(value, hint)

    return walked


def _keys(value: dict[str, object], _hint: object) -> Keys:
    table: object = _CONVERTER.structure(value, _KeyTable)
    return Keys({name: getattr(table, name) for name in value})


_CONVERTER = Converter(forbid_extra_keys=True, detailed_validation=True)
_CONVERTER.register_structure_hook_func(lambda hint: kind_of(hint) is not None, _checked)
_CONVERTER.register_structure_hook_factory(lambda hint: hint in {Wanted, Alerts, _KeyTable}, _walking)
_CONVERTER.register_structure_hook(Keys, _keys)
