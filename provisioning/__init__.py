"""Authority, identities, and the practice office and booth on one machine."""
