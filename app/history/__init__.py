"""What happened, kept for good in SQL: events, one row for each call, and personal texts that can be erased."""
