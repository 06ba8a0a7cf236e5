"""Who stays, who leaves, and what they say: advocates, personas, the voice of the customer."""

from __future__ import annotations

from rind.common.columns import Column, Kind
from rind.common.results.result import ACCOUNT, LOW_HIGH, Result

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
    "voice": Result(
        "voice.parquet",
        "voice",
        "topic x source of texts: who says it, what they pay, how likely they leave, how it moves; no text itself",
        public=True,
        columns=(
            Column("topic", Kind.TEXT, "Its name: of this week only; of requests what is asked for"),
            Column("words", Kind.TEXT, "The words that set it apart, each said by several accounts"),
            Column("source", Kind.TEXT, "survey, departure or request (those that are open)"),
            Column("texts", Kind.WHOLE, "Texts of the last voice.days"),
            Column("accounts", Kind.WHOLE, "Accounts that said it"),
            Column("customers", Kind.WHOLE, "Those of them that are customers today"),
            Column("mrr", Kind.NUMBER, "What these accounts pay a month; of those that left, what they paid last"),
            Column("mrr_at_risk", Kind.NUMBER, "mrr times churn probability of the customers"),
            Column("risk", Kind.NUMBER, "Mean churn probability of the customers", may_be_empty=True),
            Column("risk_against_comparable", Kind.NUMBER, "The mean of it less that of comparable accounts", True),
            *LOW_HIGH,
            Column("beyond_chance", Kind.YES_NO, "Whether that difference is beyond chance, over all topics"),
            Column("texts_last_quarter", Kind.WHOLE, "Texts of the last 91 days"),
            Column("texts_quarter_before", Kind.WHOLE, "Texts of the 91 days before"),
            Column("movement", Kind.TEXT, "rises or falls, beyond chance; no text: neither"),
        ),
    ),
    "voice_texts": Result(
        "voice_texts.json",
        "voice",
        "the topics with typical sentences, and what leavers said: personal data, only for who may see the account",
        public=True,
        served="document",
        columns=(
            Column("topics", None, "The rows of voice.parquet"),
            Column("sentences", None, "topic, source, account_id, contact_id, name, csm, said_on, text"),
            Column("post_mortem", None, "Green departures: reasons with counts, accounts with what was said and seen"),
            Column("notes", None, "Sentences below the topics"),
        ),
    ),
    "personas": Result(
        "personas.json",
        "personas",
        "rules of who left, or finds the product nice to have or essential, by what is known early",
        public=True,
        served="document",
        columns=(
            Column(
                "personas", None,
                "Rule by rule: group, known (signing, first_90_days), conditions, rule in words; on the later sign-ups "
                "accounts, rate, low, high (95 %), elsewhere; confirmed, p_value",
            ),
            Column("groups", None, "Group x when known: accounts searched and confirmed on, rate, rules tried"),
            Column("notes", None, "Sentences below the rules; the first says so where no rule stands"),
        ),
    ),
}  # fmt: skip
