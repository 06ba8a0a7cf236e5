"""How items are sent: senders, the errors that they raise, retries, and the queue of one channel."""

from __future__ import annotations

from collections.abc import Container, Iterator
from types import TracebackType
from typing import Protocol, Self

from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception,
    stop_after_attempt,
    wait_exponential,
    wait_random,
)

from rind.serving.deliver.items import Item
from rind.serving.deliver.outbox import Outbox
from rind.serving.deliver.settings import RetrySettings


class TemporaryError(Exception):
    """The item was not taken, or nobody knows: it is tried again, after ``after_seconds`` at least."""

    tried_again = True  # within this run
    may_be_taken = True
    ends_channel = False  # the next item could not be sent either

    def __init__(self, message: str, after_seconds: float = 0.0) -> None:
        super().__init__(message)
        self.after_seconds = after_seconds


class DownError(TemporaryError):
    """The whole channel cannot be reached: nothing was taken."""

    may_be_taken, ends_channel = False, True


class SilentError(DownError):
    """The other side let all of the time pass before it could be given anything; the next run tries again."""

    tried_again = False


class StalledError(TemporaryError):
    """The exchange of an item took longer than it may; the next run tries again, so that the lock is free meanwhile."""

    tried_again, ends_channel = False, True


class RefusedError(Exception):
    """The other side will never take the item, however often it is tried."""


class Sender(Protocol):
    """An open connection; a context manager that closes it at the end."""

    def send(self, item: Item) -> None:
        """Send an item; it was taken when this returns. Raises one of the errors above."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def retrying(settings: RetrySettings) -> Retrying:
    """Try again after temporary failures: exponential waits with jitter, at least as long as the server asks for."""
    first = settings.first_wait_seconds
    backoff = wait_exponential(multiplier=first, max=settings.longest_wait_seconds) + wait_random(0, first)

    def wait(state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        requested = error.after_seconds if isinstance(error, TemporaryError) else 0.0
        return min(max(backoff(state), requested), settings.longest_wait_seconds)

    return Retrying(
        retry=retry_if_exception(lambda error: isinstance(error, TemporaryError) and error.tried_again),
        stop=stop_after_attempt(settings.attempts), wait=wait, reraise=True,
    )  # fmt: skip


def send_waiting(
    outbox: Outbox, channel: str, sender: Sender, retries: RetrySettings, only: Container[str] | None = None
) -> Iterator[Item]:
    """Send what waits on one channel, write the outcome of each item down, and give the items that were taken.

    Parameters
    ----------
    only
        Keys of the items to send; None: all of them.
    """
    for entry in outbox.waiting(channel):
        if only is not None and entry.item.key not in only:
            continue
        item, uncertain = entry.item, list[TemporaryError]()
        outbox.mark_sending(item)
        try:
            retrying(retries)(_attempt, sender, item, uncertain)
        except RefusedError as error:
            outbox.mark_refused(item, str(error))
        except TemporaryError as error:
            outbox.postpone(item, str(error), surely_not_taken=not uncertain)
            if error.ends_channel:
                break
        else:
            outbox.mark_sent(item)
            yield item


def _attempt(sender: Sender, item: Item, uncertain: list[TemporaryError]) -> None:
    """Send an item; add to ``uncertain`` a failure after which nobody knows whether it was taken."""
    try:
        sender.send(item)
    except TemporaryError as error:
        if error.may_be_taken:
            uncertain.append(error)
        raise
