"""Sticks: seen, read with care, never believed."""
