"""Outcomes beside churn, by the same rolling backtest, and what they cost."""
