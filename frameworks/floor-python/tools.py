"""Calls of tools, for the loops over both APIs."""

import inspect
import json
from collections.abc import Callable
from typing import Any

Functions = dict[str, Callable[..., Any]]


async def tool_result(function: Callable[..., Any], arguments: str) -> str:
    """What the model is told of a tool call: its result as JSON, or its error."""
    try:
        result = function(**json.loads(arguments))
        return json.dumps(await result if inspect.isawaitable(result) else result)
    except Exception as error:
        return f"Error: {error}"
