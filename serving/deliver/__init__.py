"""Deliveries: the week's mails, chat message and CRM files; `channels` lists the ways of sending."""
