"""The demo company: tables that obey the contract, and the planted truth behind them."""
