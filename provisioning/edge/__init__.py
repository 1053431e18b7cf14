"""Edges of gates: issued at the office, run at the gate."""
