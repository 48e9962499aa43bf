"""The loop over Chat Completions."""

import asyncio
import json
from typing import Any

import aiohttp
from loopmark_runner import Hello, Run, text_seen
from tools import Functions, structured, tool_result


async def whole_message(response: aiohttp.ClientResponse) -> dict[str, Any]:
    return (await response.json())["choices"][0]["message"]


async def streamed_message(response: aiohttp.ClientResponse) -> dict[str, Any]:
    """The message that the events of a streamed reply add up to."""
    text, calls = "", []
    async for line in response.content:
        if not line.startswith(b"data: {"):
            continue
        for choice in json.loads(line[6:])["choices"]:
            if content := choice["delta"].get("content"):
                text_seen()
                text += content
            for part in choice["delta"].get("tool_calls") or []:
                if part["index"] == len(calls):
                    function = {"name": part["function"]["name"], "arguments": ""}
                    calls.append({"id": part["id"], "type": "function", "function": function})
                arguments = part["function"].get("arguments") or ""
                calls[part["index"]]["function"]["arguments"] += arguments
    message = {"role": "assistant", "content": text or None}
    return message | ({"tool_calls": calls} if calls else {})


def over_chat_completions(
    session: aiohttp.ClientSession, hello: Hello, functions: Functions
) -> Run:
    url = f"{hello.base_url}/chat/completions"
    read_message = streamed_message if hello.stream else whole_message
    tools = [{"type": "function", "function": tool} for tool in hello.scenario.tools]

    async def run(prompt: str) -> str:
        messages = [
            {"role": "system", "content": hello.scenario.instructions},
            {"role": "user", "content": prompt},
        ]
        request = {"model": hello.model, "messages": messages, "tools": tools}
        if hello.stream:
            request["stream"] = True
        if hello.output:
            schema = {**hello.output, "strict": True}
            request["response_format"] = {"type": "json_schema", "json_schema": schema}
        for _ in range(hello.scenario.max_turns):
            async with session.post(url, json=request) as response:
                message = await read_message(response)
            messages.append(message)
            if not message.get("tool_calls") and hello.output:
                answer, problem = structured(message["content"], hello.output["schema"])
                if answer is not None:
                    return answer
                messages.append({"role": "user", "content": problem})
                continue
            if not message.get("tool_calls"):
                return message["content"]
            calls = [(call["id"], call["function"]) for call in message["tool_calls"]]
            results = await asyncio.gather(
                *(tool_result(functions, call["name"], call["arguments"]) for _, call in calls)
            )
            for (call_id, _), result in zip(calls, results, strict=True):
                messages.append({"role": "tool", "tool_call_id": call_id, "content": result})
        raise RuntimeError(f"no answer within {hello.scenario.max_turns} turns")

    return run
