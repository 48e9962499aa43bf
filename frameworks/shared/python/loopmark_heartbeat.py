"""The heartbeat of the event loop."""

import asyncio
from array import array
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from loopmark_clock import monotonic_ns

HEARTBEAT_NS = 10_000_000


def next_beat_ns(began_ns: int, now_ns: int) -> int:
    """The first multiple of the heartbeat's period since its beginning that is after now."""
    return began_ns + ((now_ns - began_ns) // HEARTBEAT_NS + 1) * HEARTBEAT_NS


@asynccontextmanager
async def heart(late_us: "array[int]") -> AsyncIterator[None]:
    """A heartbeat of the event loop, which notes how late each beat was."""

    async def beat() -> None:
        began_ns = due_ns = now_ns = monotonic_ns()
        while True:
            # A timer that runs ahead of the clock is on time.
            due_ns = next_beat_ns(began_ns, max(now_ns, due_ns))
            await asyncio.sleep(max(0, due_ns - monotonic_ns()) / 1e9)
            now_ns = monotonic_ns()
            late_us.append(max(0, now_ns - due_ns) // 1000)

    beating = asyncio.create_task(beat())
    try:
        yield
    finally:
        beating.cancel()
        with suppress(asyncio.CancelledError):
            await beating
