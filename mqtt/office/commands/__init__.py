"""Command groups of ``boothctl`` that the office brings."""
