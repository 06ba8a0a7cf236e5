"""What a first mapping could not decide, as sentences for the person who reads it."""

from __future__ import annotations

from typing import Any

from rind.features.mapping.composing import Systems
from rind.features.mapping.recognition import FoundInput
from rind.features.mapping.registry import System
from rind.features.mapping.spec import FILE

EXAMPLES = 5
CHOOSE = "CHOOSE: "
"""What a sentence begins with that asks for a line of a person's own; all others are to be known."""


def inputs_in(sql: str, details: System) -> tuple[str, ...]:
    """The inputs of a system that an SQL text names."""
    words = set(sql.replace("(", " ").replace(")", " ").split())
    return tuple(name for name in details.inputs if name in words)


def checked(connection: Any, composed: Systems, texts: dict[str, str]) -> list[str]:
    """Ids that lead to no account, words without a meaning, and what else a person should know of the tables."""
    questions = []
    for details in composed.systems.values():
        for reference in details.references:
            if composed.has((*reference.needs, *inputs_in(reference.sql, details))):
                questions += _unmet(connection, details, reference.what, reference.sql)
        for unlisted in details.unlisted:
            if composed.has((*unlisted.needs, *inputs_in(unlisted.sql, details))):
                questions += _unlisted(connection, details, unlisted.words, unlisted.sql)
        for check in details.checks:
            if composed.has((*check.needs, *inputs_in(check.sql, details))):
                questions += _check_questions(connection, details, check.ask, check.sql)
        if any(i in composed.inputs for i in details.inputs):
            questions += [f"{details.title}: {note}" for note in details.notes]
    return questions + _without_terms(connection, texts)


def _unmet(connection: Any, details: System, what: str, sql: str) -> list[str]:
    query = f"""select count(*), count(*) filter (lost), count(distinct id) filter (lost), min(id) filter (lost)
        from (select id, account_of(id) is null as lost from ({sql}) as reference(id) where id is not null)"""
    total, lost, ids, example = connection.con.execute(query).fetchone()
    if not lost:
        return []
    return [
        f"{details.title}: {lost} of {total} {what} lead to no account ({ids} ids, such as {example}): "
        "their rows are left out."
    ]


def _unlisted(connection: Any, details: System, words: str, sql: str) -> list[str]:
    query = f"""select t, count(*) from ({sql}) as texts(t) where t is not null and not {words}_listed(t)
        group by 1 order by 2 desc, 1 limit {EXAMPLES}"""
    values = connection.con.execute(query).fetchall()
    listed = ", ".join(f"{text} ({count})" for text, count in values)
    return [f"{details.title}: words without a meaning in `{words}` of {FILE}: {listed}."] if values else []


def _check_questions(connection: Any, details: System, ask: str, sql: str) -> list[str]:
    n, example = connection.con.execute(f"select count(distinct id), min(id) from ({sql}) as rows(id)").fetchone()
    return [f"{details.title}: {ask.format(n=n, example=example)}"] if n else []


def _without_terms(connection: Any, texts: dict[str, str]) -> list[str]:
    if "accounts" not in texts or "subscriptions" not in texts:
        return []
    query = (
        "select count(distinct account_id), min(account_id) from {} where account_id not in (select account_id from {})"
    )
    n, example = connection.con.execute(query.format("accounts", "subscriptions")).fetchone()
    questions = [f"{n} accounts have no subscription, such as {example}: they are never in a list."] if n else []
    n, example = connection.con.execute(query.format("subscriptions", "accounts")).fetchone()
    return questions + ([f"{n} accounts of the subscriptions are no account, such as {example}."] if n else [])


def currencies(connection: Any, texts: dict[str, str]) -> dict[str, int]:
    """Currency -> accounts with a subscription in it, the most frequent first; {} where the exports name none."""
    if "subscriptions" not in texts:
        return {}
    columns = [row[0] for row in connection.con.execute("describe subscriptions").fetchall()]
    if "currency" not in columns:
        return {}
    query = """select upper(trim(currency)), count(distinct account_id) from subscriptions
        where regexp_full_match(upper(trim(currency)), '[A-Z]{3}') group by 1 order by 2 desc, 1"""
    return dict(connection.con.execute(query).fetchall())


def about_currencies(accounts: dict[str, int], rates_given: bool) -> list[str]:
    """What a person must decide about the currencies of the subscriptions."""
    if not accounts:
        return ["the exports name no currency: all money is taken as of one."]
    own, *others = accounts
    if not others or rates_given:
        return []
    named = ", ".join(f"{code} ({n} accounts)" for code, n in accounts.items())
    return [
        f"{CHOOSE}subscriptions are in {named}. Say under `rates` of {FILE} how many {own} one "
        f"{', one '.join(others)} is worth (rates.sql, where it changes from month to month). "
        f"Until then 1 {', 1 '.join(others)} counts as 1 {own}, and every list says so first."
    ]


def about_inputs(known: dict[str, System], inputs: dict[str, FoundInput]) -> list[str]:
    """Systems without an export, columns whose form is unsure, and files that look alike."""
    sentences = []
    for details in known.values():
        there = [n for n in details.inputs if n in inputs]
        if not there:
            sentences.append(f"{details.title}: no export was found; take: {details.export}")
        for name in there:
            one = inputs[name]
            place = one.spec.file or one.spec.table
            sentences += [
                f"{details.title}: {place}, {one.spec.columns[c].source}: {q}" for c, q in one.questions.items()
            ]
            if one.also:
                sentences.append(
                    f"{details.title}: {', '.join(one.also)} also look like {name}; write a pattern with * as its "
                    "`file` to read them all."
                )
    return sentences
