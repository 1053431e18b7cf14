"""Configuration on this booth: what counts, and how settings that could cut it off are confirmed."""
