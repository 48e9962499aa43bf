"""A kani: `Kani` on `OpenAIEngine`, with functions as `AIFunction`, one `full_round` per run.

Each run has a kani of its own, on the engine of all.
"""

import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "shared" / "python"))
import loopmark_runner  # isort: split

import papers
import synthetic
from kani import AIFunction, AIParam, ChatRole, Kani
from kani.engines.openai import OpenAIEngine


def with_words(function: Callable[..., Any], hello: loopmark_runner.Hello) -> Callable[..., Any]:
    """The function with the hello's words for it where kani reads them, if it is offered."""
    for told in hello.scenario.tools:
        if told["name"] == function.__name__:
            function.__doc__ = told["description"]
            for name, argument in told["parameters"]["properties"].items():
                words = AIParam(desc=argument["description"])
                function.__annotations__[name] = Annotated[function.__annotations__[name], words]
    return function


@asynccontextmanager
async def build(hello: loopmark_runner.Hello) -> AsyncIterator[loopmark_runner.NewAgent]:
    corpus = papers.Corpus.load(hello.scenario.data)

    @papers.plain_or_async
    def search_papers(
        query: Annotated[str, AIParam(desc="The text to look for.")],
        limit: Annotated[int, AIParam(desc="The maximum number of papers.")],
    ) -> dict[str, Any]:
        """Search the library for papers whose title or abstract contains the query."""
        return corpus.search_papers(query, limit)

    @papers.plain_or_async
    def read_paper(id: Annotated[str, AIParam(desc="The paper's id.")]) -> dict[str, Any]:
        """Read one paper of the library: its authors, year and abstract."""
        return corpus.read_paper(id)

    @papers.plain_or_async
    def word_count(text: Annotated[str, AIParam(desc="The text.")]) -> int:
        """Count the words of a text."""
        return papers.word_count(text)

    known = [search_papers, read_paper, word_count]
    known += [with_words(function, hello) for function in synthetic.tools(hello.scenario)]
    functions = [AIFunction(function) for function in hello.scenario.offered(known)]
    engine = OpenAIEngine("made-up", model=hello.model, api_base=hello.base_url)

    async def ask(instructions: str, functions: list[AIFunction], prompt: str) -> str:
        # A kani is one conversation.
        ai = Kani(engine, system_prompt=instructions, functions=functions)
        async for message in ai.full_round(prompt):
            answer = message.text
        return answer

    async def ask_streamed(instructions: str, functions: list[AIFunction], prompt: str) -> str:
        ai = Kani(engine, system_prompt=instructions, functions=functions)
        async for stream in ai.full_round_stream(prompt):
            if stream.role == ChatRole.ASSISTANT:
                async for _ in stream:
                    loopmark_runner.text_seen()
            answer = (await stream.message()).text
        return answer

    async def hand_over(task: Annotated[str, AIParam(desc="What to do.")]) -> str:
        return await ask(hello.handoff["instructions"], functions, task)

    offered = functions
    if second := hello.handoff:
        sub_kani = AIFunction(hand_over, name=second["name"], desc=second["description"])
        offered = [*functions, sub_kani]

    async def run(prompt: str) -> str:
        asked = ask_streamed if hello.stream else ask
        return await asked(hello.scenario.instructions, offered, prompt)

    yield lambda: run
    await engine.close()


if __name__ == "__main__":
    loopmark_runner.main(
        build,
        package="kani",
        http_client=loopmark_runner.openai_http_client(),
        offers=(
            *(feature for feature in loopmark_runner.FEATURES if feature != "hold-agents"),
            loopmark_runner.HANDOFF,
        ),
    )
