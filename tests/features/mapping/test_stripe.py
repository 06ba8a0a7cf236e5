from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from rind.features.sources import open_source
from tests.features.mapping.exports import drafted, rows_in, rows_of, write_csv, write_lines

SUBSCRIPTIONS = (
    "id,Customer ID,Customer Description,Product,Quantity,Currency,Interval,Amount,Status,Start (UTC),Current Period Start (UTC),"
    "Current Period End (UTC),Trial Start (UTC),Trial End (UTC),Canceled At (UTC),Cancel At Period End,Ended At (UTC)\n"
)
INVOICES = "id,Customer,Subscription,Amount Due,Currency,Date (UTC),Due Date (UTC),Paid At (UTC),Period Start (UTC),Period End (UTC),Status\n"
YEARLY = "sub_1,cus_1,Acme,Scale Yearly,10,eur,year,{amount},active,2024-01-31 10:00,2026-01-31 10:00,2027-01-31 10:00,,,,false,"


def bill(number: int, amount: int, start: str, end: str, currency: str = "eur", status: str = "paid") -> str:
    return f"in_{number},cus_1,sub_1,{amount},{currency},{start},,{start},{start},{end},{status}"


def terms(folder: Path, *columns: str) -> list[tuple[object, ...]]:
    drafted(folder, "stripe")
    with open_source(folder / "mapping") as source:
        return rows_in(source, "subscriptions", "starts_on", *columns)


def test_a_subscription_of_one_row_becomes_its_terms_and_the_current_period_is_the_last_ones(tmp_path: Path) -> None:
    write_csv(tmp_path / "exports", "stripe_subscriptions.csv", SUBSCRIPTIONS + YEARLY.format(amount='"1,200.00"'))
    assert terms(tmp_path, "term_ends_on", "ended_on", "mrr") == [
        (date(2024, 1, 31), date(2025, 1, 31), date(2025, 1, 31), 100.0),
        (date(2025, 1, 31), date(2026, 1, 31), date(2026, 1, 31), 100.0),
        (date(2026, 1, 31), date(2027, 1, 31), None, 100.0),
    ]


def test_no_term_ends_later_than_it_was_agreed_when_it_began(tmp_path: Path) -> None:
    write_csv(tmp_path / "exports", "stripe_subscriptions.csv", SUBSCRIPTIONS + YEARLY.format(amount='"1,200.00"'))
    for starts_on, term_ends_on in terms(tmp_path, "term_ends_on"):
        assert isinstance(starts_on, date)
        assert term_ends_on == starts_on.replace(year=starts_on.year + 1)


@pytest.mark.parametrize("interval", ["month", "year"])
@pytest.mark.parametrize("billed", [True, False])
def test_an_earlier_export_says_the_same_of_the_past_but_for_what_was_filled_in_later(
    tmp_path: Path, interval: str, billed: bool
) -> None:
    def export(folder: Path, periods: int, ending: str) -> dict[object, tuple[object, ...]]:
        months = 12 if interval == "year" else 1
        days = [date(2022 + (k * months) // 12, 1 + (k * months) % 12, 5) for k in range(periods + 1)]
        current = f"{days[-2]},{days[-1]}"
        row = f"sub_1,cus_1,Acme,Scale,1,eur,{interval},60.00,x,{days[0]},{current},{days[0]},{date(2022, 1, 19)},{ending}"
        write_csv(folder / "exports", "stripe_subscriptions.csv", SUBSCRIPTIONS + row)
        if billed:
            bills = [bill(k, 6000, str(days[k]), str(days[k + 1])) for k in range(periods)]
            write_csv(folder / "exports", "stripe_invoices.csv", INVOICES + "\n".join(bills))
        rows = terms(folder, "subscription_id", "term_ends_on", "mrr", "kind", "ended_on", "notice_on")
        return {row[1]: row for row in rows}

    earlier = export(tmp_path / "earlier", 2, ",false,")
    later_end = "2026-01-05" if interval == "year" else "2022-05-05"
    later = export(tmp_path / "later", 4, f"{later_end[:8]}01,true,{later_end}")
    assert len(later) > len(earlier)
    for key, (*known, ended_on, notice_on) in earlier.items():
        assert tuple(known) == later[key][:-2]
        assert ended_on in (None, later[key][-2])
        assert notice_on in (None, later[key][-1])


def test_a_term_costs_what_its_own_invoice_billed_not_what_the_next_one_will(tmp_path: Path) -> None:
    write_csv(tmp_path / "exports", "stripe_subscriptions.csv", SUBSCRIPTIONS + YEARLY.format(amount='"2,400.00"'))
    bills = [
        bill(1, 120000, "2024-01-31", "2025-01-31"),
        bill(2, 240000, "2025-01-31", "2026-01-31"),
        bill(3, 240000, "2026-01-31", "2027-01-31"),
    ]
    write_csv(tmp_path / "exports", "stripe_invoices.csv", INVOICES + "\n".join(bills))
    assert [mrr for _, mrr in terms(tmp_path, "mrr")] == [100.0, 200.0, 200.0]


def test_an_invoice_that_names_the_period_before_makes_no_term_of_it(tmp_path: Path) -> None:
    write_csv(tmp_path / "exports", "stripe_subscriptions.csv", SUBSCRIPTIONS + YEARLY.format(amount='"1,200.00"'))
    bills = [
        f"in_{year},cus_1,sub_1,120000,eur,{year}-01-31,,{year}-01-31,{year - 1}-01-31,{year}-01-31,paid"
        for year in (2025, 2026)
    ]
    write_csv(tmp_path / "exports", "stripe_invoices.csv", INVOICES + "\n".join(bills))
    assert terms(tmp_path, "term_ends_on") == [
        (date(2024, 1, 31), date(2025, 1, 31)), (date(2025, 1, 31), date(2026, 1, 31)), (date(2026, 1, 31), date(2027, 1, 31)),
    ]  # fmt: skip


def test_amounts_in_cents_are_told_by_being_whole_and_yen_have_none(tmp_path: Path) -> None:
    write_csv(tmp_path / "exports", "stripe_subscriptions.csv", SUBSCRIPTIONS + YEARLY.format(amount='"1,200.00"'))
    bills = [bill(1, 120000, "2024-01-31", "2025-01-31"), bill(2, 120000, "2025-01-31", "2026-01-31", "jpy")]
    write_csv(tmp_path / "exports", "stripe_invoices.csv", INVOICES + "\n".join(bills))
    written = drafted(tmp_path, "stripe")
    assert any("count as cents" in question for question in written.questions)
    assert rows_of(tmp_path / "mapping", "invoices", "invoice_id", "amount") == [("in_1", 1200.0), ("in_2", 120000.0)]


def test_bills_are_in_the_own_currency_by_the_rates_of_the_mapping_or_by_those_of_their_day(tmp_path: Path) -> None:
    write_csv(tmp_path / "exports", "stripe_subscriptions.csv", SUBSCRIPTIONS + YEARLY.format(amount='"1,200.00"'))
    bills = [bill(1, 5000, "2024-01-31", "2025-01-31"), bill(2, 5000, "2025-01-31", "2026-01-31", "usd")]
    write_csv(tmp_path / "exports", "stripe_invoices.csv", INVOICES + "\n".join(bills))
    drafted(tmp_path, "stripe")
    mapping = tmp_path / "mapping" / "mapping.yaml"
    plain = mapping.read_text()
    mapping.write_text(plain + "rates: {USD: 0.5}\n")
    assert rows_of(mapping.parent, "invoices", "amount") == [25.0, 50.0]
    mapping.write_text(plain)
    days = "('2024-12-01', 0.1), ('2025-01-31', 0.2), ('2025-02-01', 0.4)"
    rates = f"select 'usd' as currency, day::date as as_of, rate from (values {days}) as rates(day, rate)"
    (mapping.parent / "rates.sql").write_text(rates)
    assert rows_of(mapping.parent, "invoices", "amount") == [10.0, 50.0]


def test_a_credit_note_is_no_bill_and_a_void_one_was_never_owed(tmp_path: Path) -> None:
    write_csv(tmp_path / "exports", "stripe_subscriptions.csv", SUBSCRIPTIONS + YEARLY.format(amount='"1,200.00"'))
    bills = [
        bill(1, 120000, "2024-01-31", "2025-01-31"),
        bill(2, -60000, "2024-01-31", "2025-01-31"),
        bill(3, 120000, "2025-01-31", "2026-01-31", status="void"),
        bill(4, 120000, "2026-01-31", "2027-01-31", status="open"),
    ]
    write_csv(tmp_path / "exports", "stripe_invoices.csv", INVOICES + "\n".join(bills))
    drafted(tmp_path, "stripe")
    assert rows_of(tmp_path / "mapping", "invoices", "invoice_id", "paid_on") == [
        ("in_1", date(2024, 1, 31)),
        ("in_4", None),
    ]


def test_a_trial_is_a_term_without_mrr_and_paying_begins_when_it_ends(tmp_path: Path) -> None:
    row = (
        "sub_1,cus_1,Acme,Team,1,eur,month,50.00,active,2026-01-01,2026-03-01,2026-04-01,2026-01-01,2026-01-15,,false,"
    )
    write_csv(tmp_path / "exports", "stripe_subscriptions.csv", SUBSCRIPTIONS + row)
    assert terms(tmp_path, "term_ends_on", "kind", "mrr")[:2] == [
        (date(2026, 1, 1), date(2026, 1, 15), "trial", 0.0),
        (date(2026, 1, 15), date(2026, 2, 1), "paid", 50.0),
    ]


def test_a_trial_that_nobody_bought_is_only_a_trial(tmp_path: Path) -> None:
    row = (
        "sub_1,cus_1,Acme,Team,1,eur,month,50.00,canceled,2026-01-01,2026-01-01,2026-01-15,2026-01-01,2026-01-15,"
        "2026-01-10,true,2026-01-15"
    )
    write_csv(tmp_path / "exports", "stripe_subscriptions.csv", SUBSCRIPTIONS + row)
    assert terms(tmp_path, "kind", "ended_on", "notice_on") == [
        (date(2026, 1, 1), "trial", date(2026, 1, 15), date(2026, 1, 10))
    ]


@pytest.mark.parametrize(
    ("canceled", "at_period_end", "ended", "expected"),
    [
        ("2026-02-10", "true", "", (None, date(2026, 2, 10))),  # under notice, still there
        ("2026-02-10", "true", "2026-03-01", (date(2026, 3, 1), date(2026, 2, 10))),  # gave notice, then left
        ("2026-02-10", "false", "2026-02-10", (date(2026, 2, 10), date(2026, 2, 10))),  # left at once
        ("", "false", "", (None, None)),
    ],
)
def test_cancelling_is_notice_when_it_was_said_and_an_end_when_it_ended(
    tmp_path: Path, canceled: str, at_period_end: str, ended: str, expected: tuple[date | None, date | None]
) -> None:
    row = f"sub_1,cus_1,Acme,Team,1,eur,month,50.00,x,2026-01-01,2026-02-01,2026-03-01,,,{canceled},{at_period_end},{ended}"
    write_csv(tmp_path / "exports", "stripe_subscriptions.csv", SUBSCRIPTIONS + row)
    first, last = terms(tmp_path, "ended_on", "notice_on")
    assert first[1:] == (date(2026, 2, 1), None)  # nothing of the notice to come stands in the term before
    assert last[1:] == expected


def test_free_plans_addons_and_parallel_subscriptions_are_told_apart(tmp_path: Path) -> None:
    rows = [
        "sub_1,cus_1,Acme,Scale,5,eur,month,500.00,active,2026-02-01,2026-02-01,2026-03-01,,,,false,",
        "sub_2,cus_1,Acme,Analytics add-on,1,eur,month,99.00,active,2026-02-01,2026-02-01,2026-03-01,,,,false,",
        "sub_3,cus_2,Bolt,Free forever,5,eur,month,0.00,active,2026-02-01,2026-02-01,2026-03-01,,,,false,",
    ]
    write_csv(tmp_path / "exports", "stripe_subscriptions.csv", SUBSCRIPTIONS + "\n".join(rows))
    written = drafted(tmp_path, "stripe")
    assert rows_of(tmp_path / "mapping", "subscriptions", "subscription_id", "account_id", "kind") == [
        ("sub_1-1", "cus_1", "paid"), ("sub_2-1", "cus_1", "addon"), ("sub_3-1", "cus_2", "free"),
    ]  # fmt: skip
    assert any(
        question.startswith("Stripe: 2 subscriptions belong to customers with more than one")
        for question in written.questions
    )


def test_currencies_stay_with_their_terms_and_are_asked_about(tmp_path: Path) -> None:
    rows = [
        f"sub_{i},cus_{i},A,Scale,5,{c},month,5.00,active,2026-02-01,2026-02-01,2026-03-01,,,,false,"
        for i, c in enumerate(["eur", "eur", "usd"])
    ]
    write_csv(tmp_path / "exports", "stripe_subscriptions.csv", SUBSCRIPTIONS + "\n".join(rows))
    written = drafted(tmp_path, "stripe")
    assert sorted(rows_of(tmp_path / "mapping", "subscriptions", "currency", "mrr")) == [
        ("EUR", 5.0),
        ("EUR", 5.0),
        ("USD", 5.0),
    ]
    assert written.questions[0].startswith(
        "CHOOSE: subscriptions are in EUR (2 accounts), USD (1 accounts). Say under `rates`"
    )
    text = (tmp_path / "mapping" / "mapping.yaml").read_text()
    assert (
        "currency: EUR               # the company's own (2 accounts)\nrates:                      # CHOOSE: how many EUR one"
        in text
    )
    assert "\n  USD:                      # 1 accounts\n" in text


def test_a_rate_that_a_person_fills_in_becomes_the_table_rates_and_one_left_open_does_not(tmp_path: Path) -> None:
    rows = [
        f"sub_{c},cus_{c},A,Scale,5,{c},month,5.00,active,2026-02-01,2026-02-01,2026-03-01,,,,false,"
        for c in ("eur", "usd", "chf")
    ]
    write_csv(tmp_path / "exports", "stripe_subscriptions.csv", SUBSCRIPTIONS + "\n".join(rows))
    drafted(tmp_path, "stripe")
    path = tmp_path / "mapping" / "mapping.yaml"
    with open_source(path) as source:
        assert "rates" in source.absent
    path.write_text(path.read_text().replace("  USD:  ", "  USD: 0.9"))
    with open_source(path) as source:
        rates = source.tables["rates"].to_pyarrow().to_pylist()
    assert [(r["currency"], r["rate"], r["as_of"]) for r in rates] == [("USD", 0.9, date(1999, 1, 1))]


def test_one_currency_asks_for_nothing(tmp_path: Path) -> None:
    write_csv(tmp_path / "exports", "stripe_subscriptions.csv", SUBSCRIPTIONS + YEARLY.format(amount="5.00"))
    written = drafted(tmp_path, "stripe")
    assert not any("CHOOSE" in question for question in written.questions)
    assert "rates:" not in (tmp_path / "mapping" / "mapping.yaml").read_text()


def test_a_price_of_one_seat_is_recognised_by_the_invoices(tmp_path: Path) -> None:
    row = "sub_1,cus_1,Acme,Scale,10,eur,month,50.00,active,2026-01-01,2026-01-01,2026-02-01,,,,false,"
    write_csv(tmp_path / "exports", "stripe_subscriptions.csv", SUBSCRIPTIONS + row)
    write_csv(tmp_path / "exports", "stripe_invoices.csv", INVOICES + bill(1, 50000, "2026-01-01", "2026-02-01"))
    drafted(tmp_path, "stripe")
    assert "amount * coalesce(quantity, 1)" in (tmp_path / "mapping" / "stripe_prices_paid.sql").read_text()


def test_a_subscription_left_open_long_ago_ended_with_its_last_period(tmp_path: Path) -> None:
    rows = [
        "sub_1,cus_1,Acme,Scale,5,eur,month,5.00,active,2023-02-01,2023-02-01,2023-03-01,,,,false,",
        "sub_2,cus_2,Bolt,Scale,5,eur,month,5.00,active,2026-02-01,2026-02-01,2026-03-01,,,,false,",
    ]
    write_csv(tmp_path / "exports", "stripe_subscriptions.csv", SUBSCRIPTIONS + "\n".join(rows))
    written = drafted(tmp_path, "stripe")
    assert rows_of(tmp_path / "mapping", "subscriptions", "account_id", "ended_on") == [
        ("cus_1", date(2023, 3, 1)),
        ("cus_2", None),
    ]
    assert any(
        "1 subscriptions are active although their period ended long ago" in question for question in written.questions
    )


def test_a_pause_whose_start_nobody_wrote_down_stays_open_and_is_asked_about(tmp_path: Path) -> None:
    header = SUBSCRIPTIONS.strip() + ",Pause Collection\n"
    row = "sub_1,cus_1,Acme,Scale,5,eur,month,5.00,active,2026-02-01,2026-02-01,2026-03-01,,,,false,,keep_as_draft"
    write_csv(tmp_path / "exports", "stripe_subscriptions.csv", header + row)
    written = drafted(tmp_path, "stripe")
    assert rows_of(tmp_path / "mapping", "subscriptions", "paused_from") == [None]
    assert any("1 subscriptions are paused" in question for question in written.questions)


def test_the_tables_of_fivetran_give_the_same_terms(tmp_path: Path) -> None:
    exports = tmp_path / "exports"
    write_csv(
        exports, "subscription_history.csv",
        "id,customer_id,status,created,start_date,current_period_start,current_period_end,canceled_at,cancel_at_period_end,ended_at,livemode,_fivetran_active\n"
        "sub_1,cus_1,active,2024-01-31 10:00:00,2024-01-31 10:00:00,2026-01-31 10:00:00,2027-01-31 10:00:00,,false,,true,true\n"
        "sub_1,cus_1,active,2024-01-31 10:00:00,2024-01-31 10:00:00,2025-01-31 10:00:00,2026-01-31 10:00:00,,false,,true,false\n"
        "sub_t,cus_9,active,2024-01-31 10:00:00,2024-01-31 10:00:00,2026-01-31 10:00:00,2027-01-31 10:00:00,,false,,false,true",
    )  # fmt: skip
    write_csv(exports, "subscription_item.csv", "id,subscription_id,plan_id,quantity\nsi_1,sub_1,p_1,10")
    write_csv(
        exports,
        "price.csv",
        "id,unit_amount,currency,recurring_interval,recurring_interval_count,nickname\np_1,12000,eur,year,1,Scale",
    )
    assert terms(tmp_path, "term_ends_on", "mrr", "plan", "seats") == [
        (date(2024, 1, 31), date(2025, 1, 31), 100.0, "Scale", 10.0),
        (date(2025, 1, 31), date(2026, 1, 31), 100.0, "Scale", 10.0),
        (date(2026, 1, 31), date(2027, 1, 31), 100.0, "Scale", 10.0),
    ]


def test_the_objects_of_airbyte_give_the_same_terms(tmp_path: Path) -> None:
    price = {
        "unit_amount": 12000,
        "currency": "eur",
        "nickname": "Scale",
        "recurring": {"interval": "year", "interval_count": 1},
    }
    write_lines(
        tmp_path / "exports", "stripe_subscriptions.jsonl",
        [{
            "id": "sub_1", "customer": "cus_1", "status": "active", "start_date": 1706659200, "current_period_start": 1769817600,
            "current_period_end": 1801353600, "cancel_at_period_end": False, "canceled_at": None, "ended_at": None, "livemode": True,
            "items": {"data": [{"price": price, "quantity": 10}]}, "metadata": {"account_id": "A7"},
        }],
    )  # fmt: skip
    drafted(tmp_path, "stripe")
    periods = rows_of(tmp_path / "mapping", "subscriptions", "starts_on", "term_ends_on", "plan", "seats", "mrr")
    assert periods[-1] == (date(2026, 1, 31), date(2027, 1, 31), "Scale", 10.0, 100.0)
    assert len(periods) == 3
