"""The churn model: estimators, calibration, the rolling backtest, the search, the promotion."""
