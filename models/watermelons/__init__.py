"""Green outside, red inside: the flags, their record on history, the post-mortem of green churn."""
