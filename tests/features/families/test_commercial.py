from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from builders import arrow_table, midnight, on_engine, snapshots
from hypothesis import given, settings
from hypothesis import strategies as st

from rind.features.catalogue import Settings
from rind.features.families import commercial

DAY = date(2025, 6, 2)
MIDNIGHT = midnight(DAY)


def on(days: int | None) -> date | None:
    return None if days is None else DAY - timedelta(days=days)


def term(
    start: int, end: int | None = None, mrr: float = 100, agreed: int | None = None, **more: Any
) -> dict[str, Any]:
    """A subscription that started, ended and was to end so many days before DAY."""
    return {"starts_on": on(start), "ended_on": on(end), "term_ends_on": on(agreed), "mrr": mrr} | more


def bill(due: int, paid: int | None = None, amount: float = 50, **more: Any) -> dict[str, Any]:
    return {"issued_on": on(due + 30), "due_on": on(due), "paid_on": on(paid), "amount": amount} | more


def use(days: float, user: str | None = "u", **more: Any) -> dict[str, Any]:
    return {"user_id": user, "feature": "f", "occurred_at": MIDNIGHT - timedelta(days=days)} | more


def rows_of(
    con: Any, pairs: list[tuple[str, str]], horizon: int = 90, own: str = "", **rows: Any
) -> list[dict[str, Any]]:
    """The features of the pairs of account and date, in that order, with the family's prefix left out."""
    keys = {"subscriptions": "subscription_id", "invoices": "invoice_id"}
    given = {
        name: on_engine(con, arrow_table(name, [
            ({keys[name]: str(i)} if name in keys else {}) | ({} if name == "rates" else {"account_id": "a"}) | row
            for i, row in enumerate(rows.get(name, ()))
        ], recorded=True))
        for name in commercial.NEEDS + commercial.USES
    }  # fmt: skip
    built = commercial.build(snapshots(con, *pairs), given, Settings(horizon_days=horizon, currency=own))
    found = built.order_by("account_id", "as_of").to_pyarrow().to_pylist()
    return [{name.removeprefix("commercial__"): value for name, value in row.items()} for row in found]


def features(con: Any, *subscriptions: dict[str, Any], **more: Any) -> dict[str, Any]:
    [row] = rows_of(con, [("a", DAY.isoformat())], subscriptions=subscriptions, **more)
    return row


def test_the_contract_is_the_one_of_the_day_before(con: Any) -> None:
    old = term(200, 0, 100, seats=10, plan="basic")
    new = term(0, None, 300, seats=20, plan="pro")
    found = features(con, old, new)
    assert (found["mrr__now"], found["seats__now"], found["plan__now"]) == (100, 10, "basic")
    assert (found["mrr_per_seat__now"], found["expansions__ever"]) == (10, 0)
    found = features(con, term(200, 1, 100, plan="basic"), term(1, None, 300, plan="pro"))
    assert (found["mrr__now"], found["plan__now"], found["expansions__ever"]) == (300, "pro", 1)


@pytest.mark.parametrize(
    ("agreed", "ahead", "inside", "overrun", "over"),
    [(-91, 91, 0, 0, None), (-90, 90, 1, 0, None), (-1, 1, 1, 0, None), (0, 0, 0, 0, None), (1, None, 0, 1, 1)],
)
def test_the_term_ends_in_the_horizon_after_as_of_or_has_run_out(
    con: Any, agreed: int, ahead: int | None, inside: int, overrun: int, over: int | None
) -> None:
    found = features(con, term(100, agreed=agreed))
    assert (found["days_to_term_end__now"], found["term_ends_in_horizon__now"]) == (ahead, inside)
    assert (found["term_overrun__now"], found["days_over_term__now"]) == (overrun, over)
    assert found["term_days__now"] == 100 - agreed


def test_a_contract_without_an_agreed_end_has_no_term(con: Any) -> None:
    found = features(con, term(100))
    assert (found["term_position__now"], found["term_days__now"]) == (None, None)
    assert (found["term_ends_in_horizon__now"], found["term_overrun__now"]) == (0, 0)


def test_a_change_within_a_term_does_not_start_a_new_one(con: Any) -> None:
    found = features(con, term(300, 100, 50, agreed=-100), term(100, None, 80, agreed=-100))
    assert (found["term_days__now"], found["term_position__now"]) == (400, 0.75)
    assert found["renewals__ever"] == 0


def test_terms_that_ran_to_their_end_are_renewals(con: Any) -> None:
    early = term(900, 700, agreed=600)  # ended before its term
    assert features(con, early, term(700, 300, agreed=300), term(300, agreed=-5))["renewals__ever"] == 1
    assert features(con, term(700, 300, agreed=300), term(300, agreed=2))["renewals__ever"] == 2


@pytest.mark.parametrize(("back", "renewals"), [(270, 1), (269, 0), (0, 0)])
def test_leaving_at_the_end_of_a_term_is_no_renewal_once_the_account_comes_back_later(
    con: Any, back: int, renewals: int
) -> None:
    row = features(con, term(700, 300, agreed=300), term(back, agreed=-200))
    assert row["renewals__ever"] == renewals


def test_an_add_on_that_ended_with_its_term_was_not_renewed_by_the_contract_that_runs_on(con: Any) -> None:
    addon = term(465, 100, agreed=100, plan="x", kind="addon")
    assert features(con, term(500, agreed=-10, plan="main"), addon)["renewals__ever"] == 0


@pytest.mark.parametrize(("gap", "expansions"), [(3, 1), (30, 1), (31, 0)])
def test_a_change_of_money_at_a_renewal_after_a_gap_within_the_grace_is_one(
    con: Any, gap: int, expansions: int
) -> None:
    row = features(con, term(500, 200, 100), term(200 - gap, None, 200))
    assert (row["expansions__ever"], row["contractions__ever"]) == (expansions, 0)
    less = features(con, term(500, 200, 200), term(200 - gap, None, 100))
    assert (less["contractions__ever"], less["since_contraction__ever"]) == (
        expansions,
        200 - gap if expansions else None,
    )


def test_a_free_month_between_two_prices_is_a_gap_like_any_other(con: Any) -> None:
    row = features(con, term(500, 200, 100), term(200, 172, 0), term(172, None, 200))
    assert (row["expansions__ever"], row["contractions__ever"]) == (1, 0)


@pytest.mark.parametrize(("before", "after"), [(8.33, 8.34), (83.33, 83.34), (833_333.33, 833_333.34)])
def test_a_cent_counts_whatever_the_amount_and_binary_noise_never(con: Any, before: float, after: float) -> None:
    grew = features(con, term(500, 200, before), term(200, None, after))
    assert (grew["expansions__ever"], grew["contractions__ever"]) == (1, 0)
    split = [term(500, 200, before), *(term(200, None, before / 3) for _ in range(3))]
    assert features(con, *split)["expansions__ever"] == 0
    parallel = features(con, term(900, None, 0.1), term(900, None, 0.2), term(900, 200, before), term(200, None, after))
    assert (parallel["expansions__ever"], parallel["contractions__ever"]) == (1, 0)


@pytest.mark.parametrize(
    ("earlier", "mrr", "change"), [([], None, None), ([term(200, 50, 0)], 0, None), ([term(200, 50, 50)], 50, 1)]
)
def test_nothing_paid_and_no_contract_are_two_things(
    con: Any, earlier: list[dict[str, Any]], mrr: float | None, change: float | None
) -> None:
    row = features(con, *earlier, term(50, None, 100))
    assert (row["mrr__91d"], row["mrr_change__91d"], row["mrr__now"]) == (mrr, change, 100)


def test_a_trial_brings_no_revenue_and_its_end_is_no_renewal(con: Any) -> None:
    row = features(con, term(100, 86, 80, agreed=86, kind="trial"), term(86, None, 100, plan="pro"))
    assert (row["mrr__91d"], row["mrr__now"], row["expansions__ever"], row["renewals__ever"]) == (0, 100, 0, 0)


def test_the_plan_is_that_of_the_main_contract(con: Any) -> None:
    assert features(con, term(400, plan="main"), term(20, None, 1, plan="extra"))["plan__now"] == "main"


def test_money_of_another_currency_is_compared_at_one_rate(con: Any) -> None:
    """Both terms cost 100 USD; the rate of the day before DAY is 0.9, whatever it was before."""
    rates = [{"currency": "USD", "as_of": on(day), "rate": rate} for day, rate in ((300, 0.5), (1, 0.9), (0, 2.0))]
    rows = [term(500, 200, 100, currency="USD"), term(200, None, 100, currency="USD")]
    row = features(con, *rows, rates=rates, own="EUR")
    assert (row["mrr__now"], row["mrr__364d"], row["expansions__ever"]) == (90, 90, 0)


def test_an_account_that_loses_its_main_contract_is_shown_as_such_while_an_add_on_runs_on(con: Any) -> None:
    main = term(300, None, 160, agreed=-30, notice_on=on(10), plan="main")
    row = features(con, main, term(300, None, 1, agreed=-300, kind="addon", plan="x"))
    assert (row["mrr__now"], row["mrr_under_notice__now"], row["mrr_up_for_renewal__now"]) == (161, 160, 160)
    assert (row["days_to_term_end__now"], row["term_ends_in_horizon__now"]) == (30, 1)


@pytest.mark.parametrize(("days", "quarter", "year"), [(91, 0, 0), (92, 50, 0), (364, 50, 0), (365, 50, 50)])
def test_past_revenue_is_what_ran_so_many_days_before(con: Any, days: int, quarter: int, year: int) -> None:
    found = features(con, term(days, 50, 50), term(50, None, 100))
    assert (found["mrr__91d"] or 0, found["mrr__364d"] or 0) == (quarter, year)
    assert found["mrr_change__91d"] == (1 if quarter else None)


@pytest.mark.parametrize(("days", "year"), [(364, 1), (365, 0)])
def test_expansions_and_contractions_are_days_on_which_the_whole_revenue_moved(con: Any, days: int, year: int) -> None:
    grew = features(con, term(500, days, 100), term(days, None, 150))
    assert (grew["expansions__364d"], grew["expansions__ever"], grew["contractions__ever"]) == (year, 1, 0)
    shrank = features(con, term(500, None, 100), term(500, days, 50))  # an add-on that was dropped
    assert (shrank["contractions__364d"], shrank["contractions__ever"], shrank["expansions__ever"]) == (year, 1, 0)
    assert shrank["since_contraction__ever"] == days


def test_an_end_and_a_start_after_a_gap_are_neither_expansion_nor_contraction(con: Any) -> None:
    found = features(con, term(500, 300, 100), term(200, None, 900))
    assert (found["expansions__ever"], found["contractions__ever"]) == (0, 0)


@pytest.mark.parametrize(("signed", "segment", "age"), [(0, None, 5), (1, "smb", 1)])
def test_an_account_is_known_from_the_day_after_it_signed(con: Any, signed: int, segment: Any, age: int) -> None:
    account = {"signed_on": on(signed), "segment": "smb", "employees": 40}
    found = features(con, term(5, seats=10), accounts=[account])
    assert (found["segment__now"], found["age__now"]) == (segment, age)
    assert found["seats_per_employee__now"] == (0.25 if segment else None)


PAID = bill(700, 700, account_id="b")  # so that payments are known to be recorded


@pytest.mark.parametrize(
    ("due", "paid", "overdue", "longest"),
    [(0, None, 0, 0), (1, None, 1, 1), (9, 0, 1, 9), (9, 1, 0, 0), (-3, None, 0, 0)],
)
def test_an_invoice_is_overdue_once_its_day_is_over_and_until_its_payment_has_passed(
    con: Any, due: int, paid: int | None, overdue: int, longest: int
) -> None:
    found = features(con, term(400), invoices=[PAID, bill(due, paid)])
    assert (found["overdue__now"], found["longest_overdue__now"]) == (overdue, longest)
    assert (found["overdue_amount__now"], found["overdue_months__now"]) == (50 * overdue, overdue / 2)


@pytest.mark.parametrize(("due", "counted"), [(364, True), (365, False)])
def test_lateness_is_over_what_was_due_in_the_year_before(con: Any, due: int, counted: bool) -> None:
    found = features(con, term(900), invoices=[bill(due, due - 10), bill(30, 30), bill(20, None, amount=0)])
    assert found["late_share__364d"] == (0.5 if counted else 0)
    assert found["days_late__364d"] == (5 if counted else 0)


@pytest.mark.parametrize(("due", "quarter"), [(91, -2.0), (92, 4.0)])
def test_the_delay_of_payments_counts_early_ones_below_zero_and_open_ones_so_far(
    con: Any, due: int, quarter: float
) -> None:
    found = features(con, term(900), invoices=[bill(due, due + 8), bill(4)])
    assert (found["payment_delay__91d"], found["payment_delay__364d"]) == (quarter, -2.0)


def test_the_trend_of_lateness_is_from_half_year_to_half_year(con: Any) -> None:
    found = features(con, term(900), invoices=[bill(183, 181), bill(182, 170), bill(8)])
    assert (found["days_late__182d"], found["days_late_before__182d"]) == (10, 2)
    assert found["days_late_change__182d"] == 8


def test_nobody_is_late_where_payments_are_not_recorded(con: Any) -> None:
    for invoices in ([], [bill(30), bill(3, 0)]):
        found = features(con, term(400), invoices=invoices)
        assert (found["overdue__now"], found["late_share__364d"]) == (None, None)


@pytest.mark.parametrize(("days", "users"), [(0, 1), (1 / 24, 2), (91, 2), (91.01, 1)])
def test_seats_are_used_by_who_was_there_in_the_quarter_before(con: Any, days: float, users: int) -> None:
    usage = [use(days), use(3, "v"), use(4, "v"), use(180, "v"), use(2, None)]
    found = features(con, term(400, seats=8), usage=usage)
    assert found["seats_used_share__91d"] == users / 8


def test_seats_used_are_not_known_without_user_ids_and_none_without_use(con: Any) -> None:
    assert features(con, term(400, seats=8), usage=[use(3, None)])["seats_used_share__91d"] is None
    elsewhere = use(300, account_id="b")
    assert features(con, term(400, seats=8), usage=[elsewhere])["seats_used_share__91d"] == 0


def test_a_contract_that_was_recorded_late_counts_from_then(con: Any) -> None:
    late = [term(100, recorded_at=MIDNIGHT + timedelta(hours=hours)) for hours in (0, -1)]
    assert [features(con, row)["mrr__now"] for row in late] == [None, 100]


histories = st.lists(
    st.builds(
        lambda start, length, mrr: term(start, None if length is None else start - length, mrr),
        st.integers(-100, 900), st.none() | st.integers(0, 400), st.sampled_from([0.0, 10.1, 20.2, 50.0]),
    ),
    max_size=6,
)  # fmt: skip


@settings(deadline=None, max_examples=4)
@given(accounts=st.lists(histories, min_size=6, max_size=12))
def test_past_revenue_is_what_was_seen_then_and_moves_are_those_of_a_walk_through_the_days(
    duckdb_engine: Any, accounts: list[list[dict[str, Any]]]
) -> None:
    names = "abcdefghijkl"[: len(accounts)]
    dates = [(DAY - timedelta(days=days)).isoformat() for days in (364, 91, 0)]
    rows = [{"account_id": name} | row for name, there in zip(names, accounts, strict=True) for row in there]
    pairs = [(name, day) for name in names for day in dates]
    found = rows_of(duckdb_engine, pairs, subscriptions=rows)
    for there, (a_year_ago, a_quarter_ago, now) in zip(accounts, zip(*[iter(found)] * 3, strict=True), strict=True):
        assert now["mrr__364d"] == pytest.approx(a_year_ago["mrr__now"])
        assert now["mrr__91d"] == pytest.approx(a_quarter_ago["mrr__now"])
        assert (now["expansions__ever"], now["contractions__ever"]) == walk(there)


def walk(subscriptions: list[dict[str, Any]]) -> tuple[int, int]:
    """Moves from day to day; a gap of at most 30 days is bridged."""

    def revenue(day: date) -> float:
        running = [s for s in subscriptions if s["starts_on"] <= day]
        return sum(s["mrr"] for s in running if s["ended_on"] is None or s["ended_on"] > day)

    moves, last, gap = [], 0.0, 99
    for days in range(905, 0, -1):
        now = revenue(DAY - timedelta(days=days))
        if now < 0.005:
            gap += 1
            continue
        moves += [now - last] if gap <= 30 else []
        last, gap = now, 0
    return sum(m > 0.005 for m in moves), sum(m < -0.005 for m in moves)
