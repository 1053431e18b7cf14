"""From the wire to the store: what to ask for, what to accept, when to ask again."""
