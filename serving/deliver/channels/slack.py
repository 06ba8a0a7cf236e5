"""The chat: money at risk and movers for leadership, for each CSM whom to call first; Slack-compatible webhooks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from rind.reports.look_back import said_then
from rind.serving.deliver.chat_markup import MOST_BLOCKS, escaped, header, section, sections
from rind.serving.deliver.digest import Digest, Row, digest
from rind.serving.deliver.items import Item
from rind.serving.deliver.job import Job, Note
from rind.serving.deliver.mail_message import audience_of, subject
from rind.serving.deliver.sending import Sender, TemporaryError
from rind.serving.deliver.settings import DeliverySettings, Secrets
from rind.serving.deliver.texts import joined, one_line
from rind.serving.deliver.webhook import WebhookSender, webhook_problem
from rind.serving.rendering.locales import Format
from rind.serving.views.run_facts import facts_of

SUFFIX = "json"
WEBHOOK = "RIND_SLACK_WEBHOOK"
LEADERSHIP = "webhook"
"""The name of leadership's webhook in the ledger."""
LONGEST_NAME, LONGEST_LINK, LONGEST_VERDICT, LONGEST_WHY = 300, 1600, 2000, 400
"""Characters, so that a line always fits into a block."""

MOST_CALLS = 5
LONGEST_TEXT = 30_000
"""Slack cuts a text of 40,000 characters."""


def missing_settings(settings: DeliverySettings, secrets: Secrets) -> str:
    """The chat needs the address of a webhook, which is a secret."""
    own = " or a variable of deliveries.slack.csms" if settings.slack.csms else ""
    return "" if secrets.slack_webhook or secrets.slack_csms else f"{WEBHOOK}{own} in the environment"


def wrong_settings(job: Job) -> str:
    """The addresses of the webhooks must be such."""
    problems = [webhook_problem(url, variable) for variable, url in _webhooks(job.secrets).items()]
    return "; ".join(filter(None, problems))


def compose(job: Job, note: Note) -> list[Item]:
    """One message about all accounts, and one for each CSM whose webhook is set and who has accounts."""
    settings = job.settings.model_copy(update={"movers": job.settings.slack.movers})
    names = set(job.week.risk_list["csm"].dropna())
    items = []
    if job.secrets.slack_webhook or not job.secrets.slack_csms:
        body = chat_message(digest(job.week, settings, feedback=job.feedback), job.format)
        items.append(_item(job, "all", LEADERSHIP, body))
    for csm, variable in job.settings.slack.csms.items():
        if variable not in job.secrets.slack_csms:
            note(f"no chat message for {csm}: {variable} is not set")
        elif csm not in names:
            note(f"no chat message for {csm}: no account of the list carries this name")
        else:
            body = chat_message(digest(job.week, settings, csm, job.feedback), job.format)
            items.append(_item(job, audience_of(csm), variable, body))
    return items


def _item(job: Job, audience: str, recipient: str, message: dict[str, Any]) -> Item:
    payload = json.dumps(message, ensure_ascii=False).encode()
    return Item(job.week.as_of, "slack", audience, recipient, payload, job.company)


def _webhooks(secrets: Secrets) -> dict[str, str]:
    """Variable of the environment -> the webhook in it."""
    own = {WEBHOOK: secrets.slack_webhook} if secrets.slack_webhook else {}
    return {**own, **secrets.slack_csms}


class ChatSender:
    """Sends each message to the webhook of its reader."""

    def __init__(self, senders: Mapping[str, WebhookSender]) -> None:
        self._senders = senders

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def send(self, item: Item) -> None:
        """POST one message; it was taken when this returns."""
        variable = WEBHOOK if item.recipient == LEADERSHIP else item.recipient
        if variable not in self._senders:
            raise TemporaryError(f"{variable} is not set", 0)
        self._senders[variable].send(item)


def open_sender(job: Job, folder: Path) -> Sender:
    """A client of each webhook."""
    del folder
    seconds = job.settings.slack.timeout_seconds
    hooks = _webhooks(job.secrets)
    return ChatSender({name: WebhookSender(url, name, seconds, without_blocks) for name, url in hooks.items()})


def file_label(item: Item) -> str:
    return item.recipient if item.audience == "all" else item.audience


def destination(item: Item) -> str:
    return item.recipient if item.audience == "all" else f"{item.recipient} ({item.audience})"


def is_current(item: Item, job: Job) -> bool:
    """Whether the settings still name this chat for this CSM; who reads leadership's may read what waited for it."""
    readers = {(audience_of(csm), variable) for csm, variable in job.settings.slack.csms.items()}
    return item.audience == "all" or (item.audience, item.recipient) in readers


def is_of(item: Item, job: Job) -> bool:
    """Whether the message was written for this company: it begins with the company's title."""
    title = facts_of(job.week).company
    return str(json.loads(item.payload)["text"]).startswith((f"{one_line(title)}:", f"{escaped(title)}:"))


def chat_message(summary: Digest, fmt: Format) -> dict[str, Any]:
    """The body of the POST: ``text`` for notifications and for chats that know no blocks, ``blocks`` for Slack.

    Parameters
    ----------
    summary
        All of its movers are shown, as far as Slack takes them; to a CSM also whom to call first.
    """
    whose = f"{summary.csm}: your accounts" if summary.csm else "accounts"
    head = [header(f"{summary.facts.company}: {whose} at risk, {fmt.day(summary.facts.as_of)}")]
    head.append(section(_totals(summary, fmt)))
    if summary.csm and summary.top:
        head.extend(sections(["*Call first*", *(_call(row, fmt) for row in summary.top[:MOST_CALLS])], 2))
    link = [section([f"<{summary.url}|Open the whole list>"])] if summary.url else []
    movers = [_mover(row, fmt) for row in summary.movers]
    moved = sections(["*Moved most*", *movers], MOST_BLOCKS - len(head) - len(link)) if movers else []
    return {"text": escaped(subject(summary, fmt)), "blocks": head + moved + link}


def without_blocks(payload: bytes) -> bytes:
    """The same message as one text, for a chat that refuses its blocks."""
    message = json.loads(payload)
    texts = [message["text"], *(block["text"]["text"] for block in message["blocks"][1:])]
    lines = "\n".join(texts).splitlines(keepends=True)
    return json.dumps({"text": joined(lines, LONGEST_TEXT)}, ensure_ascii=False).encode()


def _totals(summary: Digest, fmt: Format) -> list[str]:
    now = summary.now
    money = f"*ARR at risk {fmt.arr(now.mrr_at_risk)}*"
    if summary.change is not None:
        since = fmt.day(summary.since) if summary.since else "last week"
        gone = fmt.change(12 * summary.departed, money=True) if summary.departed < -0.5 / 12 else ""
        left = f", and {gone} gave notice or left" if gone else ""
        money += f" ({fmt.change(12 * summary.change, money=True)} since {since}{left})"
    lines = [f"{money}; {fmt.number(now.red)} red of {fmt.number(now.accounts)}, watermelons: {now.watermelons}"]
    if not summary.facts.has_skill:
        lines.append(f":warning: {escaped(summary.facts.verdict, LONGEST_VERDICT)}")
    return lines


def _linked(row: Row) -> str:
    name = escaped(row["title"], LONGEST_NAME)
    return f"<{row['url']}|{name}>" if row["url"] and len(row["url"]) <= LONGEST_LINK else name


def _call(row: Row, fmt: Format) -> str:
    facts = [*row["reasons"][:1], row.get("playbook") or ""]
    why = "".join(f"; {escaped(fmt.sentence(fact), LONGEST_WHY)}" for fact in facts if fact)
    return f"{_linked(row)}: risk {fmt.percent(row['churn_probability'])}, ARR {fmt.arr(row['mrr'])}{why}"


def _mover(row: Row, fmt: Format) -> str:
    before, now = fmt.percent(row["previous_probability"]), fmt.percent(row["churn_probability"])
    arrow = ":arrow_up:" if row["churn_probability"] > row["previous_probability"] else ":arrow_down:"
    csm = f", {escaped(row['csm'], LONGEST_NAME)}" if row.get("csm") else ""
    why = fmt.sentence(row.get("why") or row.get("moved_by") or "")
    by = f"; {escaped(why, LONGEST_WHY)}" if why else ""
    then = f" ({said})" if (said := said_then(row, fmt)) else ""
    return f"{arrow} {_linked(row)}: {before} to {now}{then}, ARR {fmt.arr(row['mrr'])}{csm}{by}"
