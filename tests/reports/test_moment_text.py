from __future__ import annotations

from typing import Any

import pytest

from rind.common.facts.moments import Freshness, MomentsFound, SegmentSearch, Status
from rind.reports.moment_text import counted, freshness_record, group_words, true_north_record, watch_words

MOMENT: Any = {
    "segment": "mid_market", "feature": "reports", "measure": "users", "count": 5, "within_days": 30,
    "retention_reached": 0.86, "retention_not_reached": 0.65, "confirmed": True,
}  # fmt: skip
SEARCHED: SegmentSearch = {
    "searched": 400, "confirming": 200, "retention": 0.8, "candidates": 90, "p_value": 0.4, "smallest_effect": 0.12,
}  # fmt: skip
FRESH: Freshness = {
    "segment": "all", "feature": "trainings_held", "measure": "count", "count": 1, "within_days": 14,
    "difference": 0.2, "status": Status.GONE, "recent": 0.01, "recent_low": -0.1, "recent_high": 0.12,
}  # fmt: skip


def moments_of(**changes: Any) -> MomentsFound:
    nothing: MomentsFound = {
        "moments": [], "rejected": [], "segments": {}, "left_out": 0, "freshness": [], "details": [],
    }  # fmt: skip
    return {**nothing, **changes}


def words(**changes: Any) -> str:
    return true_north_record(moments_of(**changes))["words"]


def test_a_moment_is_told_with_both_retentions_and_what_adds_to_it() -> None:
    alone = "Mid market: 86% of those with at least 5 users on reports in the first 30 days stayed, 65% of the others"
    assert words(moments=[MOMENT], segments={"mid_market": SEARCHED}) == f"{alone}."
    more = {"and_feature": "api", "and_measure": "events", "and_count": 2, "and_retention": 0.95}
    assert words(moments=[MOMENT | more], segments={"mid_market": SEARCHED}) == (
        f"{alone}; of those with at least 2 uses of api by then as well 95%."
    )


@pytest.mark.parametrize(
    ("smallest", "sentence"),
    [
        (0.12, "with 400 accounts effects of 12 points of retention or more can be seen."),
        (0.3, "with 400 accounts only very large effects can be seen: 30 points of retention or more."),
        (1.0, "with 400 accounts no effect can be seen yet, however large."),
        (None, "too few accounts do the same thing early, or sign later to confirm it."),
    ],
)
def test_a_segment_without_a_moment_says_what_is_watched_and_can_be_seen(smallest: float | None, sentence: str) -> None:
    summary = words(segments={"a": {**SEARCHED, "smallest_effect": smallest}})
    assert summary == f"Every early behaviour is watched again with every list. A: {sentence}"
    assert watch_words("a", {}) == watch_words("a", {**SEARCHED, "smallest_effect": None})


def test_a_moment_of_all_accounts_leaves_no_segment_unspoken_and_no_search_is_said() -> None:
    assert "is watched" not in words(moments=[MOMENT | {"segment": "all"}], segments={"a": SEARCHED})
    assert words() == "Too few accounts have stayed or left so far to search for a moment."


def test_the_next_run_says_first_which_moments_have_broken() -> None:
    gone = freshness_record(FRESH)["words"]
    assert gone == (
        "All accounts: 1 training held in the first 14 days: gone; 20 points of retention when it was confirmed, "
        "1 in the newest cohort"
    )
    assert words(freshness=[FRESH]).startswith(f"{gone}. ")
    assert words(freshness=[{**FRESH, "status": Status.HOLDING}]) == words()


def test_a_moment_that_moved_or_that_no_cohort_shows_gives_no_figures() -> None:
    assert freshness_record({**FRESH, "status": Status.MOVED})["words"].endswith("see the one that stands now")
    unseen = freshness_record({**FRESH, "status": Status.UNSEEN, "recent": None})
    assert unseen["words"].endswith("no new cohort shows it yet")


@pytest.mark.parametrize(
    ("behaviour", "count", "words"),
    [
        ("users:reports", 2, "2 users on reports"),
        ("events:api_keys", 1, "1 use of api keys"),
        ("trainings_held", 3, "3 trainings held"),
        ("contacts:executive", 1, "1 contact at the level executive"),
        ("active_days", 4, "4 active days"),
    ],
)
def test_a_behaviour_is_counted_in_words(behaviour: str, count: int, words: str) -> None:
    assert counted(behaviour, count) == words


@pytest.mark.parametrize(
    ("name", "words"), [("mid_market", "Mid market"), ("Enterprise: EMEA", "Enterprise: EMEA"), ("all", "All accounts")]
)
def test_a_group_is_named_as_at_the_start_of_a_sentence(name: str, words: str) -> None:
    assert group_words(name) == words
