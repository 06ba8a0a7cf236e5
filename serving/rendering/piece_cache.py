"""The pieces of pages that were rendered or drawn last."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import Any

MOST_PIECES = 2_000


class PieceCache:
    """Pieces by key. The keys of a new week differ, so those of the old one drop out as the least recently used."""

    def __init__(self, most: int = MOST_PIECES) -> None:
        self._most = most
        self._pieces: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable) -> Any:
        """A piece; None where it has to be made."""
        with self._lock:
            piece = self._pieces.get(key)
            if piece is not None:
                self._pieces.move_to_end(key)
            return piece

    def put(self, key: Hashable, piece: Any) -> None:
        """Keep a piece; the least recently used one is dropped where there are too many."""
        with self._lock:
            self._pieces[key] = piece
            while len(self._pieces) > self._most:
                self._pieces.popitem(last=False)
