"""Names for the turns of the older IDE, whose logs say neither what a chat is called nor which folder it is about.

Pure, except that `chats_of` reads the lists of chats. Whatever cannot be read costs names, and no credits.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace

from kiro_tui.domain.spend import Session
from kiro_tui.spend import book
from kiro_tui.spend.executions import decoded_folder, folders_by_hash, listed_chats
from kiro_tui.spend.pruned import KEEP
from kiro_tui.spend.reasons import Unreadable
from kiro_tui.spend.tree import Kind, Place


@dataclass(frozen=True, slots=True)
class Chats:
    """What is known of the IDE's chats and folders."""

    sessions: Mapping[str, Session] = field(default_factory=dict)
    """By the chat's id."""
    folders: Mapping[str, str] = field(default_factory=dict)
    """By the name of the folder of their logs."""

    def named(self, session: Session, place: Place) -> Session:
        """Return the session of an execution with what is known of its chat."""
        chat = self.sessions.get(session.id)
        workspace = place.name.split("/")[-3] if place.name.count("/") > 1 else ""
        return replace(
            session,
            project=(chat.project if chat else None) or session.project or self.folders.get(workspace),
            title=(chat.title if chat else None) or session.title,
            model=(chat.model if chat else None) or session.model,
        )


def chats_of(places: Iterable[Place], books: Mapping[str, "book.Book"]) -> Chats:
    """Return what the chats' own files and lists say; where both name something, the file does."""
    places = list(places)
    if not any(place.kind is Kind.EXECUTION for place in places):
        return Chats()
    sessions: dict[str, Session] = {}
    for session in (*_of_lists(places), *(books[place.name].session for place in _chats(places, books))):
        known = sessions.get(session.id)
        sessions[session.id] = session if known is None else _joined(session, known)
    of_chats = {place.folder for place in places if place.kind in {Kind.CHAT, Kind.CHAT_LIST}}
    folders = {folder for name in of_chats if (folder := decoded_folder(name))}
    folders |= {each.session.project for each in books.values() if each.session.project}
    return Chats(sessions, folders_by_hash(folders))


def _chats(places: Iterable[Place], books: Mapping[str, "book.Book"]) -> Iterator[Place]:
    return (place for place in places if place.kind is Kind.CHAT and place.name in books)


def _of_lists(places: Iterable[Place]) -> Iterator[Session]:
    for place in places:
        if place.kind is Kind.CHAT_LIST:
            with suppress(OSError, Unreadable):
                for about in listed_chats(book.parsed_file(place.path, KEEP), place.folder):
                    yield Session(place.name, about.id or "", about.project, about.title, about.model, ())


def _joined(one: Session, other: Session) -> Session:
    return replace(
        one, project=one.project or other.project, title=one.title or other.title, model=one.model or other.model
    )
