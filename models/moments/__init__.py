"""True North: the early behaviour after which accounts stay, searched, confirmed, followed."""
