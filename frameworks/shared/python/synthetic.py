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

from loopmark_hello import LOOKUP_PREFIX, Task


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


def tally(items: list[str], unit: str) -> dict[str, int]:
    """Count the items of a list.

    Args:
        items: The items.
        unit: What an item is.
    """
    return {"count": len(items)}


def fail(message: str) -> str:
    """Fail with a message.

    Args:
        message: The message.
    """
    raise RuntimeError(message)


# All of them, in the order of docs/TOOLS.md.
TOOLS = (wait, block, compute, payload, tally, fail)


def tools(task: Task) -> list[Callable[..., Any]]:
    """The synthetic tools, and the lookups that a task offers."""
    names = [tool["name"] for tool in task.tools]
    sections = [
        name.removeprefix(LOOKUP_PREFIX) for name in names if name.startswith(LOOKUP_PREFIX)
    ]
    return [*TOOLS, *(lookup(int(section)) for section in sections)]


def lookup(section: int) -> Callable[..., Any]:
    """The tool that looks something up in a section of the handbook."""

    def look_up(topic: str, limit: int) -> dict[str, Any]:
        return {"section": section, "topic": topic, "entries": limit}

    look_up.__name__ = look_up.__qualname__ = f"{LOOKUP_PREFIX}{section}"
    look_up.__doc__ = f"""Look a topic up in section {section} of the handbook.

    Args:
        topic: The topic to look for.
        limit: The maximum number of entries.
    """
    return look_up


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
