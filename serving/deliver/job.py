"""What to deliver, and the report of what became of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from rind.serving.deliver.settings import DeliverySettings, Secrets
from rind.serving.rendering.locales import Format, format_of
from rind.serving.store.protocols import Week

Note = Callable[[str], None]
"""Takes a line for `Report.notes`."""


@dataclass(frozen=True)
class Job:
    """One week to deliver.

    Parameters
    ----------
    week
        The published week.
    settings, secrets
        See `serving.deliver.settings`.
    channels
        Names of `serving.deliver.channels.CHANNELS`.
    required
        Whether a channel that is not set up is an error (the user named it) rather than a note.
    currency
        ISO 4217 code of all money; "" prints amounts without a sign.
    """

    week: Week
    settings: DeliverySettings
    secrets: Secrets
    channels: Sequence[str]
    required: bool = False
    currency: str = ""

    @property
    def format(self) -> Format:
        return format_of(self.settings.locale, self.currency)


@dataclass
class Report:
    """The state of the week's items.

    Parameters
    ----------
    sent, already, pending, refused
        One line per item: sent now; sent by an earlier run; still waiting (also of earlier weeks); never to be taken.
    notes
        What was left out, and why.
    """

    sent: list[str] = field(default_factory=list)
    already: list[str] = field(default_factory=list)
    pending: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        return not self.pending and not self.refused
