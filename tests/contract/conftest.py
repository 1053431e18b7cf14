"""Laws of the agreement. Fuzzing is the same for everyone who runs the gate: no random seed, no database."""

from hypothesis import settings

settings.register_profile("contract", deadline=None, derandomize=True, database=None, max_examples=60)
settings.load_profile("contract")
