"""The tools of docs/TOOLS.md, for runners to wrap in their framework's own decorator."""

import functools
import json
import os
from collections.abc import Awaitable, Callable, Mapping
from typing import ParamSpec, TypedDict, TypeVar

Params = ParamSpec("Params")
Result = TypeVar("Result")


class PaperEntry(TypedDict):
    """A paper as a search lists it."""

    id: str
    title: str
    authors: list[str]
    year: int


class Paper(PaperEntry):
    """A paper with its abstract."""

    abstract: str


class SearchResult(TypedDict):
    """The papers found, and whether there are more."""

    papers: list[PaperEntry]
    more_pages: bool


class Corpus:
    """The papers of a scenario."""

    def __init__(self, papers: list[Paper]) -> None:
        self._searchable = [(f"{p['title']} {p['abstract']}".lower(), p) for p in papers]
        self._by_id = {paper["id"]: paper for paper in papers}

    @classmethod
    def load(cls, data: Mapping[str, str]) -> "Corpus":
        """Read the papers from the scenario's data files; there may be none."""
        if "papers" not in data:
            return cls([])
        with open(data["papers"], encoding="utf-8") as file:
            return cls(json.load(file)["papers"])

    def search_papers(self, query: str, limit: int) -> SearchResult:
        """The first `limit` papers whose title or abstract contains the query, case ignored."""
        wanted = query.lower()
        found = [paper for text, paper in self._searchable if wanted in text]
        entries = [
            PaperEntry(id=p["id"], title=p["title"], authors=p["authors"], year=p["year"])
            for p in found[:limit]
        ]
        return SearchResult(papers=entries, more_pages=len(found) > limit)

    def read_paper(self, id: str) -> Paper:
        """The paper with this id."""
        if id not in self._by_id:
            raise ValueError(f"no paper has the id {id!r}")
        return self._by_id[id]


def word_count(text: str) -> int:
    """How many words the text has."""
    return len(text.split())


def plain_or_async(tool: Callable[Params, Result]) -> Callable[Params, Result | Awaitable[Result]]:
    """A decorator below the framework's own: the tool as it is, or as `async def` for ASYNC_TOOLS.

    Frameworks call an `async def` on the event loop and a plain function in a thread. The tools of
    this module need no thread: they wait for nothing and take microseconds.
    """
    if not os.environ.get("ASYNC_TOOLS"):
        return tool

    @functools.wraps(tool)
    async def called(*args: Params.args, **kwargs: Params.kwargs) -> Result:
        return tool(*args, **kwargs)

    return called
