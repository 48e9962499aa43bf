"""An agent of the OpenAI Agents SDK: `Agent` and `Runner.run`, tools by `@function_tool`.

It speaks Responses, as the SDK does by default, or Chat Completions if the hello asks for it.
"""

import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "shared" / "python"))
import loopmark_runner  # isort: split

from transport import ON_AIOHTTP  # isort: split

import papers
import synthetic
from agents import (
    Agent,
    OpenAIChatCompletionsModel,
    OpenAIResponsesModel,
    Runner,
    function_tool,
    set_trace_processors,
    set_tracing_disabled,
)
from agents.tracing.processors import BackendSpanExporter, BatchTraceProcessor
from openai import AsyncOpenAI, DefaultAioHttpClient
from pydantic import BaseModel


class Summary(BaseModel):
    """What the hello asks for as the answer, where it asks for a structure."""

    title: str
    topics: list[str]
    words: int


@asynccontextmanager
async def build(hello: loopmark_runner.Hello) -> AsyncIterator[loopmark_runner.NewAgent]:
    if hello.tracing:
        exporter = BackendSpanExporter(api_key="made-up", endpoint=f"{hello.tracing}/traces/ingest")
        set_trace_processors([BatchTraceProcessor(exporter)])
    else:
        set_tracing_disabled(True)
    corpus = papers.Corpus.load(hello.scenario.data)

    # The SDK sends str(result) to the model, so records leave the tools as JSON.
    @function_tool
    @papers.plain_or_async
    def search_papers(query: str, limit: int) -> str:
        """Search the library for papers whose title or abstract contains the query.

        Args:
            query: The text to look for.
            limit: The maximum number of papers.
        """
        return json.dumps(corpus.search_papers(query, limit))

    @function_tool
    @papers.plain_or_async
    def read_paper(id: str) -> str:
        """Read one paper of the library: its authors, year and abstract.

        Args:
            id: The paper's id.
        """
        return json.dumps(corpus.read_paper(id))

    @function_tool
    @papers.plain_or_async
    def word_count(text: str) -> int:
        """Count the words of a text.

        Args:
            text: The text.
        """
        return papers.word_count(text)

    http_client = DefaultAioHttpClient() if ON_AIOHTTP else None
    client = AsyncOpenAI(base_url=hello.base_url, api_key="made-up", http_client=http_client)
    model = OpenAIResponsesModel if hello.api == "responses" else OpenAIChatCompletionsModel
    tools = [search_papers, read_paper, word_count]
    tools += [function_tool(synthetic.as_json(tool)) for tool in synthetic.tools(hello.scenario)]

    def new_agent() -> loopmark_runner.Run:
        writers = []
        if hello.handoff:
            writer = Agent(
                name=hello.handoff["name"],
                handoff_description=hello.handoff["description"],
                instructions=hello.handoff["instructions"],
                model=model(model=hello.model, openai_client=client),
                tools=hello.scenario.offered(tools),
            )
            writers.append(writer)
        agent = Agent(
            name="Research assistant",
            instructions=hello.scenario.instructions,
            model=model(model=hello.model, openai_client=client),
            tools=hello.scenario.offered(tools),
            handoffs=writers,
            output_type=Summary if hello.output else None,
        )

        async def run(prompt: str) -> str:
            result = await Runner.run(agent, prompt, max_turns=hello.scenario.max_turns)
            return result.final_output

        async def run_structured(prompt: str) -> str:
            result = await Runner.run(agent, prompt, max_turns=hello.scenario.max_turns)
            return loopmark_runner.as_answer(result.final_output.model_dump())

        async def run_streamed(prompt: str) -> str:
            result = Runner.run_streamed(agent, prompt, max_turns=hello.scenario.max_turns)
            async for event in result.stream_events():
                is_raw = event.type == "raw_response_event"
                if is_raw and event.data.type == "response.output_text.delta":
                    loopmark_runner.text_seen()
            return result.final_output

        if hello.output:
            return run_structured
        return run_streamed if hello.stream else run

    async with client:
        yield new_agent


if __name__ == "__main__":
    loopmark_runner.main(
        build,
        package="openai-agents",
        http_client="aiohttp" if ON_AIOHTTP else loopmark_runner.openai_http_client(),
        offers=(
            *loopmark_runner.FEATURES,
            loopmark_runner.STRUCTURED_OUTPUT,
            loopmark_runner.TRACING,
            loopmark_runner.HANDOFF,
        ),
    )
