from __future__ import annotations

import pandas as pd

from rind.reports.watermelon_section import NO_BREAK, NO_TABLE, baselines, missed


def test_the_record_stands_beside_the_simple_rules() -> None:
    record = {
        "base_rate": 0.04, "precision": 0.2, "intervals": {"precision": {"low": 0.1, "high": 0.3}},
        "baselines": {"random_green": {"precision": 0.04, "intervals": {}}},
    }  # fmt: skip
    ours, lot = baselines(record)
    assert (ours["rule"], ours["precision"].replace(NO_BREAK, " ")) == ("Watermelon flags", "20 % (10 % to 30 %)")
    assert ours["recall"] == "\N{EN DASH}"
    assert lot["precision"] == "4 %"
    assert baselines({"base_rate": None}) == []


def test_missed_green_churn_names_what_was_known_and_the_tables_that_spoke() -> None:
    keys = {"account_id": ["a", "b", "c"], "as_of": pd.to_datetime(["2024-03-04"] * 3)}
    gone = pd.DataFrame(
        keys
        | {
            "left_on": pd.to_datetime(["2024-04-01"] * 3),
            "days_ahead": [28.0] * 3,
            "caught": [False, False, True],
            "health_score": [80.0] * 3,
            "churn_probability": [0.05] * 3,
            "highest_probability": [0.06] * 3,
            "nearest_flagged": ["c", "", ""],
            "told_family": ["tickets", "", "tickets"],
            "push_1": ["tickets__open__now", "", ""],
            "push_2": ["", "", ""],
        }
    )
    entry = {"name": "tickets__open__now", "family": "tickets", "description": "Open tickets", "unit": "count"}
    entry |= {"direction": 1, "sentence": "{tickets__open__now} tickets are open", "when_zero": "", "when_missing": ""}
    values = pd.DataFrame(keys | {"tickets__open__now": [4.0, 0.0, 1.0]})
    gone_rows = missed(gone, values, pd.DataFrame([entry]), {"a": "Acme", "c": "Cee"}, {"tickets": "tickets"})
    assert (gone_rows["departures"], gone_rows["count"]) == (3, 2)
    assert gone_rows["rows"][0]["name"] == "Acme"
    assert gone_rows["rows"][0]["known"] == ["4 tickets are open"]
    assert gone_rows["rows"][0]["nearest"] == "Cee"
    assert [row["told"] for row in gone_rows["rows"]] == ["tickets", NO_TABLE]
