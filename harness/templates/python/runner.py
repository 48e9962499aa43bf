"""An agent of @name@."""

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "shared" / "python"))
import loopmark_runner  # isort: split

import papers
import synthetic

# FILL IN: the distributions of the framework and of its HTTP client; their versions are read. None is
# Python itself, and its own http.client.
PACKAGE = None
HTTP_CLIENT = None


def build(hello: loopmark_runner.Hello) -> loopmark_runner.NewAgent:
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

    known = [search_papers, read_paper, word_count, *synthetic.TOOLS]
    tools = hello.scenario.offered(known)

    # >>> FILL IN: what agents share, from `hello.base_url`, `hello.api` and `hello.model`, and the
    # agent with `hello.scenario.instructions` and `tools`. One that blocks has a plain `def run`.
    def new_agent() -> loopmark_runner.Run:
        async def run(prompt: str) -> str:
            raise NotImplementedError("the agent is not written yet: fill in runner.py")

        return run

    # <<<

    return new_agent


if __name__ == "__main__":
    loopmark_runner.main(
        build,
        package=PACKAGE,
        http_client=HTTP_CLIENT,
        # "streaming" too, once the agent does what `hello.stream` asks for.
        offers=("agent-per-run", "cancellation", "heartbeat", "synthetic-tools"),
    )
