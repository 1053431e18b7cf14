"""Releases and content sets on disk: written by the store, read through the catalogue."""
