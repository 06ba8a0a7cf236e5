"""Deliveries: the Monday mail, the webhook and the CRM files, each once a week and reader."""
