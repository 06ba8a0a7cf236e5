"""What to deliver, and the report of what became of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from rind.common.errors import RindError
from rind.serving.deliver.settings import DeliverySettings, Secrets
from rind.serving.feedback.book_state import BookFeedback
from rind.serving.rendering.locales import Format, format_of
from rind.serving.store.protocols import Week
from rind.serving.views.run_facts import facts_of

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
        ISO 4217 code of all money; "" takes that of the run.
    feedback
        What readers answered to the list; None: nothing is known of it.
    place
        Where the results lie, seen from the ledger: it tells companies apart that have no name.
    """

    week: Week
    settings: DeliverySettings
    secrets: Secrets
    channels: Sequence[str]
    required: bool = False
    currency: str = ""
    place: str = ""
    feedback: BookFeedback | None = None

    @property
    def company(self) -> str:
        """Whose week it is, in a ledger that several companies may share.

        ``deliveries.company``, else the company's name in the run (``source.name``), else ``place``: a run without a
        name carries the address of its source, which may be another one every week.
        """
        return company_of_run(self.week.document("run") or {}, self.settings.company, self.place)

    @property
    def format(self) -> Format:
        return format_of(self.settings.locale, self.currency or facts_of(self.week).currency)


def company_of_run(run: Mapping[str, Any], configured: str, place: str) -> str:
    """`Job.company` of a run's record (run.json)."""
    source = (run.get("parameters") or {}).get("source")
    name = source.get("name") if isinstance(source, dict) else (run.get("facts") or {}).get("company")
    return configured or str(name or "") or place


@dataclass
class Report:
    """The state of the week's items.

    Parameters
    ----------
    sent, already, pending, refused, withdrawn
        One line per item: sent now; sent by an earlier run; still waiting (also of earlier weeks); never to be taken;
        deleted now, since its recipient gets no deliveries any more.
    failed
        Channel -> why it could not be used, or what ended it; the other channels are not touched by that.
    causes
        The errors behind ``failed`` that nobody foresaw; their texts may hold secrets.
    notes
        What was left out, and why.
    channels
        One line per channel: how many went, wait, were refused; why it was not tried.
    """

    sent: list[str] = field(default_factory=list)
    already: list[str] = field(default_factory=list)
    pending: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    causes: list[Exception] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    channels: list[str] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        return not self.pending and not self.refused and not self.failed

    @contextmanager
    def alone(self, channel: str) -> Iterator[None]:
        """Write down what goes wrong on a channel, so that the others go on."""
        try:
            yield
        except RindError as error:
            self.failed.setdefault(channel, error.message)
        except Exception as error:  # noqa: BLE001 - a defect of one channel must not keep the others' readers waiting
            self.failed.setdefault(channel, f"unexpected {type(error).__name__}")  # its text may hold a secret
            self.causes.append(error)
