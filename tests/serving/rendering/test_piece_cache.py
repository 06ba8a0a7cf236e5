"""Rendered pieces, the least recently used dropped first."""

from __future__ import annotations

from rind.serving.rendering.piece_cache import PieceCache


def test_a_full_cache_drops_the_piece_that_was_used_longest_ago() -> None:
    cache = PieceCache(most=2)
    cache.put("a", 1)
    cache.put("b", 2)
    assert cache.get("a") == 1  # used now, so b is the oldest
    cache.put("c", 3)
    assert [cache.get(key) for key in "abc"] == [1, None, 3]
