"""The errors and warnings about sources that are not asked, or not again. Pure."""

from collections.abc import Sequence

from kiro_tui.domain.state import SourceName
from kiro_tui.errors import FlagsRefused, PromptExecuted
from kiro_tui.probe.asking.sources import UsageSource
from kiro_tui.probe.installation import Installation


def not_safe(source: UsageSource, installation: Installation) -> FlagsRefused:
    """Return why a source is not asked."""
    return FlagsRefused(
        f"{installation.spoken} {source.lacks}, so it is not asked by {source.name.label}.",
        "Update kiro-cli, or let kiro-tui choose another source with --source auto.",
    )


def switched_off(sources: Sequence[SourceName], installation: Installation) -> PromptExecuted:
    """Return the warning about sources whose command line once reached the model."""
    return PromptExecuted(
        f"Asked by {' and by '.join(name.label for name in sources)}, {installation.spoken} sent /usage to the model,"
        " which may cost credits. It is not asked that way again.",
        "Nothing to do. Another version of kiro-cli is tried afresh; the account page shows what was charged.",
    )


def with_consequence(error: PromptExecuted, installation: Installation) -> PromptExecuted:
    """Return the error of a source that has just reached the model, as a warning beside another source's reading."""
    return PromptExecuted(
        f"{error.message} {installation.spoken} is not asked that way again; the figures come from another source.",
        error.hint,
    )
