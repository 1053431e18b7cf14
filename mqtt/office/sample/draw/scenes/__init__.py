"""Compositions: each fills one sheet with one subject."""
