"""An ADK agent: `LlmAgent` with plain functions as tools, run by `InMemoryRunner`.

It asks the model by `LiteLlm`, as ADK's documentation does for OpenAI's models. With MODEL_CLASS
set, it is ADK's own `OpenAILlm` or `OpenAIResponsesLlm`.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "shared" / "python"))
import loopmark_runner  # isort: split

import papers
import synthetic
from google.adk.agents import LlmAgent
from google.adk.agents.run_config import RunConfig, StreamingMode, ToolThreadPoolConfig
from google.adk.models import BaseLlm
from google.adk.runners import InMemoryRunner
from google.genai import types
from pydantic import BaseModel, Field

USER = "reader"
MODEL_CLASS = os.environ.get("MODEL_CLASS", "LiteLlm")

if MODEL_CLASS == "LiteLlm":
    from google.adk.models.lite_llm import LiteLlm
else:
    from google.adk.integrations.openai import OpenAILlm, OpenAIResponsesLlm


class Summary(BaseModel):
    """What the hello asks for as the answer, where it asks for a structure."""

    title: str
    topics: list[str]
    words: int


def with_words(function: Callable[..., Any], hello: loopmark_runner.Hello) -> Callable[..., Any]:
    """The function with the hello's words for it where ADK reads them, if it is offered."""
    for told in hello.scenario.tools:
        if told["name"] == function.__name__:
            function.__doc__ = told["description"]
            for name, argument in told["parameters"]["properties"].items():
                words = Field(description=argument["description"])
                function.__annotations__[name] = Annotated[function.__annotations__[name], words]
    return function


def send_traces_to(collector: str) -> None:
    # Loaded only where tracing is on, as the exporters that it loads.
    from google.adk.telemetry.setup import maybe_set_otel_providers

    os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector
    maybe_set_otel_providers()


def model_of(hello: loopmark_runner.Hello) -> BaseLlm:
    if MODEL_CLASS == "LiteLlm":
        return LiteLlm(f"openai/{hello.model}", api_base=hello.base_url, api_key="made-up")
    model = OpenAIResponsesLlm if MODEL_CLASS == "OpenAIResponsesLlm" else OpenAILlm
    return model(model=hello.model, base_url=hello.base_url, api_key="made-up")


def build(hello: loopmark_runner.Hello) -> loopmark_runner.NewAgent:
    if hello.tracing:
        send_traces_to(hello.tracing)
    corpus = papers.Corpus.load(hello.scenario.data)

    def search_papers(
        query: Annotated[str, Field(description="The text to look for.")],
        limit: Annotated[int, Field(description="The maximum number of papers.")],
    ) -> dict[str, Any]:
        """Search the library for papers whose title or abstract contains the query."""
        return corpus.search_papers(query, limit)

    def read_paper(id: Annotated[str, Field(description="The paper's id.")]) -> dict[str, Any]:
        """Read one paper of the library: its authors, year and abstract."""
        return corpus.read_paper(id)

    def word_count(text: Annotated[str, Field(description="The text.")]) -> int:
        """Count the words of a text."""
        return papers.word_count(text)

    model = model_of(hello)
    tools = [search_papers, read_paper, word_count]
    tools += [with_words(each, hello) for each in synthetic.tools(hello.scenario)]
    settings = RunConfig(
        max_llm_calls=hello.scenario.max_turns,
        streaming_mode=StreamingMode.SSE if hello.stream else StreamingMode.NONE,
        tool_thread_pool_config=ToolThreadPoolConfig() if os.environ.get("TOOL_THREADS") else None,
    )

    def new_agent() -> loopmark_runner.Run:
        writers = []
        if hello.handoff:
            writer = LlmAgent(
                name=hello.handoff["name"],
                description=hello.handoff["description"],
                instruction=hello.handoff["instructions"],
                model=model,
                tools=hello.scenario.offered(tools),
            )
            writers.append(writer)
        agent = LlmAgent(
            name="research_assistant",
            instruction=hello.scenario.instructions,
            model=model,
            tools=hello.scenario.offered(tools),
            sub_agents=writers,
            output_schema=Summary if hello.output else None,
        )
        runner = InMemoryRunner(agent)
        sessions = runner.session_service

        async def run(prompt: str) -> str:
            session = await sessions.create_session(app_name=runner.app_name, user_id=USER)
            answer = ""
            async for event in runner.run_async(
                user_id=USER,
                session_id=session.id,
                new_message=types.UserContent(prompt),
                run_config=settings,
            ):
                parts = event.content.parts if event.content else []
                text = "".join(part.text or "" for part in parts)
                if event.partial and text:
                    loopmark_runner.text_seen()
                if event.is_final_response() and text:
                    answer = text
            if hello.output:
                return loopmark_runner.as_answer(Summary.model_validate_json(answer).model_dump())
            return answer

        return run

    return new_agent


if __name__ == "__main__":
    loopmark_runner.main(
        build,
        package="google-adk",
        http_client="aiohttp" if MODEL_CLASS == "LiteLlm" else loopmark_runner.openai_http_client(),
        offers=(
            *loopmark_runner.FEATURES,
            loopmark_runner.STRUCTURED_OUTPUT,
            loopmark_runner.TRACING,
            loopmark_runner.HANDOFF,
        ),
    )
