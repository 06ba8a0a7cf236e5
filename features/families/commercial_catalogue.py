"""What the commercial features are called, what they mean, and how they are said."""

from __future__ import annotations

from rind.features.catalogue import Feature

FEATURES: tuple[Feature, ...] = (
    Feature(
        "commercial__age__now", "Days since the account signed", "days", 0,
        "the account signed {commercial__age__now} days ago",
        when_missing="the account has only just signed",
    ),
    Feature(
        "commercial__segment__now", "Segment of the account", "text", 0,
        "the account belongs to the segment {commercial__segment__now}",
        when_missing="the account has no segment",
    ),
    Feature(
        "commercial__industry__now", "Industry of the account", "text", 0,
        "the account's industry is {commercial__industry__now}",
        when_missing="the account's industry is not known",
    ),
    Feature(
        "commercial__region__now", "Region of the account", "text", 0,
        "the account's region is {commercial__region__now}",
        when_missing="the account's region is not known",
    ),
    Feature(
        "commercial__employees__now", "Employees of the account", "count", 0,
        "the account has {commercial__employees__now} employees",
        when_missing="the number of the account's employees is not known",
    ),
    Feature(
        "commercial__plan__now", "Plan under contract", "text", 0,
        "the account is on the plan {commercial__plan__now}",
        when_missing="the account's plan is not known",
    ),
    Feature(
        "commercial__seats__now", "Seats under contract", "count", 0,
        "seats under contract: {commercial__seats__now}",
        when_missing="the number of seats is not known",
    ),
    Feature(
        "commercial__seats_per_employee__now", "Seats under contract per employee of the account", "ratio", 0,
        "{commercial__seats__now} seats for {commercial__employees__now} employees",
        when_missing="the number of seats or of employees is not known",
    ),
    Feature(
        "commercial__mrr__now", "Monthly recurring revenue", "money", 0,
        "the account pays {commercial__mrr__now} a month",
        when_zero="the account pays nothing a month",
        when_missing="the contract has only just started",
    ),
    Feature(
        "commercial__mrr_under_notice__now", "Monthly recurring revenue for which notice was given", "money", 0,
        "notice was given for {commercial__mrr_under_notice__now} of {commercial__mrr__now} a month",
        when_zero="no notice was given for any part of the contract",
        when_missing="the contract has only just started",
    ),
    Feature(
        "commercial__mrr_up_for_renewal__now", "Monthly recurring revenue whose term ends within the horizon", "money",
        0, "up for renewal: {commercial__mrr_up_for_renewal__now} of {commercial__mrr__now} a month",
        when_zero="no part of the contract comes up for renewal within the horizon",
        when_missing="the contract has only just started",
    ),
    Feature(
        "commercial__mrr_per_seat__now", "Monthly recurring revenue per seat", "money", 0,
        "a seat costs the account {commercial__mrr_per_seat__now} a month",
        when_missing="the number of seats is not known",
    ),
    Feature(
        "commercial__mrr__91d", "Monthly recurring revenue 13 weeks ago", "money", 0,
        "monthly revenue {change:commercial__mrr__91d:commercial__mrr__now} in 13 weeks",
        when_zero="the account paid nothing 13 weeks ago",
        when_missing="the account had no contract 13 weeks ago",
    ),
    Feature(
        "commercial__mrr_change__91d", "Change of the monthly revenue in 13 weeks, as a share of it", "share", 0,
        "monthly revenue {change:commercial__mrr__91d:commercial__mrr__now} in 13 weeks",
        when_zero="monthly revenue is what it was 13 weeks ago",
        when_missing="the account had no paid contract 13 weeks ago",
    ),
    Feature(
        "commercial__mrr__364d", "Monthly recurring revenue a year ago", "money", 0,
        "monthly revenue {change:commercial__mrr__364d:commercial__mrr__now} within a year",
        when_zero="the account paid nothing a year ago",
        when_missing="the account had no contract a year ago",
    ),
    Feature(
        "commercial__mrr_change__364d", "Change of the monthly revenue in a year, as a share of it", "share", 0,
        "monthly revenue {change:commercial__mrr__364d:commercial__mrr__now} within a year",
        when_zero="monthly revenue is what it was a year ago",
        when_missing="the account had no paid contract a year ago",
    ),
    Feature(
        "commercial__expansions__364d", "Days of the last year on which the monthly revenue grew", "count", 0,
        "the contract was expanded {commercial__expansions__364d} times in the last year",
        when_zero="the contract was not expanded in the last year",
    ),
    Feature(
        "commercial__expansions__ever", "Days on which the monthly revenue grew", "count", 0,
        "the contract has been expanded {commercial__expansions__ever} times so far",
        when_zero="the contract has never been expanded",
    ),
    Feature(
        "commercial__contractions__364d", "Days of the last year on which the monthly revenue shrank", "count", 1,
        "the contract was reduced {commercial__contractions__364d} times in the last year",
        when_zero="the contract was not reduced in the last year",
    ),
    Feature(
        "commercial__contractions__ever", "Days on which the monthly revenue shrank", "count", 0,
        "the contract has been reduced {commercial__contractions__ever} times so far",
        when_zero="the contract has never been reduced",
    ),
    Feature(
        "commercial__since_contraction__ever", "Days since the monthly revenue last shrank", "days", 0,
        "the contract was last reduced {commercial__since_contraction__ever} days ago",
        when_missing="the contract has never been reduced",
    ),
    Feature(
        "commercial__renewals__ever", "Terms that ran to their end and did not end the relationship", "count", 0,
        "the account has stayed beyond the end of a term {commercial__renewals__ever} times",
        when_zero="the account is in its first term",
    ),
    Feature(
        "commercial__days_to_term_end__now", "Days to the agreed end of the term, if it is still ahead", "days", 0,
        "the term ends in {commercial__days_to_term_end__now} days",
        when_zero="the term ends today",
        when_missing="no end of the term lies ahead",
    ),
    Feature(
        "commercial__term_days__now", "Length of the term in days", "days", 0,
        "the term is {commercial__term_days__now} days long",
        when_missing="no end of the term is agreed",
    ),
    Feature(
        "commercial__term_position__now", "Share of the term that is over", "share", 0,
        "{commercial__term_position__now} of the term is over",
        when_missing="no end of the term is agreed",
    ),
    Feature(
        "commercial__term_ends_in_horizon__now", "The term ends within the horizon of the prediction", "flag", 0,
        "the term ends in {commercial__days_to_term_end__now} days",
        when_zero="no end of the term lies within the horizon",
    ),
    Feature(
        "commercial__term_overrun__now", "The agreed end of the term has passed: the contract rolls on", "flag", 0,
        "the term ran out {commercial__days_over_term__now} days ago and the contract rolls on",
        when_zero="no agreed end of the term has passed",
    ),
    Feature(
        "commercial__days_over_term__now", "Days since the agreed end of the term, if the contract rolls on",
        "days", 0,
        "the term ran out {commercial__days_over_term__now} days ago and the contract rolls on",
        when_missing="no agreed end of the term has passed",
    ),
    Feature(
        "commercial__seats_used_share__91d", "People who used the product in a quarter, per seat under contract",
        "share", 0,
        "{commercial__seats_used_share__91d} of the {commercial__seats__now} seats saw use in the last quarter",
        when_zero="none of the {commercial__seats__now} seats was used in the last quarter",
        when_missing="the number of seats or who uses them is not known",
    ),
    Feature(
        "commercial__late_share__364d", "Share of the last year's due invoices that were not paid in time", "share", 1,
        "{commercial__late_share__364d} of the last year's invoices were not paid in time",
        when_zero="none of the last year's invoices was paid late",
        when_missing="no invoice was due in the last year, or payments are not recorded",
    ),
    Feature(
        "commercial__days_late__364d", "Mean days by which the last year's invoices were paid late", "delay", 1,
        "invoices of the last year were paid {commercial__days_late__364d} on average",
        when_zero="every invoice of the last year was paid in time",
        when_missing="no invoice was due in the last year, or payments are not recorded",
    ),
    Feature(
        "commercial__payment_delay__364d", "Mean days from due to paid, last year's invoices (below 0: paid early)",
        "delay", 1, "invoices of the last year were paid {commercial__payment_delay__364d} on average",
        when_zero="invoices of the last year were paid on the due day on average",
        when_missing="no invoice was due in the last year, or payments are not recorded",
    ),
    Feature(
        "commercial__payment_delay__91d", "Mean days from due to paid, last 13 weeks' invoices (below 0: paid early)",
        "delay", 1, "invoices of the last 13 weeks were paid {commercial__payment_delay__91d} on average",
        when_zero="invoices of the last 13 weeks were paid on the due day on average",
        when_missing="no invoice was due in the last 13 weeks, or payments are not recorded",
    ),
    Feature(
        "commercial__days_late__182d", "Mean days by which the last half-year's invoices were paid late", "days", 0,
        "days late of an average invoice {change:commercial__days_late_before__182d:commercial__days_late__182d} "
        "from one half-year to the next",
        when_missing="no invoice was due in the last half-year, or payments are not recorded",
    ),
    Feature(
        "commercial__days_late_before__182d", "Mean days late of the invoices of the half-year before the last",
        "days", 0,
        "days late of an average invoice {change:commercial__days_late_before__182d:commercial__days_late__182d} "
        "from one half-year to the next",
        when_missing="no invoice was due in the half-year before the last, or payments are not recorded",
    ),
    Feature(
        "commercial__days_late_change__182d", "Mean days late, last half-year less the half-year before", "days", 0,
        "days late of an average invoice {change:commercial__days_late_before__182d:commercial__days_late__182d} "
        "from one half-year to the next",
        when_missing="too few invoices to see a trend in the payments",
    ),
    Feature(
        "commercial__overdue__now", "Invoices that are overdue", "count", 1,
        "invoices overdue now: {commercial__overdue__now}",
        when_zero="no invoice is overdue",
        when_missing="payments are not recorded",
    ),
    Feature(
        "commercial__overdue_amount__now", "Amount of the overdue invoices", "money", 0,
        "{commercial__overdue_amount__now} is overdue, at {commercial__mrr__now} a month",
        when_zero="no invoice is overdue",
        when_missing="payments are not recorded",
    ),
    Feature(
        "commercial__overdue_months__now", "Amount of the overdue invoices in months of revenue", "ratio", 1,
        "{commercial__overdue_amount__now} is overdue, at {commercial__mrr__now} a month",
        when_zero="no invoice is overdue",
        when_missing="the account pays nothing a month, or payments are not recorded",
    ),
    Feature(
        "commercial__longest_overdue__now", "Days for which the oldest overdue invoice has been so", "days", 1,
        "an invoice has been overdue for {commercial__longest_overdue__now} days",
        when_zero="no invoice is overdue",
        when_missing="payments are not recorded",
    ),
)  # fmt: skip

NOT_KNOWN = (
    "commercial__employees__now", "commercial__seats__now", "commercial__overdue__now",
)  # fmt: skip
"""Counts that are empty, not 0, where the source does not say."""
