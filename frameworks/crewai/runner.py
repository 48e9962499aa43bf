"""An agent of CrewAI: `Agent.kickoff_async`, with tools by the `@tool` decorator.

It speaks Chat Completions, as CrewAI's `LLM` does by default, or Responses if the hello asks.
"""

import asyncio
import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "shared" / "python"))
import loopmark_runner  # isort: split

import papers
import synthetic
from crewai import LLM, Agent
from crewai.tools import tool


def build(hello: loopmark_runner.Hello) -> loopmark_runner.NewAgent:
    if threads := os.environ.get("EXECUTOR_THREADS"):
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(int(threads)))
    corpus = papers.Corpus.load(hello.scenario.data)

    # CrewAI sends str(result) to the model, so records leave the tools as JSON.
    @tool
    def search_papers(query: str, limit: int) -> str:
        """Search the library for papers whose title or abstract contains the query."""
        return json.dumps(corpus.search_papers(query, limit))

    @tool
    def read_paper(id: str) -> str:
        """Read one paper of the library: its authors, year and abstract."""
        return json.dumps(corpus.read_paper(id))

    @tool
    def word_count(text: str) -> int:
        """Count the words of a text."""
        return papers.word_count(text)

    llm = LLM(
        model=f"openai/{hello.model}",
        base_url=hello.base_url,
        api_key="made-up",
        api="responses" if hello.api == "responses" else "completions",
        stream=hello.stream,
    )
    tools = [search_papers, read_paper, word_count]
    tools += [tool(synthetic.as_json(function)) for function in synthetic.TOOLS]

    def new_agent() -> loopmark_runner.Run:
        agent = Agent(
            role="Research assistant",
            goal="Answer questions about papers",
            backstory=hello.scenario.instructions,
            llm=llm,
            tools=hello.scenario.offered(tools),
        )

        async def run(prompt: str) -> str:
            return (await agent.kickoff_async(prompt)).raw

        return run

    return new_agent


def offers(hello: loopmark_runner.Hello) -> set[str]:
    # CrewAI's streamed Responses take the text beside a tool call for the answer.
    lacking = {"streaming"} if hello.api == "responses" else set()
    return {*loopmark_runner.FEATURES} - lacking


if __name__ == "__main__":
    loopmark_runner.main(
        build,
        package="crewai",
        http_client=loopmark_runner.openai_http_client(),
        offers=offers,
    )
