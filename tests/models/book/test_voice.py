"""What a topic is worth: by hand."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from rind.models.book.voice import COLUMNS, risk_beside_comparable, typical, voice
from rind.models.book.voice_settings import VoiceSettings

AS_OF = date(2025, 7, 1)
SETTINGS = VoiceSettings(
    days=365, most_topics=6, fewest_texts=50, fewest_texts_a_topic=20, fewest_accounts=3, most_common_share=0.4,
    sentences=2, error_rate=0.05,
)  # fmt: skip


def text(account: str, days_ago: int, topic: str = "T1", source: str = "survey", **more: Any) -> dict[str, Any]:
    return {"account_id": account, "source": source, "topic": topic, "words": f"{topic} words", "text": "so it is",
            "said_on": AS_OF - timedelta(days=days_ago), **more}  # fmt: skip


def known(**differences: float) -> pd.DataFrame:
    rows = {
        name: {"mrr": 100.0, "churn_probability": 0.1, "risk_against_comparable": d} for name, d in differences.items()
    }
    gone = {"gone": {"mrr": 50.0, "churn_probability": np.nan, "risk_against_comparable": np.nan}}
    return pd.DataFrame.from_dict(rows | gone, orient="index")


def test_a_topic_sums_its_accounts_once_and_leavers_bring_no_risk() -> None:
    texts = [text("a", 1), text("a", 91), text("b", 92), text("c", 182), text("gone", 183)]
    made = voice(pd.DataFrame(texts), known(a=0.04, b=0.05, c=0.06), AS_OF, SETTINGS).iloc[0]
    assert (made["texts"], made["accounts"], made["customers"]) == (5, 4, 3)
    assert made["mrr"] == 350.0
    assert made["mrr_at_risk"] == pytest.approx(30.0)
    assert made["risk_against_comparable"] == pytest.approx(0.05)
    assert made["low"] < 0.05 < made["high"]
    assert made["beyond_chance"]
    assert (made["texts_last_quarter"], made["texts_quarter_before"]) == (2, 2)


def test_a_topic_of_few_accounts_is_left_out_and_few_customers_have_no_risk() -> None:
    texts = pd.DataFrame([text("a", 1), text("b", 1)])
    assert voice(texts, known(a=0.0, b=0.0), AS_OF, SETTINGS).empty
    made = voice(pd.DataFrame([text("a", 1), text("b", 1), text("gone", 1)]), known(a=0.0, b=0.0), AS_OF, SETTINGS)
    assert np.isnan(made["risk_against_comparable"].iloc[0])
    assert not made["beyond_chance"].iloc[0]


def test_no_text_is_no_topic() -> None:
    empty = pd.DataFrame([text("a", 1)]).iloc[:0]
    assert list(voice(empty, known(), AS_OF, SETTINGS).columns) == list(COLUMNS)


def test_wishes_come_by_the_revenue_at_risk() -> None:
    accounts = known(a=0.0, b=0.0, c=0.0, d=0.0, e=0.0, f=0.0)
    accounts.loc[["d", "e", "f"], "churn_probability"] = 0.5
    wishes = [text(name, 1, "map" if name in "abc" else "list", "request") for name in "abcdef"]
    made = voice(pd.DataFrame([*wishes, *(text(name, 1) for name in "abc")]), accounts, AS_OF, SETTINGS)
    assert list(made["topic"]) == ["T1", "list", "map"]


def test_a_topic_rises_against_the_other_texts_of_its_source() -> None:
    accounts = known(**{f"x{n}": 0.0 for n in range(40)})
    steady = [text(f"x{n}", days, "T1") for n in range(40) for days in (5, 100)]
    rising = [text(f"x{n}", 5, "T2") for n in range(30)] + [text("x1", 100, "T2")]
    made = voice(pd.DataFrame(steady + rising), accounts, AS_OF, SETTINGS).set_index("topic")["movement"]
    assert made["T2"] == "rises"


def test_the_difference_is_to_accounts_of_the_same_segment_and_renewal() -> None:
    segments = ["big"] * 4 + ["small"] * 4
    cohort = pd.DataFrame(
        {
            "account_id": list("abcdefgh"), "as_of": pd.Timestamp(AS_OF),
            "churn_probability": [0.5, 0.3, 0.3, 0.3, 0.1, 0.1, 0.1, 0.1], "commercial__segment__now": segments,
        }
    )  # fmt: skip
    differences = risk_beside_comparable(cohort, 3)
    assert differences["a"] == pytest.approx(0.15)
    assert differences["e"] == pytest.approx(0.0)


def test_typical_texts_are_of_several_accounts_and_none_twice() -> None:
    rows = [
        text("a", 1, weight=0.9, text="one"), text("a", 2, weight=0.8, text="two"),
        text("b", 3, weight=0.7, text="one"), text("b", 3, weight=0.6, text="three"),
        text("c", 3, weight=0.5, text="x"),
    ]  # fmt: skip
    shown = typical(pd.DataFrame(rows), 2)
    assert list(zip(shown["account_id"], shown["text"], strict=True)) == [("a", "one"), ("b", "three")]
