"""What customers say: topics of their texts, what each is worth, and what leavers said beside what was seen."""

from __future__ import annotations

from datetime import date
from typing import Any

import ibis.expr.types as ir
import pandas as pd

from rind.features.book.texts import REQUEST, departures, texts
from rind.features.storage import load
from rind.models.book.said_and_seen import by_reason, said_and_seen
from rind.models.book.topics import find_topics
from rind.models.book.voice import COLUMNS, risk_beside_comparable, typical, voice
from rind.models.churn.comparables import SEGMENT
from rind.models.common.calendar import DAYS_TO_TERM_END, TERM_DAYS
from rind.pipelines.data import read, read_dates, write, write_document
from rind.pipelines.params import Params
from rind.pipelines.runner import Progress
from rind.pipelines.workspace import Workspace
from rind.reports.tables import records
from rind.reports.voice_text import topic_words, voice_notes

MRR = "commercial__mrr__now"
TEXT_COLUMNS = ("topic", "words", "source", "movement")


def run(space: Workspace, params: Params, progress: Progress) -> None:
    """Write voice.parquet and voice_texts.json; the texts themselves go nowhere else."""
    tables, as_of, settings = load(space.tables), read_dates(space.dates)["as_of"], params.voice
    spine = tables["accounts"].select("account_id").mutate(as_of=as_of)
    progress("texts")
    dated = texts(spine, tables, settings.days).to_pandas()
    dated = dated.sort_values(["said_on", "account_id", "source", "text"], ascending=[False, True, True, True])
    who = tables["accounts"].select("account_id", "name", "csm").to_pandas().set_index("account_id")
    progress(f"topics of {len(dated)} texts")
    dated = _with_topics(dated.reset_index(drop=True), who, params)
    known = dated[dated["topic"] != ""]
    progress("what they are worth")
    worth = voice(known, _accounts(space, params, as_of), as_of, settings)
    write(_typed(worth), space.voice)
    shown = typical(known[known["source"] != REQUEST], settings.sentences)
    shown = shown.join(who, on="account_id").assign(said_on=shown["said_on"].astype("str"))
    write_document(space.voice_texts, {
        "topics": records(worth),
        "sentences": records(shown[["topic", "source", "account_id", "contact_id", "name", "csm", "said_on", "text"]]),
        "post_mortem": post_mortem(space, params, spine, tables, who),
        "notes": voice_notes(settings.days, len(dated), int((dated["topic"] == "").sum()), settings.fewest_texts,
                             settings.fewest_accounts),
    })  # fmt: skip


def _with_topics(dated: pd.DataFrame, who: pd.DataFrame, params: Params) -> pd.DataFrame:
    """The texts with topic ("" for none), words and weight; the topic of a request is what it asks for."""
    settings, request = params.voice, dated["source"] == REQUEST
    spoken, wishes = dated[~request].reset_index(drop=True), dated[request].reset_index(drop=True)
    topics = find_topics(spoken["text"], spoken["account_id"], set(who["csm"].dropna()), settings, params.seed)
    number = pd.Series(topics.of_text, index=spoken.index)
    spoken = spoken.assign(
        topic=[f"T{n + 1}" if n >= 0 else "" for n in number],
        words=[topic_words(topics.words[n]) if n >= 0 else "" for n in number], weight=topics.weight,
    )  # fmt: skip
    name = wishes["text"].str.split().str.join(" ").str.lower()
    enough = wishes.groupby(name)["account_id"].transform("nunique") >= settings.fewest_accounts
    wishes = wishes.assign(topic=name.where(enough, ""), words=name.where(enough, ""), weight=1.0)
    return pd.concat([spoken, wishes], ignore_index=True)


def _accounts(space: Workspace, params: Params, as_of: date) -> pd.DataFrame:
    """Index account_id: mrr (the last known), churn_probability and its distance from comparable customers."""
    listed = read(space.risk_list, ["account_id", "churn_probability", "mrr"]).set_index("account_id")
    past = read(space.features, ["account_id", "as_of", MRR]).sort_values("as_of")
    mrr = past.drop_duplicates("account_id", keep="last").set_index("account_id")[MRR].astype("float64")
    features = read(space.features, days=[as_of]).set_index("account_id")
    compared = features.reindex(columns=["as_of", SEGMENT, DAYS_TO_TERM_END, TERM_DAYS])
    cohort = listed.join(compared).reset_index()
    differences = risk_beside_comparable(cohort, params.reasons.fewest_comparable)
    accounts = pd.DataFrame({"mrr": listed["mrr"].combine_first(mrr)})
    return accounts.assign(churn_probability=listed["churn_probability"], risk_against_comparable=differences)


def _typed(worth: pd.DataFrame) -> pd.DataFrame:
    whole = ("texts", "accounts", "customers", "texts_last_quarter", "texts_quarter_before")
    types = {name: "str" if name in TEXT_COLUMNS else "int64" if name in whole else "float64" for name in COLUMNS}
    return worth.astype(types | {"beyond_chance": "bool"})


def post_mortem(
    space: Workspace, params: Params, spine: ir.Table, tables: dict[str, ir.Table], who: pd.DataFrame
) -> dict[str, Any]:
    """What those who left while green had said, beside what was seen of them."""
    dated = departures(spine, tables).to_pandas()
    if dated.empty or not space.green_churn.exists():  # the watermelons may be missing this week
        return {"reasons": [], "accounts": [], "departures": 0}
    joined = said_and_seen(read(space.green_churn), dated, params.labels.grace_days)
    rows = joined[joined["reason"] != ""].join(who, on="account_id")
    rows = rows.assign(left_on=rows["left_on"].dt.date.astype("str"))
    reasons = by_reason(joined, params.voice.fewest_accounts)
    return {"reasons": reasons, "accounts": records(rows), "departures": len(joined)}
