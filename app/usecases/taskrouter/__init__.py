"""What the TaskRouter API does: definitions, workers, tasks and reservations are made and changed."""
