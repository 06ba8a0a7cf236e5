"""Who stays, who leaves, and what they say: advocates, personas, the voice of the customer."""

from __future__ import annotations

from rind.common.columns import Column, Kind
from rind.common.results.result import ACCOUNT, Result

VOICE: dict[str, Result] = {
    "advocates": Result(
        "advocates.parquet",
        "advocates",
        "account x kind: ready to be asked for a reference, or to be offered more, with its reason",
        public=True,
        columns=(
            ACCOUNT,
            Column("kind", Kind.TEXT, "advocate: ask for a reference; expansion: offer more"),
            Column("score", Kind.NUMBER, "0 to 1, within the kind; higher first"),
            Column("reason", Kind.TEXT, "Why, in words, and what is usual in its segment"),
            Column("name", Kind.TEXT, "The customer company", may_be_empty=True),
            Column("segment", Kind.TEXT, "Its segment", may_be_empty=True),
            Column("csm", Kind.TEXT, "Who looks after it", may_be_empty=True),
            Column("mrr", Kind.NUMBER, "What it pays a month"),
        ),
    ),
    "advocate_list": Result(
        "advocates.json", "advocates", "the same for the page, and who is listed, in words", public=True,
        served="document",
        columns=(
            Column("accounts", None, "The rows of advocates.parquet"),
            Column("rules", None, "Kind -> what an account must show to be listed, in a sentence"),
        ),
    ),
}  # fmt: skip
