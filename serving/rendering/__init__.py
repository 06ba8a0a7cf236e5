"""From values to what a reader sees: templates, dates and money in the reader's locale, charts."""
