from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from health_company import SPEC as COMPANY
from health_company import company
from hypothesis import given, settings
from hypothesis import strategies as st

from rind.common.families import FAMILIES
from rind.models.common.frames import SEGMENT
from rind.models.health.score import Curve, HealthSpec, Override, as_it_stood, curve_points, score

SPEC = HealthSpec(
    weights={"usage": 50, "tickets": 30, "surveys": 20},
    curves={
        "usage__users__28d": (0, 10),
        "usage__days__28d": (0, 20),
        "tickets__open__now": (5, 0),
        "surveys__nps__ever": (0, 10),
    },
    amber_from=40,
    green_from=70,
)


FEATURES = list(SPEC.curves)


TWO_CURVES = {f"{family}__what__now": (0.0, 100.0) for family in ("usage", "tickets")}


OVERRIDES = {"large": Override(weights={"tickets": 100}, curves={"tickets__what__now": (50, 100)})}


quick = settings(deadline=None, max_examples=30)


values = st.one_of(st.none(), st.floats(-50, 50))


rows = st.lists(st.fixed_dictionaries(dict.fromkeys(FEATURES, values)), min_size=1, max_size=6)


def matrix(*records: dict[str, Any]) -> pd.DataFrame:
    frame = pd.DataFrame([{f: r.get(f) for f in FEATURES} for r in records], columns=FEATURES, dtype="float64")
    keys = {"account_id": [f"a{i}" for i in range(len(records))], "as_of": pd.Timestamp("2024-01-08")}
    return frame.assign(**keys)


def health(record: dict[str, Any]) -> float:
    return float(score(matrix(record), SPEC)["health_score"].iloc[0])


@pytest.mark.parametrize(("value", "points"), [(-1, 0), (0, 0), (4, 40), (10, 100), (11, 100)])
def test_a_curve_is_a_line_between_bad_and_good_and_flat_outside(value: float, points: float) -> None:
    assert curve_points(Curve("usage__users__28d", bad=0, good=10), pd.Series([value]))[0] == pytest.approx(points)


@pytest.mark.parametrize(("value", "points"), [(0, 100), (1, 80), (5, 0), (9, 0)])
def test_a_curve_falls_where_bad_lies_above_good(value: float, points: float) -> None:
    assert curve_points(Curve("tickets__open__now", bad=5, good=0), pd.Series([value]))[0] == pytest.approx(points)


def test_the_score_is_the_weighted_mean_of_the_means_of_each_familys_points() -> None:
    record = {"usage__users__28d": 5, "usage__days__28d": 20, "tickets__open__now": 5, "surveys__nps__ever": 9}
    found = score(matrix(record), SPEC).iloc[0]
    assert found["health_usage"] == pytest.approx(75)
    assert found["health_score"] == pytest.approx(0.5 * 75 + 0.3 * 0 + 0.2 * 90)


def test_a_family_without_data_gives_its_weight_to_the_others_in_proportion() -> None:
    assert health({"usage__users__28d": 10, "tickets__open__now": 5}) == pytest.approx(100 * 50 / 80)
    without_column = matrix({"usage__users__28d": 10, "tickets__open__now": 5}).drop(columns="surveys__nps__ever")
    assert score(without_column, SPEC)["health_score"].iloc[0] == pytest.approx(100 * 50 / 80)


def test_without_any_data_there_is_no_score_and_the_band_is_unknown() -> None:
    found = score(matrix({}), SPEC).iloc[0]
    assert np.isnan(found["health_score"])
    assert found["health_band"] == "unknown"


@pytest.mark.parametrize(("users", "band"), [(3.9, "red"), (4, "amber"), (6.9, "amber"), (7, "green")])
def test_a_band_begins_at_its_threshold(users: float, band: str) -> None:
    assert score(matrix({"usage__users__28d": users}), SPEC)["health_band"].iloc[0] == band


@quick
@given(rows, st.sampled_from(range(len(FEATURES))), st.floats(0, 100))
def test_a_worse_feature_never_raises_health(records: list[dict[str, Any]], which: int, by: float) -> None:
    curve = SPEC.curve_list[which]
    before = matrix(*records)
    worse = before.assign(**{curve.feature: before[curve.feature] + by * np.sign(curve.bad - curve.good)})
    old, new = score(before, SPEC)["health_score"], score(worse, SPEC)["health_score"]
    assert ((new <= old) | (new.isna() & old.isna())).all()


@quick
@given(rows, st.randoms(use_true_random=False))
def test_the_order_of_accounts_changes_nothing(records: list[dict[str, Any]], random: Any) -> None:
    features = matrix(*records)
    order = list(range(len(features)))
    random.shuffle(order)
    pd.testing.assert_frame_equal(score(features.iloc[order], SPEC), score(features, SPEC).iloc[order])


@quick
@given(rows)
def test_the_score_stays_between_0_and_100(records: list[dict[str, Any]]) -> None:
    found = score(matrix(*records), SPEC)["health_score"].dropna()
    assert found.between(0, 100).all()


def own(*scores: tuple[str, float], **more: Any) -> pd.DataFrame:
    days, points = zip(*scores, strict=True)
    return pd.DataFrame({"account_id": "a0", "as_of": pd.to_datetime(list(days)), "score": points, **more})


OURS = score(matrix({"usage__users__28d": 1}), SPEC)  # at 2024-01-08: 10 points, red


@pytest.mark.parametrize(
    ("day", "counts"),
    [("2024-01-07", True), ("2024-01-01", True), ("2023-12-31", False), ("2024-01-08", False), ("2024-02-01", False)],
)
def test_the_companys_own_score_counts_from_the_seven_days_before_the_as_of_date(day: str, counts: bool) -> None:
    found = as_it_stood(OURS, own((day, 90)), SPEC, max_age_days=7).iloc[0]
    expected = (90, "green", "own") if counts else (10, "red", "rind")
    assert (found["health_score"], found["health_band"], found["health_source"]) == expected


def test_a_score_that_was_rewritten_later_does_not_change_what_was_seen() -> None:
    rewritten = own(("2024-01-05", 90), ("2024-01-05", 5), recorded_at=pd.to_datetime(["2024-01-05", "2024-03-01"]))
    assert as_it_stood(OURS, rewritten, SPEC, 35)["health_score"].iloc[0] == 90


def test_an_older_score_that_arrives_late_does_not_replace_a_newer_one() -> None:
    late = own(("2024-01-05", 90), ("2024-01-02", 5), recorded_at=pd.to_datetime(["2024-01-05", "2024-01-06"]))
    assert as_it_stood(OURS, late, SPEC, 35)["health_score"].iloc[0] == 90


offsets = st.lists(st.tuples(st.integers(-60, -1), st.floats(0, 100)), max_size=5)


futures = st.lists(st.tuples(st.integers(0, 400), st.floats(0, 100)), max_size=5)


@quick
@given(offsets, futures)
def test_scores_of_the_future_never_change_the_score_as_it_stood(past: Any, future: Any) -> None:
    def table(pairs: Any) -> pd.DataFrame:
        day = pd.to_datetime([pd.Timestamp("2024-01-08") + pd.Timedelta(days=d) for d, _ in pairs])
        return pd.DataFrame({"account_id": "a0", "as_of": day, "score": [float(s) for _, s in pairs]})

    unchanged = as_it_stood(OURS, table(past), SPEC, 35)
    pd.testing.assert_frame_equal(as_it_stood(OURS, table(past + future), SPEC, 35), unchanged)


def test_without_a_table_of_own_scores_ours_stand() -> None:
    assert as_it_stood(OURS, None, SPEC, 35)["health_source"].tolist() == ["rind"]


def test_a_segment_has_its_own_weights_and_curves_and_the_others_keep_theirs() -> None:
    rows = company(0, 6.0, accounts=40, weeks=3)
    spec = COMPANY.changed(segments=OVERRIDES)
    own, all_ = score(rows, spec), score(rows, COMPANY)
    large = rows[SEGMENT] == "large"
    expected = ((rows["tickets__what__now"] - 50) / 50).clip(0, 1) * 100
    assert np.allclose(own.loc[large, "health_score"], expected[large])
    pd.testing.assert_frame_equal(own[~large], all_[~large])


answers = st.sampled_from(["yes", "no", "unsure", None])


points = st.lists(st.one_of(st.none(), st.floats(0, 100)), min_size=6, max_size=6)


@settings(deadline=None, max_examples=40)
@given(points, answers)
def test_an_answer_that_doubts_the_use_never_raises_the_score(values: list[float | None], answer: str | None) -> None:
    spec = COMPANY.changed(fit_usage_factor={"fits": 1.0, "unsure": 0.7, "misfits": 0.4})
    row = pd.DataFrame([{f"{f}__what__now": v for f, v in zip(FAMILIES, values, strict=True)}], dtype="float64")
    row = row.assign(account_id="a", as_of=pd.Timestamp("2024-01-01"))
    with_answer = score(row, spec, pd.Series([answer], dtype="object"))["health_score"].iloc[0]
    without = score(row, spec)["health_score"].iloc[0]
    assert with_answer <= without + 1e-9 or (np.isnan(with_answer) and np.isnan(without))


def test_a_no_takes_weight_from_usage_by_the_factor() -> None:
    spec = COMPANY.changed(weights={"usage": 50, "tickets": 50}, curves=TWO_CURVES, fit_usage_factor={"misfits": 0.5})
    row = pd.DataFrame([{"usage__what__now": 100.0, "tickets__what__now": 10.0}])
    row = row.assign(account_id="a", as_of=pd.Timestamp("2024-01-01"))
    assert score(row, spec, pd.Series(["no"]))["health_score"].iloc[0] == pytest.approx((25 * 100 + 50 * 10) / 75)
    assert score(row, spec, pd.Series(["yes"]))["health_score"].iloc[0] == pytest.approx(55)


def test_the_families_without_data_are_named() -> None:
    row = pd.DataFrame([{"usage__what__now": 100.0, "tickets__what__now": np.nan}])
    row = row.assign(account_id="a", as_of=pd.Timestamp("2024-01-01"))
    weights = {"usage": 50, "tickets": 30, "surveys": 20, "contacts": 0}
    spec = COMPANY.changed(weights=weights, curves=TWO_CURVES)
    assert score(row, spec)["health_missing"].tolist() == ["tickets, surveys"]
