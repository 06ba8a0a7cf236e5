"""Each number of the page, recomputed by a few lines of SQL over a small demo company."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

from rind.common.files import write_json
from rind.features.early_behaviour import early_behaviour
from rind.features.signup_cohorts import OutcomeWindow, launches
from rind.features.sources import open_source
from rind.models.health.score import fit_answers, score
from rind.pipelines.data import write_lazily
from rind.pipelines.params import load
from rind.pipelines.stages import kpis as stage
from rind.pipelines.stages.kpis import no_moment_confirmed
from rind.pipelines.workspace import Workspace

LEVELS = """
create view runs as
    select account_id, mrr, starts_on, coalesce(ended_on, '9999-01-01') as ended_on, max(ended_on) over (
        partition by account_id order by starts_on, ended_on rows between unbounded preceding and 1 preceding) as gone
    from '{source}/subscriptions.parquet' where mrr > 0;
create view terms as
    select account_id, mrr, starts_on, ended_on from runs
    union all select a.account_id, a.mrr, b.gone, b.starts_on from runs a join runs b
    on a.account_id = b.account_id and a.ended_on = b.gone and b.starts_on > b.gone and b.starts_on <= b.gone + 30;
create view months as select distinct month, month - 1 as first, last_day(month) as last from '{results}/kpis.parquet';
create view paid as
    select month, account_id, coalesce(sum(mrr) filter (starts_on <= first and ended_on > first), 0) s,
        coalesce(sum(mrr) filter (starts_on <= last and ended_on > last), 0) e, min(starts_on) since
    from terms, months group by all having s > 0 or e > 0
"""
MONEY = {
    "mrr_start": "sum(s)", "mrr_end": "sum(e)", "arr": "12 * sum(e)", "accounts": "count(*) filter (e > 0)",
    "mrr_new": "coalesce(sum(e) filter (s = 0 and since >= month), 0)",
    "mrr_reactivated": "coalesce(sum(e) filter (s = 0 and since < month), 0)",
    "mrr_expansion": "coalesce(sum(e - s) filter (s > 0 and e > s), 0)",
    "mrr_contraction": "coalesce(sum(s - e) filter (e > 0 and e < s), 0)",
    "mrr_churned": "coalesce(sum(s) filter (e = 0), 0)", "new_accounts": "count(*) filter (s = 0 and since >= month)",
    "logo_churn": "count(*) filter (s > 0 and e = 0) / count(*) filter (s > 0)",
    "gross_mrr_churn": "sum(greatest(s - e, 0)) / sum(s)", "grr": "sum(least(s, e)) / sum(s)",
    "net_mrr_churn": "(sum(s) - sum(e) + coalesce(sum(e) filter (s = 0 and since >= month), 0)) / sum(s)",
    "nrr": "sum(e) filter (s > 0) / sum(s)",
}  # fmt: skip
ANSWERS = {
    "nps": "100 * avg(case when score >= 9 then 1 when score <= 6 then -1 else 0 end) filter (kind = 'nps')",
    "csat": "avg((score >= 4)::int) filter (kind = 'csat')", "ces": "avg(score) filter (kind = 'ces')",
    "essential": "avg((score = 3)::int) filter (kind = 'essential')",
    "nice_to_have": "avg((score = 2)::int) filter (kind = 'essential')",
    "not_needed": "avg((score = 1)::int) filter (kind = 'essential')",
}  # fmt: skip

COSTS = """
create table costs as
    select month, kind, segment, null::varchar as csm, 100.0 * (month(month) + len(kind) * len(segment)) as amount
    from months, (values ('acquisition'), ('success'), ('support')) k(kind),
        (values ('small_business'), ('mid_market'), ('enterprise')) s(segment)
    union all select month, 'support', null, null, 77.0 from months;
copy costs to '{path}'
"""
MOMENT = {"segment": "all", "confirmed": True, "feature": "board_view", "measure": "users", "count": 2,
          "within_days": 30}  # fmt: skip


@pytest.fixture(scope="module")
def con(small_run: Path) -> Iterator[Any]:
    with duckdb.connect() as connection:
        for part in LEVELS.format(source=small_run / "source", results=small_run / "results").split(";"):
            connection.sql(part)
        yield connection


@pytest.fixture(scope="module")
def whole(small_run: Path) -> pd.DataFrame:
    """Month x metric of the whole company."""
    return of_whole(small_run / "results/kpis.parquet")


def of_whole(path: Path) -> pd.DataFrame:
    frame = pd.read_parquet(path)
    frame = frame[(frame["segment"] == "all") & (frame["csm"] == "all") & (frame["plan"] == "all")]
    return frame.pivot_table(index="month", columns="metric", values="value")


@pytest.fixture(scope="module")
def with_costs(con: Any, small_run: Path, tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """Month x metric of the same company with the table `costs` above and a confirmed moment: it has neither."""
    folder = tmp_path_factory.mktemp("with_costs")
    space = space_of(small_run, folder)
    write_json(space.true_north, {"moments": [MOMENT]})
    for statement in COSTS.format(path=folder / "costs.parquet").split(";"):
        con.sql(statement)
    as_of = date.fromisoformat(json.loads(space.dates.read_text())["as_of"])
    with open_source(small_run / "source") as source, pytest.MonkeyPatch.context() as patched:
        usage, engine = source.tables["usage"], source.tables["accounts"].get_backend()
        tables = source.tables | {"costs": engine.read_parquet(folder / "costs.parquet")}
        used = tables | {"usage": usage.filter(usage["feature"] == MOMENT["feature"])}
        write_lazily(early_behaviour(used, as_of, [30]), space.early)
        write_lazily(launches(tables, as_of, OutcomeWindow(365, 30, 30)), space.cohorts)
        patched.setattr(stage, "load", lambda _: tables)
        patched.setattr(stage, "present", lambda _: set(tables))
        stage.run(space, load(), lambda _: None)
    return of_whole(space.kpis)


def space_of(small_run: Path, folder: Path) -> Workspace:
    """A workspace with what the part reads of a run, every account in green."""
    results, space = small_run / "results", Workspace(folder, folder / "mlruns")
    run = json.loads((results / "run.json").read_text())
    write_json(space.dates, {name: run[name] for name in ("data_end", "as_of")})
    backtest = pd.read_parquet(results / "backtest.parquet")
    backtest.to_parquet(space.predictions)
    backtest[["account_id", "as_of"]].assign(health_band="green").to_parquet(space.health)
    return space


def compared(ours: pd.DataFrame, sql: pd.DataFrame) -> tuple[int, list[str]]:
    """How many months the query has, and the cells in which our number is another one, or one side has none."""
    theirs = sql.assign(month=pd.to_datetime(sql["month"])).set_index("month").astype("float64")
    mine = ours.set_axis(pd.to_datetime(ours.index)).reindex(theirs.index)[list(theirs.columns)]
    apart = ~np.isclose(mine.to_numpy("float64"), theirs.to_numpy(), rtol=1e-9, atol=1e-8, equal_nan=True)
    return len(theirs), [
        f"{theirs.index[row]:%Y-%m} {theirs.columns[column]}: {mine.iloc[row, column]}, not {theirs.iloc[row, column]}"
        for row, column in np.argwhere(apart)
    ]


def test_revenue_and_retention_are_those_of_the_subscriptions(con: Any, whole: pd.DataFrame) -> None:
    columns = ", ".join(f"{sql} as {name}" for name, sql in MONEY.items())
    query = f"select month, {columns} from paid group by month order by month"
    months, differences = compared(whole, con.sql(query).df())
    assert months >= 6
    assert differences == []


def test_retention_of_a_year_is_that_of_its_first_accounts(con: Any, whole: pd.DataFrame) -> None:
    query = """
        select b.month, sum(least(a.e, coalesce(c.e, 0))) / sum(a.e) as grr_12m,
            sum(coalesce(c.e, 0)) / sum(a.e) as nrr_12m,
            count(*) filter (coalesce(c.e, 0) = 0) / count(*) as logo_churn_12m
        from months b join paid a on a.month = b.month - interval 12 month and a.e > 0
        left join paid c on c.month = b.month and c.account_id = a.account_id group by b.month order by b.month
    """
    months, differences = compared(whole, con.sql(query).df())
    assert months >= 6
    assert differences == []


def test_answers_are_those_of_the_customers_of_the_month(con: Any, whole: pd.DataFrame, small_run: Path) -> None:
    columns = ", ".join(f"{sql} as {name}" for name, sql in ANSWERS.items())
    query = f"""
        select paid.month, {columns} from '{small_run}/source/surveys.parquet' s join paid
        on s.account_id = paid.account_id and date_trunc('month', s.responded_at) = paid.month
        where date_trunc('month', s.responded_at) > (select date_trunc('month', min(responded_at)) from
            '{small_run}/source/surveys.parquet') group by paid.month order by paid.month
    """
    months, differences = compared(whole, con.sql(query).df())
    assert months >= 6
    assert differences == []


def test_first_contact_resolution_is_that_of_the_solved_tickets(con: Any, whole: pd.DataFrame, small_run: Path) -> None:
    query = f"""
        select paid.month, avg((touches <= 1 and reopened_at is null)::int) as first_contact_resolution
        from '{small_run}/source/tickets.parquet' t join paid
        on t.account_id = paid.account_id and date_trunc('month', resolved_at) = paid.month
        where date_trunc('month', resolved_at) > (select date_trunc('month', min(resolved_at)) from
            '{small_run}/source/tickets.parquet') and touches is not null group by paid.month order by paid.month
    """
    months, differences = compared(whole, con.sql(query).df())
    assert months >= 6
    assert differences == []


def test_lifetime_value_is_margin_times_the_discounted_months_that_customers_stay(
    con: Any, whole: pd.DataFrame
) -> None:
    """Survival by the departures of twelve months, an age that nobody reached at the rate of all; 60 months count."""
    book = load().book
    query = f"""
        with aged as (select month, s, e, floor((date_diff('day', since, month) - 1) / 30.4375) as age
            from paid where s > 0),
        lived as (
            select n.month, age, count(*) as risk, count(*) filter (a.e = 0) as gone from months n join aged a
            on a.month between n.month - interval 11 month and n.month group by all),
        rates as (
            select m.month, k.age, coalesce(l.gone / l.risk, m.rate) as rate from (
                select month, sum(gone) / sum(risk) as rate from lived group by month having month >= (
                    select min(month) + interval 11 month from months)) m
            cross join range({book.lifetime_months}) k(age) left join lived l on l.month = m.month and l.age = k.age),
        stays as (
            select month, age, coalesce(product(1 - rate) over (
                partition by month order by age rows between unbounded preceding and 1 preceding), 1) as share
            from rates)
        select stays.month, {book.gross_margin} * any_value(paying.mean)
            * sum(share * power({1 + book.discount_a_year}, -age / 12)) as clv
        from stays join (select month, avg(s) as mean from aged group by month) paying on paying.month = stays.month
        group by stays.month order by stays.month
    """
    months, differences = compared(whole, con.sql(query).df())
    assert months >= 6
    assert differences == []


def test_health_bands_are_those_of_the_last_date_of_the_month(con: Any, whole: pd.DataFrame, small_run: Path) -> None:
    """By the company's own score where it is young enough, else by Rind's, which the query takes as given."""
    spec = load().health
    features = pd.read_parquet(small_run / "results/features.parquet")
    own = pd.read_parquet(small_run / "source/health_scores.parquet")
    ours = score(features, spec, fit_answers(features, own, spec.fit_max_age_days))
    con.register("ours", ours[["account_id", "as_of", "health_score"]])
    query = f"""
        with scored as (
            select month, coalesce(max_by(h.score, h.as_of), any_value(o.health_score)) as score
            from ours o join paid p on p.account_id = o.account_id and p.month = date_trunc('month', o.as_of)
            left join '{small_run}/source/health_scores.parquet' h on h.account_id = o.account_id
                and h.as_of < o.as_of and h.as_of >= o.as_of - interval {spec.own_score_max_age_days} day
            where o.as_of in (select max(as_of) from ours group by date_trunc('month', as_of))
            group by month, o.account_id)
        select month, avg((score < {spec.amber_from})::int) as health_red, avg((score >= {spec.amber_from}
            and score < {spec.green_from})::int) as health_amber, avg((score >= {spec.green_from})::int) as health_green
        from scored group by month order by month
    """
    months, differences = compared(whole, con.sql(query).df())
    assert months >= 6
    assert differences == []


def test_costs_are_those_of_the_month_over_its_accounts(con: Any, with_costs: pd.DataFrame) -> None:
    query = """
        with spent as (
            select month, sum(amount) filter (kind = 'acquisition') as winning,
                sum(amount) filter (kind = 'success') as success, sum(amount) filter (kind <> 'acquisition') as serving
            from costs group by month),
        counted as (
            select month, count(*) filter (s = 0 and since >= month) as won, count(*) filter (s > 0) as begun
            from paid group by month)
        select month, winning / nullif(won, 0) as cac, success / nullif(begun, 0) as crc,
            serving / nullif(begun, 0) as cost_to_serve from spent join counted using (month) order by month
    """
    months, differences = compared(with_costs, con.sql(query).df())
    assert months >= 6
    assert differences == []


def test_lifetime_value_is_set_against_what_a_year_of_winning_cost(con: Any, with_costs: pd.DataFrame) -> None:
    """Also the months in which nobody was won."""
    con.register("worth", with_costs["clv"].dropna().reset_index())
    query = """
        select v.month, any_value(v.clv) * sum(won) / sum(winning) as clv_cac from worth v join (
            select month, count(*) filter (s = 0 and since >= month) as won from paid group by month) w
            on w.month between v.month - interval 11 month and v.month join (
            select month, sum(amount) as winning from costs where kind = 'acquisition' group by month) c
            on c.month = w.month group by v.month order by v.month
    """
    months, differences = compared(with_costs, con.sql(query).df())
    assert months >= 6
    assert differences == []


def test_adoption_is_the_share_past_the_moment_of_those_whose_first_days_are_over(
    con: Any, with_costs: pd.DataFrame, small_run: Path
) -> None:
    query = f"""
        with events as (from '{small_run}/source/usage.parquet'),
        launched as (
            select account_id, signed_on, (select count(distinct user_id) from events u where feature = 'board_view'
                and u.account_id = a.account_id and u.occurred_at >= a.signed_on
                and u.occurred_at < a.signed_on + interval 30 day) >= 2 as reached
            from '{small_run}/source/accounts.parquet' a
            where signed_on > (select min(occurred_at) from events))
        select month, avg(reached::int) as adoption from launched join paid using (account_id)
        where e > 0 and signed_on + interval 30 day <= last_day(month) group by month order by month
    """
    months, differences = compared(with_costs, con.sql(query).df())
    assert months >= 6
    assert differences == []


def test_the_part_declares_what_it_made(small_run: Path) -> None:
    frame = pd.read_parquet(small_run / "results/kpis.parquet")
    assert not frame.duplicated(["month", "segment", "csm", "plan", "metric"]).any()
    assert {"health_green", "clv"} <= set(frame["metric"])
    assert not {"cac", "crc", "clv_cac"} & set(frame["metric"])  # the demo company has no table costs


@pytest.mark.parametrize(("confirmed", "noted"), [([], True), ([False, False], True), ([False, True], False)])
def test_that_no_moment_was_confirmed_is_said_only_where_true_north_says_so(
    tmp_path: Path, confirmed: list[bool], noted: bool
) -> None:
    space = Workspace(tmp_path, tmp_path)
    assert not no_moment_confirmed(space), "True North is missing this week"
    write_json(space.true_north, {"moments": [{"confirmed": one} for one in confirmed]})
    assert no_moment_confirmed(space) is noted


def test_where_the_share_past_the_moment_fails_all_other_numbers_are_made_and_a_note_says_why(
    small_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    space = space_of(small_run, tmp_path)
    write_json(space.true_north, {"moments": [{"confirmed": True}]})
    for broken in (space.early, space.cohorts):
        broken.write_text("no Parquet file")
    with open_source(small_run / "source") as source:
        monkeypatch.setattr(stage, "load", lambda _: source.tables)
        monkeypatch.setattr(stage, "present", lambda _: set(source.tables))
        stage.run(space, load(), lambda _: None)
    made = set(pd.read_parquet(space.kpis)["metric"])
    assert {"arr", "nrr_12m", "nps", "clv"} <= made
    assert "adoption" not in made
    notes = json.loads(space.kpi_notes.read_text())["notes"]
    assert any(
        note.startswith("The share of accounts past the True North moment is missing: it failed (") for note in notes
    )
