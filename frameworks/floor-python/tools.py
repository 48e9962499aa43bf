"""Calls of tools and answers of a structure, for the loops over both APIs."""

import inspect
import json
from collections.abc import Callable
from typing import Any

from loopmark_runner import as_answer

Functions = dict[str, Callable[..., Any]]

# The values that JSON has for the types of a schema.
TYPES = {"string": str, "integer": int, "array": list}


async def tool_result(functions: Functions, name: str, arguments: str) -> str:
    """What the model is told of a tool call: its result as JSON, or its error."""
    try:
        result = functions[name](**json.loads(arguments))
        return json.dumps(await result if inspect.isawaitable(result) else result)
    except Exception as error:
        return f"Error: {error}"


def structured(text: str, schema: dict[str, Any]) -> tuple[str | None, str]:
    """The answer that a text is, or what is wrong with it, by the types of the schema's fields."""
    try:
        given = json.loads(text)
        answer = {name: given[name] for name in schema["properties"]}
    except (ValueError, TypeError, KeyError) as error:
        return None, f"The answer does not fit the schema: {error!r}"
    for name, field in schema["properties"].items():
        if not isinstance(answer[name], TYPES[field["type"]]):
            return None, f"The answer does not fit the schema: {name} is no {field['type']}"
    return as_answer(answer), ""
