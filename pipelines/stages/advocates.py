"""Which accounts are ready to be asked for a reference, and which to be offered more."""

from __future__ import annotations

from datetime import date

import pandas as pd

from rind.features.book.advocacy import higher_plan_use, last_asked, last_nps
from rind.features.storage import load
from rind.models.book.advocates import FEATURES, ready_accounts
from rind.pipelines.data import read, read_dates, write, write_document
from rind.pipelines.params import Params
from rind.pipelines.runner import Progress
from rind.pipelines.workspace import Workspace
from rind.reports.advocate_text import reason, rules
from rind.reports.tables import records

LISTED = ("account_id", "name", "segment", "csm", "mrr", "mrr_under_notice", "churn_probability", "risk_band",
          "expansion_probability", "watermelon")  # fmt: skip
WRITTEN = ("account_id", "kind", "score", "reason", "name", "segment", "csm", "mrr")
FACTS = ("nps", "nps_days", "survey_days", "reference_days", "higher_features")


def run(space: Workspace, params: Params, progress: Progress) -> None:
    """Write advocates.parquet and advocates.json."""
    as_of, listed = read_dates(space.dates)["as_of"], read(space.risk_list)
    accounts = listed.reindex(columns=LISTED).set_index("account_id", drop=False)
    progress("answers, questions, use")
    accounts = accounts.join(_facts(space, params, as_of, list(listed["account_id"])))
    accounts = accounts.join(_features(space, as_of))
    ready = ready_accounts(accounts.assign(ever_watermelon=_flagged(space, accounts)), params.advocates)
    ready = ready.assign(reason=pd.Series([reason(row) for row in ready.to_dict("records")], dtype="str"))
    made = ready[list(WRITTEN)].astype(dict.fromkeys(("account_id", "kind", "reason"), "str"))
    write(made.astype({"score": "float64", "mrr": "float64"}), space.advocates)
    write_document(space.advocate_list, {"accounts": records(made), "rules": rules(params.advocates)})


def _flagged(space: Workspace, accounts: pd.DataFrame) -> pd.Series:
    """Whether each account is a watermelon today or was one on any reported date."""
    past = read(space.backtest, ["account_id", "watermelon"])
    before = past.loc[past["watermelon"].fillna(False).astype("bool"), "account_id"]
    return accounts["watermelon"].fillna(False).astype("bool") | accounts["account_id"].isin(set(before))


def _facts(space: Workspace, params: Params, as_of: date, ids: list[str]) -> pd.DataFrame:
    """What the tables say of each account, by account_id: `FACTS`, empty where they say nothing."""
    tables, settings = load(space.tables), params.advocates
    spine = tables["accounts"].select("account_id").mutate(as_of=as_of)
    parts = (
        last_nps(spine, tables),
        last_asked(spine, tables, settings.reference_playbooks),
        higher_plan_use(spine, tables, settings.higher_use_days, params.money.currency),
    )
    facts = pd.DataFrame(index=pd.Index(ids, name="account_id"))
    for part in parts:
        facts = facts.join(part.to_pandas().drop(columns="as_of").set_index("account_id"))
    return facts.reindex(columns=FACTS)


def _features(space: Workspace, as_of: date) -> pd.DataFrame:
    features = read(space.features, days=[as_of]).set_index("account_id")
    return features.reindex(columns=list(FEATURES)).rename(columns=FEATURES)
