"""The floor of Python: the agent loop by hand, on aiohttp.

It speaks Chat Completions, or Responses if the hello asks for it. It needs a mock (or a model) at
the base URL of the hello, and shows what the language itself costs.
"""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "shared" / "python"))
import loopmark_runner  # isort: split

import aiohttp
import synthetic
from chat import over_chat_completions
from handoff import with_second_agent
from papers import Corpus, word_count
from responses import over_responses


@asynccontextmanager
async def build(hello: loopmark_runner.Hello) -> AsyncIterator[loopmark_runner.NewAgent]:
    corpus = Corpus.load(hello.scenario.data)
    known = [corpus.search_papers, corpus.read_paper, word_count, *synthetic.tools(hello.scenario)]
    functions = {function.__name__: function for function in hello.scenario.offered(known)}
    functions = synthetic.off_the_loop(functions)
    loop = over_responses if hello.api == "responses" else over_chat_completions
    async with aiohttp.ClientSession(
        # aiohttp lets 100 requests out at once by default; a floor makes no run wait for another.
        connector=aiohttp.TCPConnector(limit=0),
        headers={"Authorization": "Bearer made-up"},
        raise_for_status=True,
    ) as session:
        new_loop = partial(loop, session)
        hello, functions = with_second_agent(hello, functions, new_loop)
        yield lambda: new_loop(hello, functions)


if __name__ == "__main__":
    loopmark_runner.main(
        build,
        package="aiohttp",
        http_client="aiohttp",
        offers=(
            *loopmark_runner.FEATURES,
            loopmark_runner.STRUCTURED_OUTPUT,
            loopmark_runner.HANDOFF,
        ),
    )
