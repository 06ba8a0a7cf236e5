"""How many reasons were judged useful: over all, and by feature."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from rind.serving.feedback.acts import Act


@dataclass(frozen=True)
class Verdicts:
    """Counts of judged reasons."""

    useful: int = 0
    known: int = 0
    wrong: int = 0

    @property
    def judged(self) -> int:
        return self.useful + self.known + self.wrong


@dataclass(frozen=True)
class HitRate:
    """The verdicts on reasons: each reason of an account and week counts once, with its latest verdict.

    Parameters
    ----------
    by_feature
        Feature -> its counts, the most judged first; "" for reasons whose feature is not known.
    """

    total: Verdicts = Verdicts()
    by_feature: dict[str, Verdicts] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        """``Of 41 reasons judged 33 useful, 5 known before, 3 wrong``; "" where none was judged."""
        counts = self.total
        if not counts.judged:
            return ""
        reasons = "Of 1 reason" if counts.judged == 1 else f"Of {counts.judged:,} reasons"
        return f"{reasons} judged {counts.useful:,} useful, {counts.known:,} known before, {counts.wrong:,} wrong"


def hit_rate(acts: Iterable[Act]) -> HitRate:
    """Count the latest verdict on each reason.

    Parameters
    ----------
    acts
        In the order in which they came; acts of other kinds are passed over.
    """
    latest = {(act.account_id, act.week, act.reason): act for act in acts if act.kind == "reason"}
    counts: dict[str, Counter[str]] = {}
    for act in latest.values():
        counts.setdefault(act.feature or "", Counter())[str(act.verdict)] += 1
    total = sum(counts.values(), Counter[str]())
    ordered = sorted(counts.items(), key=lambda item: (-item[1].total(), item[0]))
    return HitRate(Verdicts(**total), {feature: Verdicts(**count) for feature, count in ordered})
