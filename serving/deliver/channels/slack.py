"""The chat: one message with the money at risk and the top movers, for a Slack-compatible webhook."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from rind.serving.deliver.chat_markup import MOST_BLOCKS, escaped, header, section, sections
from rind.serving.deliver.digest import Digest, Row, digest
from rind.serving.deliver.items import Item
from rind.serving.deliver.job import Job, Note
from rind.serving.deliver.mail_message import subject
from rind.serving.deliver.sending import Sender
from rind.serving.deliver.settings import DeliverySettings, Secrets
from rind.serving.deliver.texts import joined, one_line
from rind.serving.deliver.webhook import WebhookSender, webhook_problem
from rind.serving.rendering.locales import Format
from rind.serving.views.run_facts import facts_of

SUFFIX = "json"
WEBHOOK = "RIND_SLACK_WEBHOOK"
LONGEST_NAME, LONGEST_LINK, LONGEST_VERDICT = 300, 2000, 2000
"""Characters, so that a line always fits into a block."""

LONGEST_TEXT = 30_000
"""Slack cuts a text of 40,000 characters."""


def missing_settings(settings: DeliverySettings, secrets: Secrets) -> str:
    """The chat needs the address of its webhook, which is a secret."""
    del settings
    return "" if secrets.slack_webhook else f"{WEBHOOK} in the environment"


def wrong_settings(job: Job) -> str:
    """The webhook's address must be one."""
    return webhook_problem(job.secrets.slack_webhook, WEBHOOK)


def compose(job: Job, note: Note) -> list[Item]:
    """One message about all accounts."""
    del note
    settings = job.settings.model_copy(update={"movers": job.settings.slack.movers})
    body = json.dumps(chat_message(digest(job.week, settings, feedback=job.feedback), job.format), ensure_ascii=False)
    return [Item(job.week.as_of, "slack", "all", "webhook", body.encode(), job.company)]


def open_sender(job: Job, folder: Path) -> Sender:
    """A client of the webhook."""
    del folder
    return WebhookSender(job.secrets.slack_webhook, WEBHOOK, job.settings.slack.timeout_seconds, without_blocks)


def file_label(item: Item) -> str:
    return item.recipient


def destination(item: Item) -> str:
    return item.recipient


def is_current(item: Item, job: Job) -> bool:
    """Whoever reads the chat of today's webhook may read what waited for it."""
    del item, job
    return True


def is_of(item: Item, job: Job) -> bool:
    """Whether the message was written for this company: it begins with the company's title."""
    title = facts_of(job.week).company
    return str(json.loads(item.payload)["text"]).startswith((f"{one_line(title)}:", f"{escaped(title)}:"))


def chat_message(summary: Digest, fmt: Format) -> dict[str, Any]:
    """The body of the POST: ``text`` for notifications and for chats that know no blocks, ``blocks`` for Slack.

    Parameters
    ----------
    summary
        The digest of leadership; all of its movers are shown, as far as Slack takes them.
    """
    head = [header(f"{summary.facts.company}: accounts at risk, {fmt.day(summary.facts.as_of)}")]
    head.append(section(_totals(summary, fmt)))
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
        money += f" ({fmt.change(12 * summary.change, money=True)} since {since})"
    lines = [f"{money}; {fmt.number(now.red)} red of {fmt.number(now.accounts)}, watermelons: {now.watermelons}"]
    if not summary.facts.has_skill:
        lines.append(f":warning: {escaped(summary.facts.verdict, LONGEST_VERDICT)}")
    return lines


def _mover(row: Row, fmt: Format) -> str:
    name = escaped(row["title"], LONGEST_NAME)
    linked = f"<{row['url']}|{name}>" if row["url"] and len(row["url"]) <= LONGEST_LINK else name
    before, now = fmt.percent(row["previous_probability"]), fmt.percent(row["churn_probability"])
    arrow = ":arrow_up:" if row["churn_probability"] > row["previous_probability"] else ":arrow_down:"
    csm = f", {escaped(row['csm'], LONGEST_NAME)}" if row.get("csm") else ""
    return f"{arrow} {linked}: {before} to {now}, ARR {fmt.arr(row['mrr'])}{csm}"
