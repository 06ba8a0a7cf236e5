"""A store that keeps its latest week ready, while a thread looks for the next one: no request waits for it."""

from __future__ import annotations

import logging
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from rind.common.errors import RindError
from rind.serving.store.protocols import NoResultsError, Week

logger = logging.getLogger(__name__)
WeekType = TypeVar("WeekType", bound=Week)


class Watcher(ABC, Generic[WeekType]):
    """The latest complete week of a place; it is served until the next one is complete and readable.

    Parameters
    ----------
    refresh_seconds
        How often to look for the next week; 0 looks once, and then when `refresh` is called.
    """

    def __init__(self, refresh_seconds: float) -> None:
        self._week: WeekType | None = None
        self._last_mark: Any = None
        self._served_mark: Any = None
        self._problem: RindError | None = None
        self._reason: RindError = NoResultsError("nothing has been looked at yet")
        self._prepare: Callable[[Week], None] = lambda _: None
        self._stop = threading.Event()
        self._reading = threading.Lock()
        self.refresh()
        if refresh_seconds:
            threading.Thread(target=self._watch, args=(refresh_seconds,), name="rind-results", daemon=True).start()

    @abstractmethod
    def _mark(self) -> Any:
        """What identifies the results that lie there now, cheap to read; equal marks are the same week."""

    @abstractmethod
    def _load(self, mark: Any) -> WeekType:
        """The week of a mark, in memory as far as lists need it."""

    def current(self) -> WeekType:
        """The latest complete week; see `serving.store.protocols.Store`."""
        week = self._week
        if week is None:
            raise self._reason.with_traceback(None)
        return week

    def problem(self) -> RindError | None:
        """Why newer results cannot be served, or what was served cannot be read again; None while all is well."""
        return self._problem

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
                if mark == self._last_mark:
                    self._problem = None if mark == self._served_mark else self._problem  # a disk that was away
                    return False
                week = self._load(mark)
                self._prepare(week)
            except NoResultsError as error:
                self._reject(error, mark)
            except (RindError, OSError) as error:  # a server or a disk is away: the results may be complete
                self._reject(error, None)
            except Exception as error:  # an unforeseen error must not end the thread
                logger.exception("the new week cannot be served")
                self._reject(error, mark)
            else:
                self._last_mark = self._served_mark = mark
                self._week, self._problem = week, None
                logger.info("serving the week of %s, version %s", week.as_of, week.version)
                return True
            return False

    def close(self) -> None:
        """Stop looking for new weeks."""
        self._stop.set()

    def _reject(self, error: Exception, mark: Any) -> None:
        """Keep the reason why there is no new week; with a ``mark`` the same results are not read again."""
        reason = error if isinstance(error, RindError) else NoResultsError(f"{type(error).__name__}: {error}", LOOK)
        if str(reason) != str(self._reason):
            logger.warning("no new week: %s", reason.message)
        self._reason = self._problem = reason
        self._last_mark = self._last_mark if mark is None else mark

    def _watch(self, seconds: float) -> None:
        while not self._stop.wait(seconds):
            self.refresh()


LOOK = "the server's log says where; run the week again, or serve with the version that made it"
