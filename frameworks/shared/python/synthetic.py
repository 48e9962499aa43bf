"""The synthetic tools of docs/TOOLS.md, for runners to wrap in their framework's own decorator.

The docstrings are what the model is told of them, in the words of docs/TOOLS.md.
"""

import asyncio
import functools
import inspect
import json
import time
from collections.abc import Callable
from typing import Any


async def wait(ms: int) -> dict[str, int]:
    """Wait for something else for some milliseconds.

    Args:
        ms: How many milliseconds.
    """
    await asyncio.sleep(ms / 1e3)
    return {"waited_ms": ms}


def block(ms: int) -> dict[str, int]:
    """Block the calling thread for some milliseconds.

    Args:
        ms: How many milliseconds.
    """
    time.sleep(ms / 1e3)
    return {"blocked_ms": ms}


def compute(ms: int) -> dict[str, int]:
    """Compute for some milliseconds.

    Args:
        ms: How many milliseconds of CPU time.
    """
    until_ns = time.thread_time_ns() + ms * 1_000_000
    while time.thread_time_ns() < until_ns:
        pass
    return {"computed_ms": ms}


def payload(bytes: int) -> dict[str, str]:
    """Return a text of some length.

    Args:
        bytes: How many characters.
    """
    digits = "0123456789abcdef"
    return {"payload": (digits * (bytes // len(digits) + 1))[:bytes]}


def fail(message: str) -> str:
    """Fail with a message.

    Args:
        message: The message.
    """
    raise RuntimeError(message)


# All of them, in the order of docs/TOOLS.md.
TOOLS = (wait, block, compute, payload, fail)


def off_the_loop(functions: dict[str, Callable[..., Any]]) -> dict[str, Callable[..., Any]]:
    """The same functions; those that block are called in threads, so that other agents go on."""
    blocking = {
        function.__name__: functools.partial(asyncio.to_thread, function)
        for function in (block, compute)
        if function.__name__ in functions
    }
    return functions | blocking


def as_json(tool: Callable[..., Any]) -> Callable[..., Any]:
    """The same tool with its result as JSON, for a framework that sends `str(result)`."""
    if inspect.iscoroutinefunction(tool):

        @functools.wraps(tool)
        async def told(*args: Any, **kwargs: Any) -> str:
            return json.dumps(await tool(*args, **kwargs))

    else:

        @functools.wraps(tool)
        def told(*args: Any, **kwargs: Any) -> str:
            return json.dumps(tool(*args, **kwargs))

    told.__annotations__ = tool.__annotations__ | {"return": str}
    return told
