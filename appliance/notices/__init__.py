"""Notices on this booth: which are believed, which are in force, which are kept."""
