"""Which of this machine's sessions are looked at: all, those with some words in them, those of one row of a list.

Pure.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from kiro_tui.domain.spend import By, Session


@dataclass(frozen=True, slots=True)
class Scope:
    """One row of a list, to look at by itself."""

    by: By
    key: str
    label: str


def narrowed(sessions: Iterable[Session], words: str, scope: Scope | None) -> Iterator[Session]:
    """Yield the sessions of the scope that hold all the words in a name or, for a word with digits, on a day."""
    wanted = words.casefold().split()
    for session in sessions:
        models = (session.model, *(day.model for day in session.days))
        told = " ".join(filter(None, (session.title, session.project, session.id, *models))).casefold()
        of_day = [word for word in wanted if word not in told]
        if scope is not None and not _is_in(session, scope):
            continue
        model = scope.key if scope is not None and scope.by is By.MODEL else None
        day = scope.key if scope is not None and scope.by is By.DAY else ""
        days = tuple(
            each
            for each in session.days
            if all(word in each.day.isoformat() for word in of_day)
            and day in each.day.isoformat()
            and (model is None or (session.model_on(each) or "") == model)
        )
        if days:
            yield session if len(days) == len(session.days) else replace(session, days=days)


def _is_in(session: Session, scope: Scope) -> bool:
    return scope.by is not By.PROJECT or (session.project or "") == scope.key
