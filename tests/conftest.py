"""Fuzzing is the same for everyone who runs the gate: no random seed, no database, no deadline on a busy machine."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "gate",
    deadline=None,
    derandomize=True,
    database=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("gate")
