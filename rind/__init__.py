"""Rind looks under the green: churn prediction for B2B subscription companies.

The packages of the top-level folders live under this name, where nothing of a user's is in their way:
`rind.features`, `rind.models`, `rind.pipelines`, ... (docs/adr/0012).
"""
