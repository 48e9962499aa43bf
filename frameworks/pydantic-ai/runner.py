"""An agent of Pydantic AI: `Agent` with plain functions as tools.

It speaks Responses, as Pydantic AI does for `openai:` models, or Chat Completions if the hello asks
for it.
"""

import atexit
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "shared" / "python"))
import loopmark_runner  # isort: split

import papers
import synthetic
from pydantic import BaseModel
from pydantic_ai import (
    Agent,
    InstrumentationSettings,
    PartDeltaEvent,
    PartStartEvent,
    TextPart,
    TextPartDelta,
    UsageLimits,
)
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
from pydantic_ai.providers.openai import OpenAIProvider


class Summary(BaseModel):
    """What the hello asks for as the answer, where it asks for a structure."""

    title: str
    topics: list[str]
    words: int


# How long the end waits for a collector to take what is left.
FLUSH_MS = 5_000


def send_traces_to(collector: str) -> None:
    # Loaded only where tracing is on, as the rest of what it costs.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(shutdown_on_exit=False)
    exporter = OTLPSpanExporter(endpoint=f"{collector}/v1/traces")
    provider.add_span_processor(BatchSpanProcessor(exporter))
    # Shut down, it would wait for a collector that does not answer until all attempts have failed.
    atexit.register(provider.force_flush, FLUSH_MS)
    Agent.instrument_all(InstrumentationSettings(tracer_provider=provider))


def build(hello: loopmark_runner.Hello) -> loopmark_runner.NewAgent:
    if hello.tracing:
        send_traces_to(hello.tracing)
    corpus = papers.Corpus.load(hello.scenario.data)

    @papers.plain_or_async
    def search_papers(query: str, limit: int) -> dict[str, Any]:
        """Search the library for papers whose title or abstract contains the query.

        Args:
            query: The text to look for.
            limit: The maximum number of papers.
        """
        return corpus.search_papers(query, limit)

    @papers.plain_or_async
    def read_paper(id: str) -> dict[str, Any]:
        """Read one paper of the library: its authors, year and abstract.

        Args:
            id: The paper's id.
        """
        return corpus.read_paper(id)

    @papers.plain_or_async
    def word_count(text: str) -> int:
        """Count the words of a text.

        Args:
            text: The text.
        """
        return papers.word_count(text)

    model_class = OpenAIResponsesModel if hello.api == "responses" else OpenAIChatModel
    model = model_class(
        hello.model, provider=OpenAIProvider(base_url=hello.base_url, api_key="made-up")
    )
    tools = [search_papers, read_paper, word_count, *synthetic.tools(hello.scenario)]
    limits = UsageLimits(request_limit=hello.scenario.max_turns)

    def new_agent() -> loopmark_runner.Run:
        agent = Agent(
            model,
            instructions=hello.scenario.instructions,
            tools=hello.scenario.offered(tools),
            output_type=Summary if hello.output else str,
        )

        if hello.handoff:
            writer = Agent(
                model,
                instructions=hello.handoff["instructions"],
                tools=hello.scenario.offered(tools),
            )

            async def hand_over(task: str) -> str:
                return (await writer.run(task, usage_limits=limits)).output

            agent.tool_plain(
                hand_over, name=hello.handoff["name"], description=hello.handoff["description"]
            )

        async def run(prompt: str) -> str:
            return (await agent.run(prompt, usage_limits=limits)).output

        async def run_structured(prompt: str) -> str:
            summary = (await agent.run(prompt, usage_limits=limits)).output
            return loopmark_runner.as_answer(summary.model_dump())

        async def run_streamed(prompt: str) -> str:
            async with agent.run_stream_events(prompt, usage_limits=limits) as events:
                async for event in events:
                    match event:
                        case (
                            PartStartEvent(part=TextPart(content=text))
                            | PartDeltaEvent(delta=TextPartDelta(content_delta=text))
                        ) if text:
                            loopmark_runner.text_seen()
                return events.result.output

        if hello.output:
            return run_structured
        return run_streamed if hello.stream else run

    return new_agent


if __name__ == "__main__":
    loopmark_runner.main(
        build,
        package="pydantic-ai-slim",
        http_client=loopmark_runner.openai_http_client(),
        offers=(
            *loopmark_runner.FEATURES,
            loopmark_runner.STRUCTURED_OUTPUT,
            loopmark_runner.HANDOFF,
            loopmark_runner.TRACING,
        ),
    )
