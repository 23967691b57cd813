"""The merge, proven on histories nobody would write by hand (see histories.py); `make soak` lives through thousands."""

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from histories import History


def test_no_history_loses_anything() -> None:
    """Whatever author and learner do, all invariants hold after each import. Every run has the same histories."""
    run_state_machine_as_test(
        History,
        settings=settings(
            max_examples=120,
            stateful_step_count=30,
            deadline=None,
            derandomize=True,
            database=None,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        ),
    )
