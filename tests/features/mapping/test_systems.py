from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest

from rind.common.errors import SourceError, UsageError
from rind.features.mapping.registry import system, system_names
from rind.features.sources import open_source
from rind.features.tables import TABLES
from tests.features.mapping.exports import drafted, rows_in, rows_of, write_csv, write_lines

at = datetime.fromisoformat

COMPANIES = "Record ID;Company name;Create Date;Became a Customer Date;Lifecycle Stage;Parent Company ID;Stripe Customer ID;Number of Employees"
CONTACTS = "Record ID,Email,Job Title,Buying Role,Create Date,Associated Company IDs"


def hubspot(tmp_path: Path, *companies: str, contacts: tuple[str, ...] = ()) -> Path:
    write_csv(tmp_path / "exports", "hubspot_companies.csv", "\n".join((COMPANIES, *companies)))
    if contacts:
        write_csv(tmp_path / "exports", "hubspot_contacts.csv", "\n".join((CONTACTS, *contacts)))
    return tmp_path / "exports"


ACME = "17;Acme GmbH;25.10.2022 11:25;08.01.2023;Customer;;cus_1;1.066"
BOLT = "18;Bolt;02.02.2024 08:00;03.03.2024;Customer;17;;12"


def test_the_systems_of_the_contract_are_all_known() -> None:
    assert set(system_names()) >= {
        "stripe", "chargebee", "hubspot", "salesforce", "zendesk", "intercom", "segment", "amplitude", "posthog", "delighted",
    }  # fmt: skip


@pytest.mark.parametrize("name", system_names())
def test_a_system_gives_only_tables_of_the_contract_and_names_only_inputs_that_it_has(name: str) -> None:
    known = system(name)
    assert set(known.tables) <= set(TABLES)
    needed = {n for piece in (*known.tables.values(), *known.helpers.values()) for n in (*piece.needs, *piece.any)}
    assert needed <= set(known.inputs)
    for details in known.inputs.values():
        assert set(details.required) <= set(details.columns)


def test_an_unknown_system_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"there is no system 'pipedrive'\s+-> One of amplitude"):
        drafted(tmp_path, "pipedrive")


def test_a_mapping_with_a_persons_changes_is_never_written_over(tmp_path: Path) -> None:
    hubspot(tmp_path, ACME)
    drafted(tmp_path, "hubspot")
    with pytest.raises(UsageError, match="is there already"):
        drafted(tmp_path, "hubspot")


def test_exports_of_another_system_are_refused_with_what_is_there(tmp_path: Path) -> None:
    hubspot(tmp_path, ACME)
    with pytest.raises(
        SourceError, match=r"nothing in .* is an export of stripe\s+-> There are: hubspot_companies\.csv"
    ):
        drafted(tmp_path, "stripe")
    assert not (tmp_path / "mapping").exists()


def test_german_and_american_days_and_german_numbers_are_told_from_the_values(tmp_path: Path) -> None:
    hubspot(tmp_path, ACME, contacts=("7,a@b.example,,,04/21/2023 08:58,17",))
    drafted(tmp_path, "hubspot")
    assert rows_of(tmp_path / "mapping", "accounts", "signed_on", "employees") == [(date(2023, 1, 8), 1066.0)]
    assert rows_of(tmp_path / "mapping", "contacts", "added_on") == [date(2023, 4, 21)]


def test_days_that_may_be_read_both_ways_become_a_question_in_the_file(tmp_path: Path) -> None:
    hubspot(tmp_path, ACME, contacts=("7,a@b.example,,,04/05/2023 08:58,17",))
    drafted(tmp_path, "hubspot")
    text = (tmp_path / "mapping" / "mapping.yaml").read_text()
    (line,) = [line for line in text.splitlines() if "created_on: {from: Create Date" in line and "QUESTION" in line]
    assert "day and month may be the other way round" in line


def test_a_company_of_a_reseller_knows_its_parent_and_a_test_account_is_excluded(tmp_path: Path) -> None:
    hubspot(tmp_path, ACME, BOLT, "19;TEST 1 - do not delete;02.02.2024 08:00;03.03.2024;Customer;;;")
    written = drafted(tmp_path, "hubspot")
    assert rows_of(tmp_path / "mapping", "accounts", "account_id", "parent_id", "excluded") == [
        ("17", None, False), ("18", "17", False), ("19", None, True),
    ]  # fmt: skip
    assert any("1 companies belong to a parent, such as 18" in q for q in written.questions)


def test_a_company_that_stands_twice_in_the_export_is_one_account(tmp_path: Path) -> None:
    hubspot(tmp_path, ACME, ACME)
    drafted(tmp_path, "hubspot")
    assert rows_of(tmp_path / "mapping", "accounts", "account_id") == ["17"]


def test_what_a_merged_company_did_belongs_to_the_one_that_it_became(tmp_path: Path) -> None:
    exports = hubspot(tmp_path, ACME, BOLT)
    write_csv(exports, "hubspot_merges.csv", "merged_object_id,survivor_id\n5,18\n18,17")
    write_csv(
        exports,
        "segment_tracks.csv",
        "id,timestamp,user_id,context_group_id,event\ne1,2026-01-01T00:00:00Z,x@y.example,5,Viewed",
    )
    drafted(tmp_path, "hubspot,segment")
    assert rows_of(tmp_path / "mapping", "usage", "account_id") == ["17"]
    assert rows_of(tmp_path / "mapping", "accounts", "account_id") == ["17"]


def test_a_person_of_several_companies_is_a_contact_of_each_that_is_an_account(tmp_path: Path) -> None:
    hubspot(tmp_path, ACME, BOLT, contacts=("7,a@b.example,CFO,,04/21/2023 08:58,17;18;99",))
    written = drafted(tmp_path, "hubspot")
    assert rows_of(tmp_path / "mapping", "contacts", "contact_id", "account_id") == [("7", "17"), ("7@18", "18")]
    assert any(
        "1 of 3 companies of the contacts lead to no account (1 ids, such as 99)" in q for q in written.questions
    )


@pytest.mark.parametrize(
    ("title", "role", "level"),
    [
        ("CFO", "Champion", "champion"), ("CFO", "", "executive"), ("Head of Ops", "Budget Holder", "decision_maker"),
        ("Head of Ops", "", "decision_maker"), ("Analyst", "End User", "user"), ("", "Executive Sponsor", "executive"), ("Poet", "", None),
    ],
)  # fmt: skip
def test_the_buying_role_says_who_the_champion_is_before_the_job_title(
    tmp_path: Path, title: str, role: str, level: str | None
) -> None:
    hubspot(tmp_path, ACME, contacts=(f"7,a@b.example,{title},{role},04/21/2023 08:58,17",))
    written = drafted(tmp_path, "hubspot")
    assert rows_of(tmp_path / "mapping", "contacts", "level") == [level]
    assert any("Poet (1)" in q for q in written.questions) == (title == "Poet")


def test_a_retried_event_keeps_its_id_and_addresses_in_any_case_are_one_user(tmp_path: Path) -> None:
    exports = hubspot(tmp_path, ACME, contacts=("7,Anna@Kunde.example,,,04/21/2023 08:58,17",))
    write_csv(
        exports, "segment_tracks.csv",
        "id,timestamp,user_id,context_group_id,event\n"
        "e1,2026-01-01T00:00:00Z,ANNA@kunde.example,17,Viewed\n"
        "e1,2026-01-01T00:00:00Z,ANNA@kunde.example,17,Viewed\n"
        "e2,2026-01-02T00:00:00Z,anna@KUNDE.example,,Viewed\n"
        "e3,2026-01-02T00:00:00Z,Bob@kunde.example,17,Viewed\n"
        "e4,2026-01-02T00:00:00Z,stranger@web.example,,Viewed",
    )  # fmt: skip
    written = drafted(tmp_path, "hubspot,segment")
    assert rows_of(tmp_path / "mapping", "usage", "event_id", "user_id") == [
        ("e1", "7"), ("e1", "7"), ("e2", "7"), ("e3", "bob@kunde.example"),
    ]  # fmt: skip
    assert any("1 events came more than once with the same id, such as e1" in q for q in written.questions)
    assert any("1 of 2 users of events without a group lead to no account" in q for q in written.questions)


def test_engagements_in_milliseconds_are_touch_points_but_notes_are_not(tmp_path: Path) -> None:
    exports = hubspot(tmp_path, ACME)
    rows = ["1,17,INCOMING_EMAIL,1783123200000", "2,17,NOTE,1783123200000", "3,17,MEETING,1783123200000"]
    write_csv(exports, "fivetran_hubspot_engagement.csv", "engagement_id,company_id,type,timestamp\n" + "\n".join(rows))
    drafted(tmp_path, "hubspot")
    assert rows_of(tmp_path / "mapping", "interactions", "interaction_id", "channel", "direction", "occurred_at") == [
        ("1", "email", "inbound", at("2026-07-04")), ("3", "meeting", "outbound", at("2026-07-04")),
    ]  # fmt: skip


def test_deleted_and_merged_tickets_are_left_out_and_the_requester_tells_a_missing_organization(tmp_path: Path) -> None:
    exports = hubspot(tmp_path, ACME, contacts=("7,anna@kunde.example,,,04/21/2023 08:58,17",))
    ticket = {
        "created_at": "2026-07-04T10:00:00Z", "updated_at": "2026-07-09T10:00:00Z", "status": "closed", "priority": "P1",
        "requester_email": "Anna@kunde.example", "organization_external_id": "17", "reply_time_in_minutes_calendar": 30,
        "full_resolution_time_in_minutes_calendar": 120, "replies": 3, "tags": "",
    }  # fmt: skip
    write_lines(
        exports, "zendesk_tickets.json",
        [
            ticket | {"id": 1, "organization_external_id": ""},
            ticket | {"id": 2, "status": "deleted"},
            ticket | {"id": 3, "tags": "closed_by_merge,vip"},
            ticket | {"id": 4, "status": "open", "full_resolution_time_in_minutes_calendar": None},
            ticket | {"id": 5, "organization_external_id": "99", "requester_email": "x@web.example"},
        ],
    )  # fmt: skip
    written = drafted(tmp_path, "hubspot,zendesk")
    assert rows_of(tmp_path / "mapping", "tickets", "ticket_id", "account_id", "contact_id", "first_response_at", "resolved_at", "priority") == [
        ("1", "17", "7", at("2026-07-04 10:30"), at("2026-07-04 12:00"), "urgent"),
        ("4", "17", "7", at("2026-07-04 10:30"), None, "urgent"),
    ]  # fmt: skip
    assert any("2 tickets are deleted or were merged" in q for q in written.questions)
    assert any("lead to no account (1 ids, such as 99)" in q for q in written.questions)


def test_survey_answers_in_seconds_belong_to_the_contact_of_the_address(tmp_path: Path) -> None:
    exports = hubspot(tmp_path, ACME, contacts=("7,anna@kunde.example,,,04/21/2023 08:58,17",))
    rows = ["Anna@KUNDE.example,1,nps,1783123200,1783209600,9,17", "anna@kunde.example,2,nps,1783123200,,,"]
    write_csv(
        exports,
        "delighted_responses.csv",
        "person_email,person_id,survey_type,sent_at,created_at,score,company_id\n" + "\n".join(rows),
    )
    drafted(tmp_path, "hubspot,delighted")
    assert rows_of(tmp_path / "mapping", "surveys", "account_id", "contact_id", "kind", "sent_at", "responded_at", "score") == [
        ("17", "7", "nps", at("2026-07-04"), at("2026-07-05"), 9.0), ("17", "7", "nps", at("2026-07-04"), None, None),
    ]  # fmt: skip


def test_billing_and_crm_are_joined_and_customers_that_did_not_meet_stay_accounts(tmp_path: Path) -> None:
    exports = hubspot(tmp_path, ACME)
    header = "id,Customer ID,Customer Description,Product,Quantity,Currency,Interval,Amount,Status,Start (UTC),Current Period Start (UTC),Current Period End (UTC)\n"
    rows = [f"sub_{i},cus_{i},Name {i},Scale,1,eur,month,9.50,active,2026-02-01,2026-02-01,2026-03-01" for i in (1, 2)]
    write_csv(exports, "stripe_subscriptions.csv", header + "\n".join(rows))
    drafted(tmp_path, "stripe,hubspot")
    with open_source(tmp_path / "mapping") as source:
        assert rows_in(source, "subscriptions", "subscription_id", "account_id") == [
            ("sub_1-1", "17"),
            ("sub_2-1", "cus_2"),
        ]
        assert rows_in(source, "accounts", "account_id", "name") == [("17", "Acme GmbH"), ("cus_2", "Name 2")]


def test_the_metadata_of_a_customer_counts_before_a_company_that_claims_it_too(tmp_path: Path) -> None:
    exports = hubspot(tmp_path, ACME, "99;ACME GMBH;25.10.2022 11:25;08.01.2023;Customer;;cus_1;")
    header = "id,Customer ID,Product,Quantity,Currency,Interval,Amount,Status,Start (UTC),Current Period Start (UTC),Current Period End (UTC),hubspot_id (metadata)\n"
    write_csv(
        exports,
        "stripe_subscriptions.csv",
        header + "sub_1,cus_1,Scale,1,eur,month,9.50,active,2026-02-01,2026-02-01,2026-03-01,17",
    )
    written = drafted(tmp_path, "hubspot,stripe")
    assert rows_of(tmp_path / "mapping", "subscriptions", "account_id") == ["17"]
    assert any(
        "1 customer ids of the billing system are claimed by more than one company" in q for q in written.questions
    )


def test_chargebee_subscriptions_become_terms_with_trials_pauses_and_notice(tmp_path: Path) -> None:
    write_csv(
        tmp_path / "exports", "chargebee_subscriptions.csv",
        "id,customer_id,plan_id,plan_quantity,plan_amount,mrr,currency_code,billing_period,billing_period_unit,status,created_at,started_at,"
        "trial_start,trial_end,current_term_start,current_term_end,cancelled_at,cancel_schedule_created_at,pause_date,resume_date\n"
        "s1,c1,scale,5,120000,10000,EUR,1,year,non_renewing,1704067200,1704067200,1704067200,1705276800,1736899200,1768435200,1768435200,1751328000,,\n"
        "s2,c2,team,1,5000,5000,EUR,1,month,active,1764547200,1764547200,,,1767225600,1769904000,,,1767830400,1768435200",
    )  # fmt: skip
    drafted(tmp_path, "chargebee")
    periods = rows_of(
        tmp_path / "mapping",
        "subscriptions",
        "subscription_id",
        "kind",
        "starts_on",
        "term_ends_on",
        "ended_on",
        "notice_on",
        "mrr",
        "paused_from",
    )
    assert periods == [
        ("s1-1", "paid", date(2024, 1, 15), date(2025, 1, 15), date(2025, 1, 15), None, 100.0, None),
        ("s1-2", "paid", date(2025, 1, 15), date(2026, 1, 15), date(2026, 1, 15), date(2025, 7, 1), 100.0, None),
        ("s1-trial", "trial", date(2024, 1, 1), date(2024, 1, 15), date(2024, 1, 15), None, 0.0, None),
        ("s2-1", "paid", date(2025, 12, 1), date(2026, 1, 1), date(2026, 1, 1), None, 50.0, None),
        ("s2-2", "paid", date(2026, 1, 1), date(2026, 2, 1), None, None, 50.0, date(2026, 1, 8)),
    ]


def test_salesforce_accounts_cases_and_won_deals_give_the_tables(tmp_path: Path) -> None:
    exports = tmp_path / "exports"
    write_csv(
        exports, "Account.csv",
        "Id,Name,Type,Industry,ParentId,CreatedDate,IsDeleted,MasterRecordId\n"
        "001A,Acme,Customer - Direct,Retail,,2024-01-01T00:00:00.000Z,false,\n001B,Acme old,Customer,,,2023-01-01T00:00:00.000Z,true,001A\n"
        "001C,Prospect,Prospect,,,2024-01-01T00:00:00.000Z,false,",
    )  # fmt: skip
    write_csv(
        exports,
        "Contact.csv",
        "Id,AccountId,Email,Title,CreatedDate\n003A,001A,a@b.example,VP Sales,2024-01-02T00:00:00.000Z",
    )
    write_csv(
        exports,
        "Case.csv",
        "Id,AccountId,ContactId,CreatedDate,ClosedDate,Priority\n500A,001B,003A,2024-02-01T10:00:00.000Z,,Medium",
    )
    write_csv(
        exports, "Opportunity.csv",
        "Id,AccountId,StageName,Amount,CloseDate,Contract_Start__c,Contract_End__c\n"
        "006A,001A,Closed Won,1200,2024-01-15,2024-02-01,2025-02-01\n006B,001A,Closed Lost,900,2024-12-01,,",
    )  # fmt: skip
    drafted(tmp_path, "salesforce")
    mapping = tmp_path / "mapping"
    assert rows_of(mapping, "accounts", "account_id") == ["001A"]
    assert rows_of(mapping, "contacts", "contact_id", "level") == [("003A", "executive")]
    assert rows_of(mapping, "tickets", "account_id", "priority") == [
        ("001A", "normal")
    ]  # of the account that was merged into it
    ((subscription, mrr, ended_on),) = rows_of(mapping, "subscriptions", "subscription_id", "mrr", "ended_on")
    assert (subscription, round(mrr), ended_on) == ("006A", 100, date(2025, 2, 1))


def test_intercom_conversations_belong_to_the_company_of_their_author(tmp_path: Path) -> None:
    exports = tmp_path / "exports"
    write_lines(
        exports, "intercom_companies.json", [{"id": "i1", "company_id": "A7", "name": "Acme", "created_at": 1704067200}]
    )
    write_lines(
        exports, "intercom_contacts.json",
        [{"id": "p1", "email": "A@b.example", "role": "user", "created_at": 1704067200, "companies": {"data": [{"id": "i1"}]}}],
    )  # fmt: skip
    statistics = {"first_admin_reply_at": 1783126800, "last_close_at": 1783130400, "count_conversation_parts": 4}
    write_lines(
        exports, "intercom_conversations.json",
        [{
            "id": "c1", "created_at": 1783123200, "state": "closed", "priority": "priority", "statistics": statistics,
            "source": {"author": {"id": "p1", "email": "a@b.example"}},
        }],
    )  # fmt: skip
    drafted(tmp_path, "intercom")
    mapping = tmp_path / "mapping"
    assert rows_of(
        mapping, "tickets", "account_id", "contact_id", "opened_at", "resolved_at", "priority", "touches"
    ) == [("i1", "p1", at("2026-07-04"), at("2026-07-04 02:00"), "high", 4.0)]
    assert rows_of(mapping, "contacts", "contact_id", "account_id") == [("p1", "i1")]


@pytest.mark.parametrize(
    ("name", "file", "event"),
    [
        (
            "amplitude", "amplitude_events.json",
            {"$insert_id": "e1", "event_type": "Viewed", "event_time": "2026-07-04 10:00:00.000000", "user_id": "A@b.example",
             "groups": {"company_id": ["17"]}, "server_upload_time": "2026-07-04 10:00:05.000000"},
        ),
        (
            "posthog", "posthog_events.jsonl",
            {"uuid": "e1", "event": "Viewed", "timestamp": "2026-07-04T10:00:00.000000Z", "distinct_id": "u1",
             "properties": {"$groups": {"company": "17"}}, "person_properties": {"email": "A@b.example"},
             "created_at": "2026-07-04T10:00:05Z"},
        ),
    ],
)  # fmt: skip
def test_events_of_a_product_are_usage_of_the_group_they_name(
    tmp_path: Path, name: str, file: str, event: dict[str, object]
) -> None:
    exports = hubspot(tmp_path, ACME)
    noise = event | {"event_type": "session_start", "event": "$identify"}
    write_lines(exports, file, [event, noise])
    drafted(tmp_path, f"hubspot,{name}")
    assert rows_of(
        tmp_path / "mapping", "usage", "event_id", "account_id", "user_id", "feature", "occurred_at", "recorded_at"
    ) == [("e1", "17", "a@b.example", "Viewed", at("2026-07-04 10:00"), at("2026-07-04 10:00:05"))]


def test_any_table_is_mapped_by_the_likeness_of_its_columns(tmp_path: Path) -> None:
    exports = tmp_path / "exports"
    write_csv(exports, "kunden.csv", "Firmen-ID;Firma;Branche;Kunde seit\n1;Acme;Handel;04.07.2024\n2;Bolt;;31.12.2024")
    write_csv(
        exports,
        "vertraege.csv",
        "Vertragsnummer;Firmen-ID;Jahresbetrag;Vertragsbeginn;Vertragsende\nV1;1;1.200,00;04.07.2024;04.07.2025",
    )
    write_csv(exports, "cases.csv", "case_id,customer_id,created_at,severity\n9,1,2026-07-04 10:00,Sev A")
    write_csv(exports, "weather.csv", "place,rain\nUlm,3")
    written = drafted(tmp_path, "columns")
    mapping = tmp_path / "mapping"
    assert rows_of(mapping, "accounts", "account_id", "name", "signed_on") == [
        ("1", "Acme", date(2024, 7, 4)),
        ("2", "Bolt", date(2024, 12, 31)),
    ]
    assert rows_of(mapping, "subscriptions", "account_id", "mrr", "term_ends_on") == [("1", 100.0, date(2025, 7, 4))]
    assert rows_of(mapping, "tickets", "account_id", "priority") == [("1", None)]
    assert any("what do sev a mean in severity? One of low, normal, high, urgent" in q for q in written.questions)
    assert any("weather.csv is like no table" in q for q in written.questions)


def test_a_required_column_that_no_name_is_like_becomes_a_question_in_the_sql(tmp_path: Path) -> None:
    write_csv(tmp_path / "exports", "accounts.csv", "account_id,name\n1,Acme")
    written = drafted(tmp_path, "columns")
    assert "null as signed_on,  -- QUESTION: which column is it?" in (tmp_path / "mapping" / "accounts.sql").read_text()
    assert "accounts.csv: signed_on of accounts is in no column; see accounts.sql." in written.questions


def test_a_file_of_no_system_is_named_with_the_table_that_it_looks_like(tmp_path: Path) -> None:
    exports = hubspot(tmp_path, ACME)
    write_csv(exports, "cs_health.csv", "Firmen-ID;Stand;Score\n17;22.11.2026;97,7")
    written = drafted(tmp_path, "hubspot")
    assert any(q.startswith("cs_health.csv looks like health_scores") for q in written.questions)
    assert written.unread == ("cs_health.csv",)


def test_with_columns_such_a_file_is_mapped_too_by_the_ids_of_the_systems(tmp_path: Path) -> None:
    exports = hubspot(tmp_path, ACME, BOLT)
    write_csv(exports, "cs_health.csv", "Firmen-ID;Stand;Score\ncus_1;22.11.2026;97,7\n18;22.11.2026;50,0")
    drafted(tmp_path, "hubspot,columns")
    assert rows_of(tmp_path / "mapping", "health_scores", "account_id", "as_of", "score") == [
        ("17", date(2026, 11, 22), 97.7), ("18", date(2026, 11, 22), 50.0),
    ]  # fmt: skip
