"""Every way in which kiro-tui can fail that is not a bug, as one tree.

Each error carries what a person needs: a `message` (what happened, in their words) and a `hint` (what to do
next), and what a program needs: a `code` for JSON and an `exit_status` for the shell. Knows no other module.

    KiroTuiError
    ├── UsageError            2   usage             the command line is wrong
    ├── SettingsError         2   settings          the settings file or a KIRO_TUI_ variable is wrong
    └── ProbeError                                  a poll may end this way; it becomes a Failure, never a crash
        ├── NotInstalled      3   not_installed     kiro-cli was not found
        ├── NotLoggedIn       4   not_logged_in     signed out
        ├── ServiceFailed     5   service_failed    kiro-cli ran, Kiro's service did not answer
        ├── CliFailed         5   cli_failed        kiro-cli itself failed
        │   └── KiroIsWorking 5   cli_failed        the one command line that is left could disturb Kiro at work
        ├── TimedOut          6   timed_out         no complete answer in time
        ├── NotRecognised     7   not_recognised    it answered, and the answer is not one we know
        ├── NoNumbers         7   no_numbers        it answered, and the answer holds no numbers
        │   └── FlagsRefused  7   no_numbers        this version does not know the flags that make asking safe
        └── PromptExecuted    8   prompt_executed   the model answered: asking this way may cost credits
"""

from typing import ClassVar

BUG_EXIT_STATUS = 70
"""What the shell gets when kiro-tui itself is at fault (EX_SOFTWARE)."""


class KiroTuiError(Exception):
    """The root of the tree; `message` and `hint` are plain text, already cleaned, never markup."""

    code: ClassVar[str]
    exit_status: ClassVar[int]

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(KiroTuiError):
    """The command line asks for something that cannot be done."""

    code = "usage"
    exit_status = 2


class SettingsError(KiroTuiError):
    """A setting has an unknown name, a wrong type or a bad value; names the file or variable and what was expected."""

    code = "settings"
    exit_status = 2


class ProbeError(KiroTuiError):
    """Asking kiro-cli did not give a reading."""


class NotInstalled(ProbeError):
    """kiro-cli was not found, or what was found cannot be started, or is another program of that name."""

    code = "not_installed"
    exit_status = 3


class NotLoggedIn(ProbeError):
    """Nobody is signed in. Asking again by ourselves would open browser windows, so we do not."""

    code = "not_logged_in"
    exit_status = 4


class ServiceFailed(ProbeError):
    """kiro-cli ran well and says that Kiro's service did not answer it."""

    code = "service_failed"
    exit_status = 5


class CliFailed(ProbeError):
    """kiro-cli ended with an error of its own."""

    code = "cli_failed"
    exit_status = 5


class KiroIsWorking(CliFailed):
    """Kiro is not idle, so that its engine v3, the last source that is left, is not started."""


class TimedOut(ProbeError):
    """No complete answer came within the time limit."""

    code = "timed_out"
    exit_status = 6


class NotRecognised(ProbeError):
    """There is an answer, and it is none that we know."""

    code = "not_recognised"
    exit_status = 7


class NoNumbers(ProbeError):
    """There is an answer that we know, and it holds no numbers."""

    code = "no_numbers"
    exit_status = 7


class FlagsRefused(NoNumbers):
    """This kiro-cli does not know the flags without which asking it would not be safe."""


class PromptExecuted(ProbeError):
    """The question reached the model, so that it may have cost credits; that command line is not run again."""

    code = "prompt_executed"
    exit_status = 8
