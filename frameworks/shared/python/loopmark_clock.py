"""The clock of all processes of a machine."""

import time


def monotonic_ns() -> int:
    """The time of `CLOCK_MONOTONIC`: one clock for all processes of a machine."""
    return time.clock_gettime_ns(time.CLOCK_MONOTONIC)
