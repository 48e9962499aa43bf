"""An agent of Microsoft Agent Framework: `Agent` on an OpenAI client, with tools by `@tool`.

It speaks Responses, as `OpenAIChatClient` does, or Chat Completions if the hello asks for it.
"""

import atexit
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "shared" / "python"))
import loopmark_runner  # isort: split

import papers
import synthetic
from agent_framework import Agent, tool
from agent_framework.openai import OpenAIChatClient, OpenAIChatCompletionClient
from pydantic import BaseModel


class Summary(BaseModel):
    """What the hello asks for as the answer, where it asks for a structure."""

    title: str
    topics: list[str]
    words: int


# How long the end waits for a collector to take what is left, once OpenTelemetry keeps to it
# (open-telemetry/opentelemetry-python#4568).
FLUSH_MS = 5_000


def send_traces_to(collector: str) -> None:
    # Loaded only where tracing is on, as the rest of what it costs.
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(shutdown_on_exit=False)
    exporter = OTLPSpanExporter(endpoint=f"{collector}/v1/traces")
    provider.add_span_processor(BatchSpanProcessor(exporter))
    # Shut down, it would wait for a collector that does not answer until all attempts have failed.
    atexit.register(provider.force_flush, FLUSH_MS)
    trace.set_tracer_provider(provider)


def with_words(function: Callable[..., Any], hello: loopmark_runner.Hello) -> Callable[..., Any]:
    """The function with the hello's words for it where `@tool` reads them, if it is offered."""
    for told in hello.scenario.tools:
        if told["name"] == function.__name__:
            function.__doc__ = told["description"]
            for name, argument in told["parameters"]["properties"].items():
                hint = function.__annotations__[name]
                function.__annotations__[name] = Annotated[hint, argument["description"]]
    return function


def build(hello: loopmark_runner.Hello) -> loopmark_runner.NewAgent:
    if hello.tracing:
        send_traces_to(hello.tracing)
    corpus = papers.Corpus.load(hello.scenario.data)

    @tool
    @papers.plain_or_async
    def search_papers(
        query: Annotated[str, "The text to look for."],
        limit: Annotated[int, "The maximum number of papers."],
    ) -> papers.SearchResult:
        """Search the library for papers whose title or abstract contains the query."""
        return corpus.search_papers(query, limit)

    @tool
    @papers.plain_or_async
    def read_paper(id: Annotated[str, "The paper's id."]) -> papers.Paper:
        """Read one paper of the library: its authors, year and abstract."""
        return corpus.read_paper(id)

    @tool
    @papers.plain_or_async
    def word_count(text: Annotated[str, "The text."]) -> int:
        """Count the words of a text."""
        return papers.word_count(text)

    tools = [search_papers, read_paper, word_count]
    tools += [tool(with_words(each, hello)) for each in synthetic.tools(hello.scenario)]
    client_class = OpenAIChatClient if hello.api == "responses" else OpenAIChatCompletionClient
    client = client_class(
        model=hello.model,
        base_url=hello.base_url,
        api_key="made-up",
        function_invocation_configuration={"max_iterations": hello.scenario.max_turns},
    )

    def new_agent() -> loopmark_runner.Run:
        offered = hello.scenario.offered(tools)
        if hello.handoff:
            writer = Agent(
                client=client,
                name=hello.handoff["name"],
                description=hello.handoff["description"],
                instructions=hello.handoff["instructions"],
                tools=offered,
            )
            offered = [*offered, writer.as_tool()]
        agent = Agent(client=client, instructions=hello.scenario.instructions, tools=offered)

        async def run(prompt: str) -> str:
            return (await agent.run(prompt)).messages[-1].text

        async def run_structured(prompt: str) -> str:
            response = await agent.run(prompt, options={"response_format": Summary})
            return loopmark_runner.as_answer(response.value.model_dump())

        async def run_streamed(prompt: str) -> str:
            stream = agent.run(prompt, stream=True)
            async for update in stream:
                if update.text:
                    loopmark_runner.text_seen()
            return (await stream.get_final_response()).messages[-1].text

        if hello.output:
            return run_structured
        return run_streamed if hello.stream else run

    return new_agent


if __name__ == "__main__":
    loopmark_runner.main(
        build,
        package="agent-framework-core",
        http_client=loopmark_runner.openai_http_client(),
        offers=(
            *loopmark_runner.FEATURES,
            loopmark_runner.STRUCTURED_OUTPUT,
            loopmark_runner.TRACING,
            loopmark_runner.HANDOFF,
        ),
    )
