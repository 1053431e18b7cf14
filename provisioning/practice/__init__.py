"""A practice office and booth on one machine."""
