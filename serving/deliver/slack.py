"""The week in one chat message: money at risk and the top movers, for a Slack-compatible webhook."""

from __future__ import annotations

from typing import Any

from rind.serving.deliver.digest import Digest, Row
from rind.serving.deliver.mail import subject
from rind.serving.rendering.locales import Format

LONGEST = 150
"""Letters of a name in a chat line, so that a block stays far below Slack's 3,000."""


def chat_message(told: Digest, fmt: Format) -> dict[str, Any]:
    """The body of the POST: ``text`` for notifications and for chats that know no blocks, ``blocks`` for Slack.

    Parameters
    ----------
    told
        The digest of leadership, with as many movers as shall be shown.
    """
    now = told.now
    head = f"{told.facts.company}: accounts at risk, {fmt.day(told.facts.as_of)}"
    money = f"*MRR at risk {fmt.money(now.mrr_at_risk)}* a month"
    if told.change is not None:
        money += f" ({fmt.change(told.change, money=True)} since {fmt.day(told.since) if told.since else 'last week'})"
    lines = [f"{money}; {fmt.number(now.red)} red of {fmt.number(now.accounts)}, watermelons: {now.watermelons}"]
    if not told.facts.has_skill:
        lines.append(f":warning: {escaped(told.facts.verdict)}")
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": {"type": "plain_text", "text": head[:LONGEST]}},
        _section("\n".join(lines)),
    ]
    if told.movers:
        blocks.append(_section("*Moved most*\n" + "\n".join(_mover(row, fmt) for row in told.movers)))
    if told.url:
        blocks.append(_section(f"<{told.url}|Open the whole list>"))
    return {"text": subject(told, fmt), "blocks": blocks}


def escaped(text: str) -> str:
    """The three characters that Slack reads as markup, and what would ring everybody, as plain text."""
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
