"""The planted truth is true: calibrated, meaningless where it should be, with watermelons and moments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pytest

from rind.demo.company import DATA_END, Company, make_company
from rind.demo.outcomes import days_to_churn, logo_churn
from rind.demo.scenarios import LATENTS, SCENARIOS, SEGMENTS, Moment
from rind.demo.story import tell_story

Outcomes = Callable[[str], pd.DataFrame]
REACH = {"yearly": (0.83, 0.90), "monthly": (0.78, 0.86), "shifting": (0.82, 0.90)}


def auc(happened: pd.Series, score: pd.Series) -> float:
    """Chance that a row where it happened scores above one where it did not."""
    rank, yes = score.rank(), int(happened.sum())
    return float((rank[happened].sum() - yes * (yes + 1) / 2) / (yes * (len(happened) - yes)))


@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("horizon", [30, 90, 180])
def test_of_those_with_probability_p_a_share_p_leaves(outcomes: Outcomes, scenario: str, horizon: int) -> None:
    rows = outcomes(scenario).query("days_seen >= @horizon")
    chance, left = rows[f"p_{horizon}"], rows["days"] <= horizon
    tenth = pd.qcut(chance.rank(method="first"), 10, labels=False)
    frame = pd.DataFrame({"p": chance, "y": left.astype(float), "account": rows["account_id"]})
    assert left.mean() == pytest.approx(chance.mean(), rel=0.12)
    by_tenth = frame.groupby(tenth).agg(p=("p", "mean"), y=("y", "mean"), accounts=("account", "nunique"))
    for p, y, accounts in by_tenth.itertuples(index=False):
        noise = (p * (1 - p) / accounts) ** 0.5  # rows of one account share their fate
        assert abs(y - p) < 3.5 * noise + 0.003


@pytest.mark.parametrize(("scenario", "reach"), REACH.items())
def test_the_truth_reaches_what_a_hard_but_fair_problem_allows(
    outcomes: Outcomes, scenario: str, reach: tuple[float, float]
) -> None:
    rows = outcomes(scenario).query("days_seen >= 90")
    left = rows["days"] <= 90
    assert reach[0] < auc(left, rows["p_90"]) < reach[1]
    assert 0.038 < left.mean() < 0.052


def test_in_the_null_company_the_state_says_nothing_beside_the_calendar(outcomes: Outcomes) -> None:
    rows = outcomes("null").query("days_seen >= 90")
    close = rows[rows["days_left"].between(1, 84)]
    for latent in (*LATENTS, "fit", "job"):
        assert auc(close["days"] <= 90, close[latent]) == pytest.approx(0.5, abs=0.05), latent


def test_with_rules_that_shift_people_matter_less_and_money_more_in_the_last_year(outcomes: Outcomes) -> None:
    rows = outcomes("shifting").query("days_left <= 90 and days_seen >= 90")
    late = (pd.Timestamp(DATA_END) - rows["as_of"]).dt.days < 360
    skill = {
        (name, period): auc(part["days"] <= 90, -part[name])
        for name in ("people", "money")
        for period, part in rows.groupby(late)
    }
    assert skill["people", True] < skill["people", False] - 0.05
    assert skill["money", True] > skill["money", False] + 0.03


def test_captive_accounts_look_green_and_leave_more(outcomes: Outcomes) -> None:
    half = make_company(150, 0.7, scenario=replace(SCENARIOS["yearly"], captive_share=0.5))
    scores = half.tables["health_scores"].merge(half.truth["accounts"], on="account_id")
    mean_score = scores.groupby("captive")["score"].mean()
    left = outcomes("yearly").query("days_seen >= 90").assign(left=lambda r: r["days"] <= 90)
    rate = left.groupby("captive")["left"].mean()
    share = outcomes("yearly").groupby("account_id")["captive"].first().mean()
    assert mean_score[True] > mean_score[False]
    assert rate[True] > 1.3 * rate[False]
    assert 0.08 < share < 0.12


def test_reaching_the_planted_moment_keeps_customers() -> None:
    kept = {}
    for lift in (0.0, 1.6):
        moments = tuple(replace(m, lift=lift) for m in SCENARIOS["yearly"].moments)
        story = tell_story(5000, 3.0, 11, replace(SCENARIOS["yearly"], moments=moments), DATA_END)
        births, tenure = story.world.births, story.world.tenure
        young = (births.signed >= story.world.clock.start) & (births.signed < story.world.clock.end - 400)
        first = pd.Series(tenure.end).groupby(tenure.account).first().to_numpy()
        stays = pd.Series(first - births.signed > 366)[young]
        kept[lift] = stays.groupby(births.reached[young]).mean()
    assert kept[1.6][True] > kept[0.0][True] + 0.07  # the same accounts, with and without what they reached
    assert kept[1.6][True] > kept[1.6][False] + 0.07


def test_the_planted_moment_can_be_counted_in_the_usage_rows(company: Company) -> None:
    accounts = company.tables["accounts"].merge(company.truth["accounts"], on=["account_id", "segment"])
    start = company.tables["usage"]["occurred_at"].min().normalize()
    end = pd.Timestamp(company.data_end) - pd.Timedelta(days=60)
    accounts = accounts[(accounts["signed_on"] > start) & (accounts["signed_on"] < end)]
    used = company.tables["usage"].merge(accounts[["account_id", "signed_on"]], on="account_id")
    day = (used["occurred_at"].dt.normalize() - used["signed_on"]).dt.days
    for segment, rule in company.true_north.items():
        rows = used[(used["feature"] == rule["feature"]) & (day < rule["within_days"])]
        grouped = rows.groupby("account_id")["user_id"]
        count = grouped.size() if rule["measure"] == "events" else grouped.nunique()
        mine = accounts[accounts["segment"] == segment].set_index("account_id")
        reached = count.reindex(mine.index).fillna(0) >= rule["count"]
        assert (reached == mine["moment_reached"]).all(), segment


def test_a_scenario_may_plant_other_moments_or_none() -> None:
    moment = Moment("mid_market", "dashboard", "events", 12, 21)
    planted = make_company(40, 1.0, scenario=replace(SCENARIOS["yearly"], moments=(moment,)))
    assert set(planted.true_north) == {"mid_market"}
    assert planted.true_north["mid_market"]["feature"] == "dashboard"
    assert make_company(20, 1.0, scenario="null").true_north == {}


def test_churn_that_is_seen_in_the_tables_is_the_churn_of_the_truth(company: Company) -> None:
    rows = days_to_churn(company.truth["churn_probability"], logo_churn(company.tables["subscriptions"]))
    seen = (pd.Timestamp(company.data_end) - rows["as_of"]).dt.days >= 120
    assert auc(rows["days"][seen] <= 90, rows["p_90"][seen]) > 0.8
    assert set(company.truth["accounts"]["segment"]) == set(SEGMENTS)
