"""What each number of customer success is, in words: its title, its unit, its definition, which way is good."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["money", "arr", "percent", "number", "score", "times"]
"""How a number is written: money; money a month, shown as that of a year; a share; a whole number; one decimal."""
Good = Literal["up", "down", ""]


@dataclass(frozen=True)
class Metric:
    """One number of kpis.parquet as people read it.

    Parameters
    ----------
    name
        As in the column metric.
    definition
        In one or two sentences: what is counted, divided by what, over which time.
    good
        Which way is better; "" where neither is by itself.
    """

    name: str
    title: str
    kind: Kind
    good: Good
    definition: str


@dataclass(frozen=True)
class Group:
    """Numbers that are read together; ``of_departures``: each of them changes when a departure is taken back."""

    title: str
    metrics: tuple[Metric, ...]
    of_departures: bool = False


GROUPS: tuple[Group, ...] = (
    Group("Revenue", (
        Metric("arr", "ARR", "money", "up",
               "Recurring revenue a year: twelve times what all customers pay a month at the end of the month."),
        Metric("mrr_new", "New", "arr", "up",
               "ARR at the end of the month of customers that had never paid before it began."),
        Metric("mrr_expansion", "Expansion", "arr", "up",
               "What customers pay more at the end of the month than at its start; both at the same exchange rate."),
        Metric("mrr_contraction", "Contraction", "arr", "down",
               "What customers that stayed pay less at the end of the month than at its start."),
        Metric("mrr_churned", "Churned", "arr", "down",
               "ARR at the start of the month of customers that pay nothing at its end."),
        Metric("mrr_reactivated", "Reactivated", "arr", "up",
               "ARR at the end of the month of customers that paid once, paid nothing when it began, and pay "
               "again."),
        Metric("accounts", "Customers", "number", "up",
               "Accounts that pay at the end of the month."),
        Metric("new_accounts", "New customers", "number", "up",
               "Accounts that pay at the end of the month and never paid before it began."),
    ), of_departures=True),
    Group("Retention", (
        Metric("nrr_12m", "Net revenue retention, 12 months", "percent", "up",
               "What the customers of a year ago pay now, divided by what they paid then. New customers do not "
               "count."),
        Metric("grr_12m", "Gross revenue retention, 12 months", "percent", "up",
               "The same without expansion: of each customer of a year ago the smaller of both amounts, divided by "
               "what all paid then."),
        Metric("logo_churn_12m", "Customer churn, 12 months", "percent", "down",
               "Customers of a year ago that pay nothing now, divided by all customers of a year ago."),
        Metric("nrr", "Net revenue retention, month", "percent", "up",
               "What the customers of the month's start pay at its end, divided by what they paid at its start: "
               "gross retention plus expansion."),
        Metric("grr", "Gross revenue retention, month", "percent", "up",
               "The same without expansion: start less churned and contracted ARR, divided by the start."),
        Metric("logo_churn", "Customer churn, month", "percent", "down",
               "Customers that paid at the start of the month and pay nothing at its end, divided by those that "
               "paid at its start."),
        Metric("gross_mrr_churn", "Gross revenue churn, month", "percent", "down",
               "Churned and contracted ARR, divided by the ARR at the start of the month."),
        Metric("net_mrr_churn", "Net revenue churn, month", "percent", "down",
               "Churned and contracted less expanded and reactivated ARR, divided by the ARR at the start; below "
               "zero the customers grow by themselves."),
    ), of_departures=True),
    Group("What customers say", (
        Metric("nps", "NPS", "score", "up",
               "Share of answers of 9 and 10 less share of answers up to 6, in points (-100 to 100); every answer "
               "of the month counts."),
        Metric("csat", "Satisfied (CSAT)", "percent", "up",
               "Answers of 4 and 5, divided by all answers of the month."),
        Metric("ces", "Effort (CES)", "score", "down",
               "Mean answer of the month, 1 (no effort) to 7."),
        Metric("essential", "Essential", "percent", "up",
               "Answers that call the product essential, divided by all answers to the question how essential it "
               "is."),
        Metric("nice_to_have", "Nice to have", "percent", "",
               "Answers that call it nice to have, divided by the same."),
        Metric("not_needed", "No longer needed", "percent", "down",
               "Answers that call it no longer needed, divided by the same."),
    )),
    Group("Support and health", (
        Metric("first_contact_resolution", "Solved at first contact", "percent", "up",
               "Tickets solved in the month with one reply at most and not opened again, divided by all solved "
               "tickets whose replies are known."),
        Metric("adoption", "Past the True North moment", "percent", "up",
               "Customers at the end of the month that had reached the confirmed moment of their segment in their "
               "first days, divided by all whose first days the source covers and that are over."),
        Metric("health_green", "Green by health", "percent", "up",
               "Accounts in the green band on the last date of the month, divided by all accounts with a health "
               "score."),
        Metric("health_amber", "Amber by health", "percent", "",
               "The same of the amber band."),
        Metric("health_red", "Red by health", "percent", "down",
               "The same of the red band."),
    )),
    Group("What a customer is worth", (
        Metric("clv", "Customer lifetime value (CLV)", "money", "up",
               "What a customer brings on average: monthly revenue times gross margin, as long as customers stay "
               "by the departures of the last twelve months, discounted."),
        Metric("cac", "Customer acquisition cost (CAC)", "money", "down",
               "Cost of acquisition of the month, divided by its new customers."),
        Metric("clv_cac", "CLV over CAC", "times", "up",
               "CLV, divided by the cost of acquisition of the last twelve months for each new customer."),
        Metric("crc", "Customer retention cost (CRC)", "money", "down",
               "Cost of customer success of the month, divided by the customers at its start."),
        Metric("cost_to_serve", "Cost to serve", "money", "down",
               "Cost of customer success and support of the month, divided by the customers at its start."),
    ), of_departures=True),
)  # fmt: skip

METRICS: dict[str, Metric] = {metric.name: metric for group in GROUPS for metric in group.metrics}


def kpi_notes(
    grace_days: int, essential_asked: bool, has_costs: bool, has_moment: bool, adoption_failed: str = ""
) -> list[str]:
    """What holds for all the numbers, in sentences; ``adoption_failed``: why that share could not be computed."""
    notes = [
        f"An account that pays again within {grace_days} days has not left; until so many days after a month have "
        "passed, its departures are preliminary.",
        "Segment and CSM are those of today: the source keeps no history of them. Who changed the plan in a month "
        "counts under the plan with which the month began.",
    ]
    if not essential_asked:
        notes.append(
            "Nobody was asked how essential the product is: NPS promoters stand for essential, passives for nice to "
            "have, detractors for no longer needed."
        )
    if not has_moment:
        notes.append("No True North moment was confirmed, so no share of accounts past it can be told.")
    if adoption_failed:
        notes.append(f"The share of accounts past the True North moment is missing: it failed ({adoption_failed}).")
    if not has_costs:
        notes.append("Without a table costs there is no cost of acquiring, keeping or serving a customer.")
    return notes
