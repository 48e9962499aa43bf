"""A deep agent: `create_deep_agent` on a chat model of LangChain, with tools by its `@tool`.

It speaks Responses, as Deep Agents does for `openai:` models, or Chat Completions if the hello asks
for it.
"""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "shared" / "python"))
import loopmark_runner  # isort: split

import papers
import synthetic
from deepagents import create_deep_agent
from langchain.chat_models import init_chat_model
from langchain.messages import AIMessageChunk
from langchain.tools import tool
from pydantic import BaseModel


class Summary(BaseModel):
    """What the hello asks for as the answer, where it asks for a structure."""

    title: str
    topics: list[str]
    words: int


def build(hello: loopmark_runner.Hello) -> loopmark_runner.NewAgent:
    if hello.tracing:
        os.environ["LANGSMITH_TRACING"] = "true"
        os.environ["LANGSMITH_ENDPOINT"] = hello.tracing
        os.environ["LANGSMITH_API_KEY"] = "made-up"
    corpus = papers.Corpus.load(hello.scenario.data)

    @tool(parse_docstring=True)
    @papers.plain_or_async
    def search_papers(query: str, limit: int) -> papers.SearchResult:
        """Search the library for papers whose title or abstract contains the query.

        Args:
            query: The text to look for.
            limit: The maximum number of papers.
        """
        return corpus.search_papers(query, limit)

    @tool(parse_docstring=True)
    @papers.plain_or_async
    def read_paper(id: str) -> papers.Paper:
        """Read one paper of the library: its authors, year and abstract.

        Args:
            id: The paper's id.
        """
        return corpus.read_paper(id)

    @tool(parse_docstring=True)
    @papers.plain_or_async
    def word_count(text: str) -> int:
        """Count the words of a text.

        Args:
            text: The text.
        """
        return papers.word_count(text)

    model = init_chat_model(
        f"openai:{hello.model}",
        base_url=hello.base_url,
        api_key="made-up",
        use_responses_api=hello.api == "responses",
    )
    tools = [search_papers, read_paper, word_count]
    tools += [tool(function, parse_docstring=True) for function in synthetic.tools(hello.scenario)]

    def new_agent() -> loopmark_runner.Run:
        writers = []
        if second := hello.handoff:
            writer = {
                "name": second["name"],
                "description": second["description"],
                "system_prompt": second["instructions"],
            }
            writers.append(writer)
        agent = create_deep_agent(
            model=model,
            tools=hello.scenario.offered(tools),
            system_prompt=hello.scenario.instructions,
            subagents=writers,
            response_format=Summary if hello.output else None,
        )

        async def run(prompt: str) -> str:
            conversation = {"messages": [{"role": "user", "content": prompt}]}
            return (await agent.ainvoke(conversation))["messages"][-1].text

        async def run_structured(prompt: str) -> str:
            conversation = {"messages": [{"role": "user", "content": prompt}]}
            summary = (await agent.ainvoke(conversation))["structured_response"]
            return loopmark_runner.as_answer(summary.model_dump())

        async def run_streamed(prompt: str) -> str:
            conversation = {"messages": [{"role": "user", "content": prompt}]}
            reply, text = None, ""
            async for chunk, _ in agent.astream(conversation, stream_mode="messages"):
                if isinstance(chunk, AIMessageChunk):
                    if chunk.text:
                        loopmark_runner.text_seen()
                    text = chunk.text if chunk.id != reply else text + chunk.text
                    reply = chunk.id
            return text

        if hello.output:
            return run_structured
        return run_streamed if hello.stream else run

    return new_agent


if __name__ == "__main__":
    loopmark_runner.main(
        build,
        package="deepagents",
        http_client=loopmark_runner.openai_http_client(),
        offers=(
            *loopmark_runner.FEATURES,
            loopmark_runner.STRUCTURED_OUTPUT,
            loopmark_runner.TRACING,
            loopmark_runner.HANDOFF,
        ),
    )
