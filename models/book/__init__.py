"""The book of business in numbers: what a customer is worth, churn by CSM, and the forecast of renewals."""
