"""What people look at: sentences, charts, the spreadsheet and the page; pure functions of tables."""
