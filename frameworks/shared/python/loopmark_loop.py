"""The event loop that the runs are done on."""

import asyncio
import os
from collections.abc import Callable


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """What makes the event loop: uvloop if ON_UVLOOP is set; None leaves it to asyncio."""
    if not os.environ.get("ON_UVLOOP"):
        return None
    # Only here: the other variants of a row run as if it were not installed.
    import uvloop

    return uvloop.new_event_loop
