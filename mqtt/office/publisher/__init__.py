"""Everything retained on the control broker, kept equal to the database.

database ─► retained: what should be there ─► diff: what to say (pure) ─► service: says it, a few at a time
"""
