"""What every part stands on: files that survive a power cut, facts, the clock, words, fonts, health."""
