"""The loop over Responses: the whole conversation goes back each turn, items as they came."""

import asyncio
import json
from typing import Any

import aiohttp
from loopmark_runner import Hello, Run, text_seen
from tools import Functions, structured, tool_result

# An event is one line; aiohttp would refuse one above 128 KiB.
LONGEST_EVENT_BYTES = 16 << 20


async def whole_output(response: aiohttp.ClientResponse) -> list[dict[str, Any]]:
    return (await response.json())["output"]


async def streamed_output(response: aiohttp.ClientResponse) -> list[dict[str, Any]]:
    """The items of a streamed reply. Its last event has them whole, so no delta is put together."""
    output = None
    # To the end of the body: a connection with unread bytes can't be used again.
    while line := await response.content.readline(max_line_length=LONGEST_EVENT_BYTES):
        if line.startswith(b"data: "):
            event = json.loads(line[6:])
            if event["type"] == "response.output_text.delta":
                text_seen()
            elif event["type"] == "response.completed":
                output = event["response"]["output"]
    if output is None:
        raise RuntimeError("the stream ended before the response was complete")
    return output


def text_of(output: list[dict[str, Any]]) -> str:
    messages = [item for item in output if item["type"] == "message"]
    return "".join(part["text"] for message in messages for part in message["content"])


def over_responses(session: aiohttp.ClientSession, hello: Hello, functions: Functions) -> Run:
    url = f"{hello.base_url}/responses"
    read_output = streamed_output if hello.stream else whole_output
    tools = [{"type": "function", "strict": False, **tool} for tool in hello.scenario.tools]

    async def run(prompt: str) -> str:
        items: list[dict[str, Any]] = [{"role": "user", "content": prompt}]
        request = {
            "model": hello.model,
            "instructions": hello.scenario.instructions,
            "input": items,
            "tools": tools,
        }
        if hello.stream:
            request["stream"] = True
        if hello.output:
            request["text"] = {"format": {"type": "json_schema", **hello.output, "strict": True}}
        for _ in range(hello.scenario.max_turns):
            async with session.post(url, json=request) as response:
                output = await read_output(response)
            items += output
            calls = [item for item in output if item["type"] == "function_call"]
            if not calls and hello.output:
                answer, problem = structured(text_of(output), hello.output["schema"])
                if answer is not None:
                    return answer
                items.append({"role": "user", "content": problem})
                continue
            if not calls:
                return text_of(output)
            results = await asyncio.gather(
                *(tool_result(functions, call["name"], call["arguments"]) for call in calls)
            )
            for call, result in zip(calls, results, strict=True):
                items.append(
                    {"type": "function_call_output", "call_id": call["call_id"], "output": result}
                )
        raise RuntimeError(f"no answer within {hello.scenario.max_turns} turns")

    return run
