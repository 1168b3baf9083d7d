"""Why something in Kiro's files was not counted."""

from enum import StrEnum


class Reason(StrEnum):
    """Why something was passed over, as people are told."""

    LINK = "symbolic link"
    FOLDER = "unreadable folder"
    FILE = "unreadable file"
    LARGE = "file too large"
    DAMAGED_FILE = "damaged file"
    FOREIGN_FILE = "file of an unknown form"
    DAMAGED_LINE = "damaged line"
    UNFINISHED_LINE = "unfinished line"
    LONG_LINE = "line too long"
    TIMELESS = "turn without a time"
    NO_TURNS = "session without a list of turns (running or killed)"


class Unreadable(Exception):
    """These bytes hold nothing that can be used."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason
