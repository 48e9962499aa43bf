"""The `batch` of docs/PROTOCOL.md: the runs to do."""

import sys
from dataclasses import dataclass

import loopmark_lines


@dataclass(frozen=True)
class Batch:
    """Runs to do, numbered from `first_run` on."""

    batch: int
    first_run: int
    runs: int
    level: int
    # "closed", "burst" or {"rate": runs a second}.
    arrival: str | dict
    # "text" or "digest".
    answers: str
    # Worker i of a closed loop starts i / level of this after the batch began.
    ramp_ms: int = 0
    # Cancel each run so long after its start; None lets it end.
    cancel_after_ms: int | None = None
    heartbeat: bool = False

    def needs(self) -> set[str]:
        """What a runner must offer to do this batch."""
        needed = {"cancellation": self.cancel_after_ms is not None, "heartbeat": self.heartbeat}
        return {feature for feature, is_needed in needed.items() if is_needed}


def read_batch(line: bytes) -> Batch:
    """The batch that a line carries; ends the runner if it carries none."""
    batch = loopmark_lines.read(Batch, loopmark_lines.message(line, "batch"))
    rate = batch.arrival.get("rate") if isinstance(batch.arrival, dict) else None
    has_rate = isinstance(rate, int | float) and rate > 0
    if batch.arrival not in ("closed", "burst") and not has_rate:
        sys.exit(f"a batch arrives closed, as a burst or at a rate, not {batch.arrival!r}")
    if batch.answers not in ("text", "digest"):
        sys.exit(f"answers are told as text or digest, not {batch.answers!r}")
    return batch
