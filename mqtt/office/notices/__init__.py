"""Notices on their way to a signature: the texts of one announcement, and CAP 1.2 in and out."""
