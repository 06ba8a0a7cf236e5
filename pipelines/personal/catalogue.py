"""What of a person Rind reads, keeps, shows and sends, as data: docs/personal-data.md is printed from it.

Tests hold it against the columns of the data contract, the results of a finished run, and the files beside them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Data(StrEnum):
    """A kind of data about people."""

    PERSON = "person"
    WORDS = "words"
    ACCOUNT = "account"
    STAFF = "staff"
    SECRET = "secret"
    FACTS = "facts"


MEANINGS: dict[Data, str] = {
    Data.PERSON: "the id of a person at the customer (contact, user); an e-mail where addresses are the ids",
    Data.WORDS: "what somebody wrote: comments of surveys, reasons for leaving, wishes, notes of readers",
    Data.ACCOUNT: "id or name of a customer company; of a sole trader that is a person",
    Data.STAFF: "the vendor's own people: names of CSMs, users, their addresses, what they did",
    Data.SECRET: "hashes of passwords, sessions and keys, with which nobody can log in; secrets of second factors, "
    "from which codes are made that count beside a password",
    Data.FACTS: "what an account or a person did, and figures made of it; no id, no name",
}

PERSON_COLUMNS = ("user_id", "contact_id")
WORD_COLUMNS = ("comment", "reason", "competitor", "topic")
ACCOUNT_COLUMNS = ("account_id", "parent_id", "name")
STAFF_COLUMNS = ("csm",)
FACT_COLUMNS = (
    "segment", "industry", "region", "subscription_id", "plan", "kind", "currency", "feature", "event_id", "module",
    "ticket_id", "priority", "category", "level", "department", "interaction_id", "channel", "direction", "response_id",
    "invoice_id", "fit", "intervention_id", "playbook", "outcome", "request_id",
)  # fmt: skip
"""Columns of texts and ids that name nobody."""


def kind_of(column: str, type_: str) -> Data | None:
    """What a column of the data contract says of a person; None for a text or an id that nobody has looked at."""
    for columns, data in (
        (PERSON_COLUMNS, Data.PERSON), (WORD_COLUMNS, Data.WORDS), (ACCOUNT_COLUMNS, Data.ACCOUNT),
        (STAFF_COLUMNS, Data.STAFF), (FACT_COLUMNS, Data.FACTS),
    ):  # fmt: skip
        if column in columns:
            return data
    return None if type_ in ("id", "string") else Data.FACTS


A, S, W, P, F, X = Data.ACCOUNT, Data.STAFF, Data.WORDS, Data.PERSON, Data.FACTS, Data.SECRET

HOLDS: dict[str, tuple[Data, ...]] = {
    "set_aside": (P, W, A, S, F),
    "voice_texts": (P, W, A, S), "voice": (W, F),
    "advocates": (A, S, F), "advocate_list": (A, S, F),
    "risk_list": (A, S, F), "risk_list_csv": (A, S, F), "risk_list_xlsx": (A, S, F), "risk_list_html": (A, S, F),
    "published": (A, F), "previous_list": (A, S, F), "ledger": (A, S, F),
    "true_north_page": (A, S, F),
    "kpis": (S, F), "kpi_notes": (S, F), "forecast": (S, F), "forecast_record": (S, F),
    "forecast_months": (S, F),
    "health_score": (A, F), "health_page": (A, F),
    "features": (A, F), "labels": (A, F), "known_labels": (A, F), "backtest": (A, F), "family_shap": (A, F),
    "explanations": (A, F), "green_churn": (A, F), "adoption": (A, S, F), "timeline": (A, F), "outcomes": (A, F),
    "outcome_scores": (A, F), "validation": (A, F), "guards": (A, F), "under_intervention": (A, F),
    "account_weeks": (A, F), "commitments": (A, F),
}  # fmt: skip
"""Public result -> what of a person it may hold; those that are not named hold facts alone: sums, figures, pictures."""


class Place(NamedTuple):
    """Something that Rind keeps beside the results.

    ``kept`` says how long, ``forget`` what `rind forget` does there.
    """

    path: str
    what: str
    holds: tuple[Data, ...]
    kept: str
    forget: str


PLACES: tuple[Place, ...] = (
    Place(".rind/work", "a run at work, or what a failed one left for --resume: the tables of the source",
          (P, W, A, S, F), "until the run ends; a failed one's until the next run", "deleted"),
    Place(".rind/.rind-*", "what a backup copies and a restore unpacks; of a restore into a new folder beside it",
          (P, W, A, S, X, F), "until the command ends; a killed one's until the next run or restore",
          "deleted; beside the folder by the next `rind restore`"),
    Place(".rind/store", "features of past dates, reduced usage, sums of hashes: kept by `rind run --incremental`",
          (P, A, F), "`feature_store.unused_days` after their last use",
          "deleted; one that `feature_store.folder` names: by `rind store --dir FOLDER --drop-older-than 0`"),
    Place("access.sqlite", "users, sessions with address and browser, keys; names of who comes by the company's login "
          "while the session lasts; the audit log: who saw, exported, changed, decided what, from where",
          (S, A, X), "audit: `retention.audit_days`; users until removed", "(forgotten) stands for the account"),
    Place("feedback.sqlite", "what readers answered to the list", (S, A, W), "for good", "deleted; texts blanked"),
    Place("feedback/", "the same as tables, written by each run", (S, A, W), "until the next run", "rows cut"),
    Place("deliveries/deliveries.sqlite", "what waits to be sent, with its text; who got what when",
          (S, A, F), "a text until it is sent; `retention.weeks_days`", "texts that were not sent are deleted"),
    Place("deliveries/", "files for CRMs", (A, S, F), "`retention.weeks_days`", "rows cut"),
    Place("mlruns/", "MLflow: backtests with ids of accounts, models, figures; numbers of three accounts, without "
          "ids, as the example of a model, and of one in shap_waterfall.png",
          (A, F), "`tracking.keep_runs`", "rows cut"),
    Place("forgotten.json", "keyed hashes of who was forgotten", (P, A), "for good", "gets a hash more"),
    Place("pseudonym.key", "the key of `rind export --pseudonymous`, unless RIND_PSEUDONYM_KEY holds it; in no backup",
          (X,), "for good", "stays"),
    Place("PostgreSQL (rind publish)", "every published week: schema rind_store", (A, S, W, P, F),
          "`retention.weeks_days`, `results_store.keep_detail_weeks`", "rows and documents cut, then vacuumed"),
    Place("backups (rind backup)", "all of the above in one file", (P, W, A, S, X, F), "as long as you keep them",
          "not reached: restore forgets again"),
    Place("experiment-NAME.json, .html (rind experiment)", "what a change did, as sums; its name as you wrote it",
          (F,), "as long as you keep them", "nothing to cut: no id, no name"),
    Place("the server's log", "routes and statuses; errors name paths, and with them accounts", (A,),
          "where your platform keeps it", "not reached"),
)  # fmt: skip
"""Everything beside the results."""

SHOWN: tuple[tuple[str, str], ...] = (
    ("Pages and API", "accounts, CSMs and figures to whoever may see the account (`serving.csm_sees`), and only "
     "to them the words of a customer. No page and no answer shows the id of a contact or a user."),
    ("Mail and chat", "accounts, CSMs and figures of the reader's own book, all of them to `deliveries.leadership`; "
     "no words of customers."),
    ("CRM files", "the columns of the risk list that `deliveries.crm` names."),
    ("Results store", "all results that pages read, to whoever may read the database; the views of schema rind hold no "
     "words of customers."),
    ("MLflow", "ids of accounts in backtests, on a server of yours where MLFLOW_TRACKING_URI says so."),
)  # fmt: skip
"""Who gets to see it -> what."""


@dataclass(frozen=True)
class Stays:
    """What is left after `rind forget`, and why."""

    what: str
    why: str


AFTER_FORGETTING: tuple[Stays, ...] = (
    Stays("Models: trees, coefficients, thresholds", "sums over all accounts; no row can be read back"),
    Stays("Figures: metrics, curves, pictures, monitor, guards", "they count accounts and name none"),
    Stays("Sums by segment, CSM, plan and month (kpis, forecast, totals of pages)",
          "a cell that one account alone filled is still its number; run anew without the account to be rid of it"),
    Stays("Topics of texts, with counts", "a topic needs several accounts; a sentence of the person is gone"),
    Stays("Example rows and one drawn account in MLflow", "numbers without ids; `tracking.keep_runs` deletes them"),
    Stays("Who of the staff looked when", "the audit log must stay proof; at whom they looked is blanked"),
    Stays("A gap in the ranks of the list, and a hash in forgotten.json", "so that the next run leaves them out"),
    Stays("Backups, mails that were sent, exports, PostgreSQL's own log, an MLflow server",
          "Rind does not hold them; they are yours to delete"),
)  # fmt: skip
