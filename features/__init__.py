"""From a company's tables to point-in-time features and labels, as Ibis expressions."""
