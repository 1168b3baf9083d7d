"""What one poll has learned from the sources that it has asked so far, and which failure explains most.

Pure.
"""

from dataclasses import dataclass, field

from kiro_tui.domain.state import Attempt, SourceName
from kiro_tui.domain.usage import Report
from kiro_tui.errors import KiroIsWorking, NoNumbers, ProbeError, PromptExecuted, ServiceFailed

MOST_TELLING = (ServiceFailed, KiroIsWorking, PromptExecuted)
"""Where every source failed, the first of these is the reason to name; else it is what the first one asked said."""


@dataclass(slots=True)
class Search:
    """The attempts of one poll, in order."""

    attempts: list[Attempt] = field(default_factory=list)
    doubtful: tuple[SourceName, Report] | None = None
    """The first reading that may be cut off, for want of a better one."""
    not_asked: set[SourceName | None] = field(default_factory=set)
    """Sources that are not safe, or no longer, or not at the moment."""

    @property
    def errors(self) -> list[ProbeError]:
        """What went wrong, first where kiro-cli was really asked."""
        failed = [(attempt.source in self.not_asked, attempt.error) for attempt in self.attempts]
        return [error for _, error in sorted(failed, key=lambda pair: pair[0]) if error is not None]

    @property
    def reached_model(self) -> PromptExecuted | None:
        """The error of a source that reached the model in this poll; None where none did."""
        asked = (attempt.error for attempt in self.attempts if attempt.source not in self.not_asked)
        return next((error for error in asked if isinstance(error, PromptExecuted)), None)

    @property
    def is_about_the_account(self) -> bool:
        """Whether the failures show that the account or its service is at fault, so that engine v3 would not help."""
        return isinstance(self.error_of(SourceName.ACP_V2), ServiceFailed) or self.common_error is not None

    @property
    def common_error(self) -> ProbeError | None:
        """The error of every source that was asked, where there are several and they failed alike; else None."""
        asked = [attempt.error for attempt in self.attempts if attempt.source not in self.not_asked]
        errors = [error for error in asked if error is not None]
        alike = len({error.message for error in errors}) == 1 and len(errors) > 1
        return errors[0] if alike and len(errors) == len(asked) else None

    def error_of(self, source: SourceName | None) -> ProbeError | None:
        """Return how that source failed; None where it did not, or was not tried."""
        return next((attempt.error for attempt in self.attempts if source and attempt.source is source), None)

    def reason(self, version: str | None) -> ProbeError:
        """Return the failure that helps most where no source gave figures.

        That a source was switched off in an earlier poll explains least, what this poll itself cost explains most.
        """
        errors = self.errors
        if self.common_error:
            return self.common_error
        telling = (error for kind in MOST_TELLING for error in errors if isinstance(error, kind))
        return self.reached_model or next(telling, None) or _with_version(errors[0], version)


def _with_version(error: ProbeError, version: str | None) -> ProbeError:
    """Return the error with the version in it where the version is what it is about."""
    if not isinstance(error, NoNumbers) or version is None:
        return error
    return type(error)(error.message.replace("This kiro-cli", f"kiro-cli {version}"), error.hint)
