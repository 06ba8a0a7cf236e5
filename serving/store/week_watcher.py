"""A store whose latest week lies ready: who asks never waits while a thread looks for the next one."""

from __future__ import annotations

import logging
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from rind.common.errors import RindError
from rind.serving.store.protocols import NoResultsError, Week

logger = logging.getLogger(__name__)
Found = TypeVar("Found", bound=Week)


class Watcher(ABC, Generic[Found]):
    """The latest complete week of a place; whatever is wrong with the next one, this one is served on.

    Parameters
    ----------
    refresh_seconds
        How often to look for the next week; 0 looks once, and then when `refresh` is called.
    """

    def __init__(self, refresh_seconds: float) -> None:
        self._week: Found | None = None
        self._seen: Any = None
        self._why: RindError = NoResultsError("nothing has been looked at yet")
        self._prepare: Callable[[Week], None] = lambda _: None
        self._stop = threading.Event()
        self._reading = threading.Lock()
        self.refresh()
        if refresh_seconds:
            threading.Thread(target=self._watch, args=(refresh_seconds,), name="rind-results", daemon=True).start()

    @abstractmethod
    def _mark(self) -> Any:
        """What lies there now, cheaply told; equal marks are the same week."""

    @abstractmethod
    def _load(self, mark: Any) -> Found:
        """The week of a mark, in memory as far as lists need it."""

    def current(self) -> Found:
        """The latest complete week; see `serving.store.protocols.Store`."""
        week = self._week
        if week is None:
            raise self._why.with_traceback(None)
        return week

    def prepare_with(self, prepare: Callable[[Week], None]) -> None:
        """Have each week prepared before its first reader sees it: the present one now, others in the thread."""
        with self._reading:
            self._prepare = prepare
            if self._week is not None:
                prepare(self._week)

    def refresh(self) -> bool:
        """Look once; True when another week was taken over. Never raises."""
        with self._reading:
            mark = None
            try:
                mark = self._mark()
                if mark == self._seen:
                    return False
                week = self._load(mark)
                self._prepare(week)
            except NoResultsError as error:
                self._refused(error, mark)
            except (RindError, OSError) as error:  # a server or a disk that is away: what lies there may be sound
                self._refused(error, None)
            except Exception as error:  # what nobody foresaw must not end the looking
                logger.exception("the new week cannot be served")
                self._refused(error, mark)
            else:
                self._seen, self._week = mark, week
                logger.info("serving the week of %s, version %s", week.as_of, week.version)
                return True
            return False

    def close(self) -> None:
        """Stop looking for new weeks."""
        self._stop.set()

    def _refused(self, error: Exception, mark: Any) -> None:
        """Remember why there is no new week, and not to look at the same thing again."""
        why = error if isinstance(error, RindError) else NoResultsError(f"{type(error).__name__}: {error}", LOOK)
        if str(why) != str(self._why):
            logger.warning("no new week: %s", why.message)
        self._why = why
        self._seen = self._seen if mark is None else mark

    def _watch(self, seconds: float) -> None:
        while not self._stop.wait(seconds):
            self.refresh()


LOOK = "the server's log says where; run the week again, or serve with the version that made it"
