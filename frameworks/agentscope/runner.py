"""An AgentScope agent: `Agent` on `OpenAIChatModel`, with functions as tools by `FunctionTool`.

It speaks Chat Completions, or Responses if the hello asks for it.
"""

import atexit
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "shared" / "python"))
import loopmark_runner  # isort: split

import papers
import synthetic
from agentscope.agent import Agent, ReActConfig
from agentscope.credential import OpenAICredential
from agentscope.event import TextBlockDeltaEvent
from agentscope.message import UserMsg
from agentscope.middleware import TracingMiddleware
from agentscope.model import OpenAIChatModel, OpenAIResponseModel
from agentscope.permission import PermissionBehavior, PermissionDecision
from agentscope.tool import FunctionTool, Toolkit
from pydantic import BaseModel

# Without it, the agent stops before each call and waits for a user's consent.
ALLOWED = PermissionDecision(behavior=PermissionBehavior.ALLOW, message="allowed")


class Summary(BaseModel):
    """What the hello asks for as the answer, where it asks for a structure."""

    title: str
    topics: list[str]
    words: int


# How long the end waits for a collector to take what is left.
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


def build(hello: loopmark_runner.Hello) -> loopmark_runner.NewAgent:
    if hello.tracing:
        send_traces_to(hello.tracing)
    corpus = papers.Corpus.load(hello.scenario.data)

    def search_papers(query: str, limit: int) -> dict[str, Any]:
        """Search the library for papers whose title or abstract contains the query.

        Args:
            query: The text to look for.
            limit: The maximum number of papers.
        """
        return corpus.search_papers(query, limit)

    def read_paper(id: str) -> dict[str, Any]:
        """Read one paper of the library: its authors, year and abstract.

        Args:
            id: The paper's id.
        """
        return corpus.read_paper(id)

    def word_count(text: str) -> int:
        """Count the words of a text.

        Args:
            text: The text.
        """
        return papers.word_count(text)

    known = [search_papers, read_paper, word_count, *synthetic.tools(hello.scenario)]
    offered = hello.scenario.offered(known)
    model = (OpenAIResponseModel if hello.api == "responses" else OpenAIChatModel)(
        credential=OpenAICredential(api_key="made-up", base_url=hello.base_url),
        model=hello.model,
    )

    def new_agent() -> loopmark_runner.Run:
        # An agent's state is one conversation, so each run makes its own.
        def conversation() -> Agent:
            return Agent(
                name="assistant",
                system_prompt=hello.scenario.instructions,
                model=model,
                toolkit=Toolkit(tools=[FunctionTool(tool, permission=ALLOWED) for tool in offered]),
                middlewares=[TracingMiddleware()] if hello.tracing else None,
                react_config=ReActConfig(max_iters=hello.scenario.max_turns),
            )

        async def run(prompt: str) -> str:
            reply = await conversation().reply(UserMsg(name="user", content=prompt))
            return reply.content[-1].text

        async def run_structured(prompt: str) -> str:
            message = UserMsg(name="user", content=prompt)
            reply = await conversation().reply(message, structured_schema=Summary)
            return loopmark_runner.as_answer(reply.structured_output)

        async def run_streamed(prompt: str) -> str:
            events = conversation().reply_stream(
                UserMsg(name="user", content=prompt), yield_final_msg=True
            )
            async for event in events:
                if isinstance(event, TextBlockDeltaEvent):
                    loopmark_runner.text_seen()
            return event.content[-1].text

        if hello.output:
            return run_structured
        return run_streamed if hello.stream else run

    return new_agent


OFFERS = {
    *loopmark_runner.FEATURES,
    loopmark_runner.STRUCTURED_OUTPUT,
    loopmark_runner.TRACING,
} - {"hold-agents"}

if __name__ == "__main__":
    loopmark_runner.main(
        build,
        package="agentscope",
        http_client=loopmark_runner.openai_http_client(),
        offers=OFFERS,
    )
