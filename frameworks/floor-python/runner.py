"""The floor of Python: the agent loop by hand, on aiohttp and OpenAI's Chat Completions.

It needs a mock (or a model) at the base URL of the hello, and shows what the language itself costs.
"""

import inspect
import json
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "shared" / "python"))
import loopmark_runner  # isort: split

import aiohttp
import synthetic
from papers import Corpus, word_count


async def tool_result(function: Callable[..., Any], arguments: str) -> str:
    """What the model is told of a tool call: its result as JSON, or its error."""
    try:
        result = function(**json.loads(arguments))
        return json.dumps(await result if inspect.isawaitable(result) else result)
    except Exception as error:
        return f"Error: {error}"


async def whole_message(response: aiohttp.ClientResponse) -> dict[str, Any]:
    return (await response.json())["choices"][0]["message"]


async def streamed_message(response: aiohttp.ClientResponse) -> dict[str, Any]:
    """The message that the events of a streamed reply add up to."""
    text, calls = "", []
    async for line in response.content:
        if not line.startswith(b"data: {"):
            continue
        for choice in json.loads(line[6:])["choices"]:
            text += choice["delta"].get("content") or ""
            for part in choice["delta"].get("tool_calls") or []:
                if part["index"] == len(calls):
                    function = {"name": part["function"]["name"], "arguments": ""}
                    calls.append({"id": part["id"], "type": "function", "function": function})
                arguments = part["function"].get("arguments") or ""
                calls[part["index"]]["function"]["arguments"] += arguments
    message = {"role": "assistant", "content": text or None}
    return message | ({"tool_calls": calls} if calls else {})


@asynccontextmanager
async def build(hello: loopmark_runner.Hello) -> AsyncIterator[loopmark_runner.NewAgent]:
    if hello.api != "chat-completions":
        sys.exit("the floor speaks Chat Completions only")
    corpus = Corpus.load(hello.scenario.data)
    known = [corpus.search_papers, corpus.read_paper, word_count, *synthetic.TOOLS]
    url = f"{hello.base_url}/chat/completions"
    read_message = streamed_message if hello.stream else whole_message

    def new_agent() -> loopmark_runner.Run:
        functions = {function.__name__: function for function in hello.scenario.offered(known)}
        tools = [{"type": "function", "function": tool} for tool in hello.scenario.tools]

        async def run(prompt: str) -> str:
            messages = [
                {"role": "system", "content": hello.scenario.instructions},
                {"role": "user", "content": prompt},
            ]
            request = {"model": hello.model, "messages": messages, "tools": tools}
            if hello.stream:
                request["stream"] = True
            for _ in range(hello.scenario.max_turns):
                async with session.post(url, json=request) as response:
                    message = await read_message(response)
                messages.append(message)
                if not message.get("tool_calls"):
                    return message["content"]
                for call in message["tool_calls"]:
                    function = functions[call["function"]["name"]]
                    result = await tool_result(function, call["function"]["arguments"])
                    messages.append({"role": "tool", "tool_call_id": call["id"], "content": result})
            raise RuntimeError(f"no answer within {hello.scenario.max_turns} turns")

        return run

    async with aiohttp.ClientSession(
        # aiohttp lets 100 requests out at once by default; a floor makes no run wait for another.
        connector=aiohttp.TCPConnector(limit=0),
        headers={"Authorization": "Bearer made-up"},
        raise_for_status=True,
    ) as session:
        yield new_agent


if __name__ == "__main__":
    loopmark_runner.main(
        build, package="aiohttp", http_client="aiohttp", offers=loopmark_runner.FEATURES
    )
