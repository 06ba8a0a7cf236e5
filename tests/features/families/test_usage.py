from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from statistics import pstdev
from typing import Any

import builders
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rind.features.catalogue import Settings
from rind.features.families import usage

Row = Mapping[str, Any]
AS_OF = "2024-06-03"
PRODUCT = [
    {"feature": "view", "module": "base", "plan": "basic"},
    {"feature": "report", "module": "base", "plan": "basic"},
    {"feature": "forecast", "module": "plus", "plan": "pro"},
    {"feature": "agent", "module": "ai", "plan": "pro", "released_on": "2024-05-20"},
]


def term(account: str = "a", plan: str = "pro", mrr: float = 1000, starts_on: str = "2023-01-01", **more: Any) -> Row:
    row = {"subscription_id": f"{account}-{starts_on}", "account_id": account, "plan": plan, "seats": 10}
    return row | {"mrr": mrr, "starts_on": starts_on} | more


TERMS = [term(), term("b", "basic", 100)]


def use(days_before: int, user: str | None = "u", feature: str = "view", clock: str = "12:00", **more: Any) -> Row:
    """A use that many days before `AS_OF`."""
    day = date.fromisoformat(AS_OF) - timedelta(days=days_before)
    return {"account_id": "a", "user_id": user, "feature": feature, "occurred_at": f"{day}T{clock}"} | more


_BUILT: dict[int, str] = {}
_NAMES = ("usage", "subscriptions", "product_features", "snapshots")


def features(con: Any, uses: Iterable[Row], *dates: str, **given: Iterable[Row]) -> list[Row]:
    """The features of account a, by date. Compiling them takes a second: once an engine, then only the rows change."""
    if id(con) not in _BUILT:
        _BUILT[id(con)] = compiled(con)
    days = [("a", day) for day in dates or (AS_OF,)]
    rows = {"usage": uses, "subscriptions": TERMS, "product_features": PRODUCT} | given
    data = {name: builders.arrow_table(name, rows[name], recorded=True) for name in rows}
    data["snapshots"] = spine(*days)
    for name, table in data.items():
        con.insert(f"usage_test_{name}", table, overwrite=True)
    cursor = con.raw_sql(_BUILT[id(con)])
    names = [column[0].removeprefix("usage__") for column in cursor.description]
    return [dict(zip(names, map(plain, row), strict=True)) for row in cursor.fetchall()]


def spine(*pairs: tuple[str, str]) -> pa.Table:
    rows = [{"account_id": account, "as_of": date.fromisoformat(day)} for account, day in pairs]
    return pa.Table.from_pylist(rows, pa.schema([("account_id", pa.string()), ("as_of", pa.date32())]))


def compiled(con: Any) -> str:
    tables = {n: builders.arrow_table(n, recorded=True) for n in _NAMES[:-1]} | {"snapshots": spine()}
    made = {n: con.create_table(f"usage_test_{n}", table, temp=True, overwrite=True) for n, table in tables.items()}
    built = usage.build(made["snapshots"], made, Settings()).order_by("account_id", "as_of")
    return str(con.compile(built))


def plain(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value


WINDOWS = [(days, ago) for days in (7, 28, 91) for ago in (1, days, days + 1)]


@pytest.mark.parametrize(("days", "ago"), WINDOWS)
def test_a_window_is_the_days_before_the_as_of_date(con: Any, days: int, ago: int) -> None:
    clock = "00:00" if ago == days else "23:59:59"
    (row,) = features(con, [use(ago, clock=clock)])
    for what in ("events", "active_users", "active_days", "features", "modules"):
        assert row[f"{what}__{days}d"] == (1 if ago <= days else 0), what


def test_use_at_midnight_of_the_as_of_date_is_the_future_and_the_instant_before_it_is_not(con: Any) -> None:
    (row,) = features(con, [use(0, clock="00:00"), use(1, clock="23:59:59.999999", quantity=5)])
    assert row["events__7d"] == 5
    assert row["last_use__now"] == 1


@pytest.mark.parametrize(("ago", "before"), [(28, 0), (29, 1), (56, 1), (57, 0)])
def test_the_weeks_before_are_the_four_before_the_last_four(con: Any, ago: int, before: int) -> None:
    (row,) = features(con, [use(ago)])
    for what in ("events", "active_users", "features"):
        assert row[f"{what}_before__28d"] == before


def test_use_recorded_late_counts_from_the_day_on_which_it_was_recorded(con: Any) -> None:
    late = use(60, recorded_at="2024-06-02T08:00")
    on_time = use(60, user="v", recorded_at=None)
    rows = features(con, [late, on_time], "2024-06-02", AS_OF)
    assert [row["events__7d"] for row in rows] == [0, 1]
    assert [row["active_users__91d"] for row in rows] == [1, 2]


def test_dates_off_the_grid_see_the_same_use_as_dates_on_it(con: Any) -> None:
    uses = [use(k, user=f"u{k % 3}", feature=("view", "forecast")[k % 2]) for k in range(0, 120, 3)]
    days = [str(date.fromisoformat(AS_OF) - timedelta(days=k)) for k in range(9)]
    assert features(con, uses, *days) == [features(con, uses, day)[0] for day in sorted(days)]


def test_a_missing_quantity_counts_as_one(con: Any) -> None:
    (row,) = features(con, [use(1), use(1, quantity=2.5), use(1, quantity=0)])
    assert row["events__7d"] == 3.5


def test_users_are_unknown_until_use_names_one(con: Any) -> None:
    rows = features(con, [use(9, user=None), use(1)], "2024-06-02", AS_OF)
    assert [row["active_users__28d"] for row in rows] == [None, 1]
    assert [row["power_users__28d"] for row in rows] == [None, 0]
    assert [row["events__28d"] for row in rows] == [1, 2]


def test_a_power_user_works_on_eight_of_the_last_28_days(con: Any) -> None:
    now = [use(k, "now") for k in range(1, 9)]
    both = [use(k, "both") for k in (*range(21, 29), *range(29, 37))]
    gone = [use(k, "gone") for k in range(49, 57)]
    nearly = [use(k, "nearly") for k in range(22, 30)]
    (row,) = features(con, [*now, *both, *gone, *nearly])
    names = ("power_users__28d", "power_users_gained__28d", "power_users_lost__28d")
    assert [row[name] for name in names] == [2, 1, 1]
    assert row["top_user_share__28d"] == pytest.approx(8 / 23)


def test_the_consumption_gap_is_what_the_plan_offers_by_then_and_is_not_used(con: Any) -> None:
    rows = features(
        con, [use(91), use(30, feature="forecast"), use(1, feature="other")], "2024-05-20", "2024-05-21", AS_OF
    )
    assert [row["consumption_gap__91d"] for row in rows] == [
        pytest.approx(1 / 3), pytest.approx(2 / 4), pytest.approx(2 / 4)
    ]  # fmt: skip
    assert [row["consumption_gap_change__91d"] for row in rows] == [pytest.approx(-2 / 3), -0.5, -0.5]
    assert rows[-1]["core_share__91d"] == 0.5
    assert rows[-1]["advanced_features__91d"] == 1


def test_a_plan_does_not_offer_what_belongs_to_a_dearer_one(con: Any) -> None:
    (row,) = features(con, [use(1), use(1, feature="forecast")], subscriptions=[term("b"), term("a", "basic", 100)])
    assert row["consumption_gap__91d"] == 0.5


def test_the_order_of_the_plans_is_by_prices_known_by_then(con: Any) -> None:
    later = [*TERMS, *(term("c", "basic", 9999, f"2024-05-{day}") for day in (20, 21, 22))]
    rows = features(con, [use(20)], "2024-05-20", AS_OF, subscriptions=later)
    # Pro is the dearer plan and has all three; then it is the cheaper one and has only its own two.
    assert [row["consumption_gap__91d"] for row in rows] == [pytest.approx(2 / 3), 1]
    assert [row["core_share__91d"] for row in rows] == [0.5, 0]
    assert [row["advanced_features__91d"] for row in rows] == [0, 1]


def test_use_ahead_of_a_release_is_use_of_no_module_and_no_plan(con: Any) -> None:
    rows = features(con, [use(20, feature="agent")], "2024-05-18", AS_OF)
    assert [row["features__28d"] for row in rows] == [1, 1]
    assert [row["modules__28d"] for row in rows] == [0, 0]
    assert rows[-1]["consumption_gap__91d"] == 1


def test_without_a_list_of_the_product_modules_and_the_gap_are_unknown(con: Any) -> None:
    (row,) = features(con, [use(1)], product_features=[])
    assert row["features__28d"] == 1
    for name in ("modules__28d", "consumption_gap__91d", "core_share__91d", "advanced_features__91d"):
        assert row[name] is None


def test_more_features_than_a_word_has_bits_are_all_counted(con: Any) -> None:
    product = [{"feature": f"f{k}", "module": f"m{k % 70}", "plan": None} for k in range(150)]
    (row,) = features(con, [use(1, feature=f"f{k}") for k in range(120)], product_features=product)
    assert row["features__7d"] == 120
    assert row["modules__7d"] == 70
    assert row["consumption_gap__91d"] == pytest.approx(0.2)


def test_an_account_that_never_used_anything_has_zeros_and_no_ratios(con: Any) -> None:
    (row,) = features(con, [use(1, account_id="b")])
    assert row["events__28d"] == row["active_users__28d"] == row["features__91d"] == row["weeks_used__91d"] == 0
    assert row["last_use__now"] is row["events_change__28d"] is row["events_vs_best__28d"] is None
    assert row["consumption_gap__91d"] == 1


def test_every_feature_is_built_and_said_in_words(duckdb_engine: Any) -> None:
    (row,) = features(duckdb_engine, [use(1)])
    assert set(row) == {"account_id", "as_of"} | {f.name.removeprefix("usage__") for f in usage.FEATURES}
    assert all(f.sentence and f.description and not f.description.endswith(".") for f in usage.FEATURES)


# The law: the fast path answers like a naive reading of the definitions.

START = date(2023, 12, 1)
DAYS = st.integers(0, 230)


@st.composite
def companies(draw: st.DrawFn) -> tuple[list[Row], list[str]]:
    names = st.sampled_from(["view", "report", "forecast", "agent", "beta"])
    quantities, delays = st.sampled_from([None, 1.0, 3.0]), st.sampled_from([None, 0, 5, 40])
    uses = st.tuples(DAYS, st.sampled_from("uvwx"), names, quantities, delays)
    events = draw(st.lists(uses, min_size=1, max_size=60))
    busy = draw(st.lists(st.tuples(DAYS, st.integers(1, 30)), max_size=3))
    events += [(day + k, "x", "view", None, None) for day, length in busy for k in range(length)]
    rows = [
        {"account_id": "a", "user_id": user, "feature": feature, "quantity": quantity,
         "occurred_at": f"{START + timedelta(days=day)}T13:00",
         "recorded_at": None if late is None else f"{START + timedelta(days=day + late)}T23:00"}
        for day, user, feature, quantity, late in events
    ]  # fmt: skip
    days = draw(st.lists(st.integers(0, 300), min_size=1, max_size=12, unique=True))
    return rows, sorted(str(START + timedelta(days=day)) for day in days)


@settings(deadline=None, max_examples=25)
@given(companies())
def test_the_fast_path_equals_a_naive_count_of_what_was_known(
    duckdb_engine: Any, company: tuple[list[Row], list[str]]
) -> None:
    rows, days = company
    for built, day in zip(features(duckdb_engine, rows, *days), days, strict=True):
        expected = naive(rows, date.fromisoformat(day))
        for name, value in expected.items():
            assert built[name] == (None if value is None else pytest.approx(value, abs=1e-9)), (name, day)


@settings(deadline=None, max_examples=10)
@given(companies(), st.integers(0, 250))
def test_what_happens_from_a_day_on_never_changes_the_features_up_to_it(
    duckdb_engine: Any, company: tuple[list[Row], list[str]], cut: int
) -> None:
    rows, days = company
    end = str(START + timedelta(days=cut))
    past = [row for row in rows if max(row["occurred_at"], row["recorded_at"] or "") < end]
    product = [f for f in PRODUCT if f.get("released_on", "") < end]
    terms = [t for t in TERMS if t["starts_on"] < end]
    before = [day for day in days if day <= end] or [end]
    assert features(duckdb_engine, rows, *before) == features(
        duckdb_engine, past, *before, product_features=product, subscriptions=terms
    )


@dataclass(frozen=True)
class Known:
    """What is known of the use at a date: (age in days, user, feature, quantity, official) of every use."""

    uses: list[tuple[int, str, str, float, bool]]

    def within(self, first: int, last: int) -> list[tuple[int, str, str, float, bool]]:
        return [k for k in self.uses if 7 * (first - 1) < k[0] <= 7 * last]

    def events(self, first: int, last: int) -> float:
        return sum(k[3] for k in self.within(first, last))

    def users(self, first: int, last: int) -> set[str]:
        return {k[1] for k in self.within(first, last)}

    def days_of(self, user: str, first: int, last: int) -> int:
        return len({k[0] for k in self.within(first, last) if k[1] == user})

    def power(self, first: int, last: int) -> set[str]:
        return {u for u in self.users(first, last) if self.days_of(u, first, last) >= 8}

    def used(self, first: int, last: int) -> set[str]:
        return {k[2] for k in self.within(first, last)}

    def official(self, first: int, last: int) -> set[str]:
        return {k[2] for k in self.within(first, last) if k[4]}

    def days(self, first: int, last: int) -> int:
        return len({k[0] for k in self.within(first, last)})

    def modules(self, first: int, last: int) -> int:
        return len({f["module"] for f in PRODUCT if f["feature"] in self.official(first, last)})


def known(rows: list[Row], as_of: date) -> Known:
    uses = []
    for row in rows:
        at = max(datetime.fromisoformat(row[k]) for k in ("occurred_at", "recorded_at") if row[k])
        if at < datetime.combine(as_of, time.min):
            spec = next((f for f in PRODUCT if f["feature"] == row["feature"]), None)
            official = spec is not None and date.fromisoformat(spec.get("released_on", "1970-01-01")) <= at.date()
            quantity = 1.0 if row["quantity"] is None else row["quantity"]
            uses.append(((as_of - at.date()).days, row["user_id"], row["feature"], quantity, official))
    return Known(uses)


def naive(rows: list[Row], as_of: date) -> dict[str, float | None]:
    """The definitions, read aloud."""
    use = known(rows, as_of)
    expected = {**naive_volume(use), **naive_depth(use, as_of), **naive_people(use)}
    assert expected.keys() == {f.name.removeprefix("usage__") for f in usage.FEATURES}
    return expected


def naive_volume(use: Known) -> dict[str, float | None]:
    weeks = [use.events(k, k) for k in range(1, 60)]
    now, month_days = use.events(1, 4), use.days(1, 4)
    spans = (("7d", 1), ("28d", 4), ("91d", 13))
    return {
        **{f"events__{label}": use.events(1, last) for label, last in spans},
        **{f"active_days__{label}": use.days(1, last) for label, last in spans},
        "events_before__28d": use.events(5, 8),
        "events_change__28d": change(now, use.events(5, 8)),
        "events_change__91d": change(use.events(1, 13), use.events(14, 26)),
        "events_vs_best__28d": share(now / 4 * 13, max(sum(weeks[k : k + 13]) for k in range(59))),
        "events_slope__84d": share(slope(weeks[:12]), sum(weeks[:12]) / 12),
        "events_per_seat__28d": now / 10,
        "active_days_change__28d": change(month_days, use.days(5, 8)),
        "last_use__now": min((k[0] for k in use.uses), default=None),
        "weeks_used__91d": sum(use.days(k, k) > 0 for k in range(1, 14)) / 13,
        "unsteadiness__91d": share(pstdev(weeks[:13]), sum(weeks[:13]) / 13),
    }


def naive_depth(use: Known, as_of: date) -> dict[str, float | None]:
    offered = {f["feature"] for f in PRODUCT if f.get("released_on", "") < str(as_of)}
    core, official, before = {"view", "report"}, use.official(1, 13), use.official(14, 26)
    spans = (("7d", 1), ("28d", 4), ("91d", 13))
    return {
        **{f"features__{label}": len(use.used(1, last)) for label, last in spans},
        **{f"modules__{label}": use.modules(1, last) for label, last in spans},
        "features_before__28d": len(use.used(5, 8)),
        "features_change__28d": change(len(use.used(1, 4)), len(use.used(5, 8))),
        "modules_change__28d": change(use.modules(1, 4), use.modules(5, 8)),
        "consumption_gap__91d": 1 - len(official & offered) / len(offered),
        "consumption_gap_change__91d": (len(before & offered) - len(official & offered)) / len(offered),
        "core_share__91d": len(official & core) / 2,
        "advanced_features__91d": len(official - core),
        "advanced_share__91d": share(len(official - core), len(official)),
    }


def naive_people(use: Known) -> dict[str, float | None]:
    people = [len(use.users(k, k)) for k in range(1, 60)]
    now, before = use.users(1, 4), use.users(5, 8)
    user_days = {u: use.days_of(u, 1, 4) for u in now}
    return {
        "active_users__7d": len(use.users(1, 1)),
        "active_users__28d": len(now),
        "active_users__91d": len(use.users(1, 13)),
        "active_users_before__28d": len(before),
        "active_users_change__28d": change(len(now), len(before)),
        "users_vs_best__28d": share(sum(people[:4]) / 4 * 13, max(sum(people[k : k + 13]) for k in range(59))),
        "users_slope__84d": share(slope(people[:12]), sum(people[:12]) / 12),
        "active_users_per_seat__28d": len(now) / 10,
        "users_gained__28d": len(now - before),
        "users_lost_share__28d": share(len(before - now), len(before)),
        "stickiness__28d": share(sum(people[:4]) / 4, len(now)),
        "days_per_user__28d": share(sum(user_days.values()), len(user_days)),
        "top_user_share__28d": share(max(user_days.values(), default=0), sum(user_days.values())),
        "power_users__28d": len(use.power(1, 4)),
        "power_users_gained__28d": len(use.power(1, 4) - use.power(5, 8)),
        "power_users_lost__28d": len(use.power(5, 8) - use.power(1, 4)),
    }


def change(now: float, before: float) -> float | None:
    return (now - before) / (now + before) if now + before else None


def share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def slope(latest_first: list[float]) -> float:
    """Least squares, by the book."""
    xs = [-k for k in range(len(latest_first))]
    mean = sum(xs) / len(xs)
    above = math.fsum((x - mean) * y for x, y in zip(xs, latest_first, strict=True))
    return above / sum((x - mean) ** 2 for x in xs)
