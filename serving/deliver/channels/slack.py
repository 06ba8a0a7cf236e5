"""The chat: one message with the money at risk and the top movers, for a Slack-compatible webhook."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from rind.serving.deliver.digest import Digest, Row, digest
from rind.serving.deliver.items import Item
from rind.serving.deliver.job import Job, Note
from rind.serving.deliver.mail_message import subject
from rind.serving.deliver.sending import Sender
from rind.serving.deliver.settings import DeliverySettings, Secrets
from rind.serving.deliver.webhook import WebhookSender
from rind.serving.rendering.locales import Format

SUFFIX = "json"
LONGEST = 150
"""Letters of a name in a chat line, so that a block stays far below Slack's 3,000."""


def missing_settings(settings: DeliverySettings, secrets: Secrets) -> str:
    """The chat needs the address of its webhook, which is a secret."""
    del settings
    return "" if secrets.slack_webhook else "RIND_SLACK_WEBHOOK in the environment"


def compose(job: Job, note: Note) -> list[Item]:
    """One message about all accounts."""
    del note
    settings = job.settings.model_copy(update={"movers": job.settings.slack.movers})
    body = json.dumps(chat_message(digest(job.week, settings), job.format), ensure_ascii=False)
    return [Item(job.week.as_of, "slack", "all", "webhook", body.encode())]


def open_sender(job: Job, folder: Path) -> Sender:
    """A client of the webhook."""
    del folder
    return WebhookSender(job.secrets.slack_webhook, job.settings.slack.timeout_seconds)


def file_label(item: Item) -> str:
    return item.recipient


def destination(item: Item) -> str:
    return item.recipient


def chat_message(summary: Digest, fmt: Format) -> dict[str, Any]:
    """The body of the POST: ``text`` for notifications and for chats that know no blocks, ``blocks`` for Slack.

    Parameters
    ----------
    summary
        The digest of leadership; all of its movers are shown.
    """
    now = summary.now
    head = f"{summary.facts.company}: accounts at risk, {fmt.day(summary.facts.as_of)}"
    money = f"*MRR at risk {fmt.money(now.mrr_at_risk)}* a month"
    if summary.change is not None:
        since = fmt.day(summary.since) if summary.since else "last week"
        money += f" ({fmt.change(summary.change, money=True)} since {since})"
    lines = [f"{money}; {fmt.number(now.red)} red of {fmt.number(now.accounts)}, watermelons: {now.watermelons}"]
    if not summary.facts.has_skill:
        lines.append(f":warning: {escaped(summary.facts.verdict)}")
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": {"type": "plain_text", "text": head[:LONGEST]}},
        _section("\n".join(lines)),
    ]
    if summary.movers:
        blocks.append(_section("*Moved most*\n" + "\n".join(_mover(row, fmt) for row in summary.movers)))
    if summary.url:
        blocks.append(_section(f"<{summary.url}|Open the whole list>"))
    return {"text": subject(summary, fmt), "blocks": blocks}


def escaped(text: str) -> str:
    """The text with the three characters of Slack's markup escaped: ``<!channel>`` would notify everybody."""
    plain = "".join(c if c.isprintable() else " " for c in text)
    return plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _mover(row: Row, fmt: Format) -> str:
    name = escaped(str(row["title"])[:LONGEST]).replace("|", "/")
    linked = f"<{row['url']}|{name}>" if row["url"] else name
    before, now = fmt.percent(row["previous_probability"]), fmt.percent(row["churn_probability"])
    arrow = ":arrow_up:" if row["churn_probability"] > row["previous_probability"] else ":arrow_down:"
    csm = f", {escaped(str(row['csm'])[:LONGEST])}" if row.get("csm") else ""
    return f"{arrow} {linked}: {before} to {now}, MRR {fmt.money(row['mrr'])}{csm}"


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}
