"""What people open: the list, its files and pictures, and run.json, which vouches for all."""

from __future__ import annotations

from rind.common.columns import Column, Kind
from rind.common.results.result import (
    ACCOUNT,
    AS_OF,
    HORIZONS,
    MANIFEST,
    OUTCOMES,
    PLACE_AND_SCORE,
    REASONS,
    Result,
)

WEEK: dict[str, Result] = {
    "risk_list": Result(
        "risk_list.parquet",
        "risk_list",
        "account in the cohort of the scoring date, riskiest first",
        public=True,
        needed=True,
        served="table",
        columns=(*PLACE_AND_SCORE, *HORIZONS, *REASONS, *OUTCOMES),
    ),
    "published": Result(
        "published.parquet",
        "published",
        "account of the list before, with what that list said when it was published",
        public=True,
        remembers=True,
        columns=(ACCOUNT, AS_OF, Column("churn_probability", Kind.NUMBER, "The probability that readers saw then")),
    ),
    "previous_list": Result(
        "previous_list.parquet",
        "risk_list",
        "the same of the date before by the same model, for who compares",
        public=True,
        served="table",
        columns=(
            AS_OF, *PLACE_AND_SCORE,
            Column("published_probability", Kind.NUMBER, "What the list of that date said when it was published",
                   may_be_empty=True),
        ),
    ),
    "facts": Result(
        "facts.json", "risk_list", "what the reports say of the run: dates, bands, model, notes",
        columns=(
            Column("company", Kind.TEXT, "Its name in titles"),
            Column("as_of", Kind.DAY, "The scoring date"),
            Column("data_end", Kind.DAY, "The last day that the source covers"),
            Column("horizon_days", Kind.WHOLE, "Days ahead that the probability looks"),
            Column("red_from", Kind.NUMBER, "Probability at which the red band begins"),
            Column("amber_from", Kind.NUMBER, "Probability at which the amber band begins"),
            Column("model", Kind.TEXT, "Name and version of the model that made the list"),
            Column("notes", None, "Sentences above the list"),
            Column("further_notes", None, "Sentences below it"),
            Column("withheld", Kind.TEXT, "Why the list is empty; no text where it is not"),
        ),
    ),
    "usual": Result(
        "usual.json", "risk_list", "what is usual: segment (\"\" for all) -> feature -> median, of a flag the share",
        public=True, served="document",
    ),
    "ledger": Result(
        "ledger.json", "ledger", "what happened since the date before, account by account, in ARR", public=True,
        served="document",
        columns=(
            Column("since", Kind.DAY, "The date before"),
            Column("as_of", Kind.DAY, "The scoring date"),
            Column(
                "lines", None,
                "Account x kind (gave_notice, left, renewed, shrank, grew, newly_red, no_longer_red): account_id, "
                "name, segment, csm, arr, day, contract_ends_on",
            ),
            Column("save_or_close", None, "Whoever has given notice and still pays: the same, and notice_on"),
        ),
    ),
    "timeline": Result(
        "timeline.parquet",
        "timeline",
        "account x event of the last page.timeline_days before the scoring date, as it was known then",
        public=True,
        served="columns",
        columns=(
            ACCOUNT,
            AS_OF,
            Column("happened_on", Kind.DAY, "The day; before as_of"),
            Column("kind", Kind.TEXT, "ticket, answer, term, notice, term_end, intervention or person_left"),
            Column("detail", Kind.TEXT, "Priority and category, survey, plan, playbook, or level", may_be_empty=True),
            Column("number", Kind.NUMBER, "Score of an answer, mrr of a term, cost", may_be_empty=True),
            Column("ended_on", Kind.DAY, "Solved, ended, or the agreed end; empty: not by then", may_be_empty=True),
        ),
    ),
    "risk_list_csv": Result("risk_list.csv", "report", "risk_list.parquet for spreadsheets", public=True),
    "risk_list_xlsx": Result("risk_list.xlsx", "report", "the list as a workbook, also for leadership", public=True),
    "risk_list_html": Result("risk_list.html", "report", "the list as one page that needs nothing else", public=True),
    **{
        f"picture_{name}": Result(f"plots/{name}.png", "report", f"plots/{name}.csv, drawn", public=True)
        for name in ("reliability", "gains", "folds", "melon_recall", "melon_lead", "melon_trade_off")
    },
    "run": Result(
        MANIFEST,
        "manifest",
        "what was run, and the size and hash of every other result",
        public=True,
        needed=True,
        served="document",
        columns=(
            Column("schema", Kind.WHOLE, "The form of the results; a Rind that does not read it says what to do"),
            Column("data_end", Kind.DAY, "The last day that the source covers"),
            Column("as_of", Kind.DAY, "The scoring date"),
            Column("tables", None, "Table -> rows"),
            Column("parameters", None, "As in params.yaml, without what is done with the results afterwards"),
            Column("versions", None, "Package -> version"),
            Column("seconds", None, "Stage -> seconds"),
            Column("parts_missing", None, "Part that only adds to the list -> why it is missing this week"),
            Column("manifest", None, "Path -> bytes and sha256 of every other result"),
            Column("mlflow", None, "run_id, version, alias, verdict of this training; store: address of MLflow"),
            Column("scored_by", None, "Name and version of the model that made the list"),
        ),
    ),
    "promoted": Result(
        "promoted.json", "promote", "the alias in the registry, once the list stands",
        columns=(
            Column("name", Kind.TEXT, "The model's name in the MLflow registry"),
            Column("version", Kind.TEXT, "The model's version"),
            Column("alias", Kind.TEXT, "champion or challenger"),
            Column("moved", Kind.YES_NO, "Whether it got the alias"),
        ),
    ),
}  # fmt: skip
