"""What there is to show, before it is drawn: lists, one account, the week in sums, the model."""
