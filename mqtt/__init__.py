"""The wire between office and booths, and the office side of it."""
