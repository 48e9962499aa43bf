"""The floor of Python: the agent loop by hand, on aiohttp and OpenAI's Chat Completions.

It needs a mock (or a model) at the base URL of the hello, and shows what the language itself costs.
"""

import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "shared" / "python"))
import loopmark_runner  # isort: split

import aiohttp
from papers import Corpus, word_count


@asynccontextmanager
async def build(hello: loopmark_runner.Hello) -> AsyncIterator[loopmark_runner.Run]:
    if hello.api != "chat-completions":
        sys.exit("the floor speaks Chat Completions only")
    corpus = Corpus.load(hello.scenario.data)
    functions = {
        function.__name__: function
        for function in hello.scenario.offered(
            [corpus.search_papers, corpus.read_paper, word_count]
        )
    }
    tools = [{"type": "function", "function": tool} for tool in hello.scenario.tools]
    url = f"{hello.base_url}/chat/completions"

    async def run(prompt: str) -> str:
        messages = [
            {"role": "system", "content": hello.scenario.instructions},
            {"role": "user", "content": prompt},
        ]
        for _ in range(hello.scenario.max_turns):
            request = {"model": hello.model, "messages": messages, "tools": tools}
            async with session.post(url, json=request) as response:
                message = (await response.json())["choices"][0]["message"]
            messages.append(message)
            if not message.get("tool_calls"):
                return message["content"]
            for call in message["tool_calls"]:
                function = functions[call["function"]["name"]]
                result = function(**json.loads(call["function"]["arguments"]))
                messages.append(
                    {"role": "tool", "tool_call_id": call["id"], "content": json.dumps(result)}
                )
        raise RuntimeError(f"no answer within {hello.scenario.max_turns} turns")

    async with aiohttp.ClientSession(
        # aiohttp lets 100 requests out at once by default; a floor makes no run wait for another.
        connector=aiohttp.TCPConnector(limit=0),
        headers={"Authorization": "Bearer made-up"},
        raise_for_status=True,
    ) as session:
        yield run


if __name__ == "__main__":
    loopmark_runner.main(build, package="aiohttp", http_client="aiohttp")
