"""The office: content in, signed releases out, booths watched. Commands and services of ``boothctl``."""
