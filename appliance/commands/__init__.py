"""Orders to this booth: which were taken, what came of them, and who is shown on the glass meanwhile."""
