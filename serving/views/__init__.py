"""The content of pages, API answers and mails: the list, single accounts, the week in sums, the model."""
