"""A scenario as scripts/check-clients gives it to a client: its text, its tools, and the answer that must come out."""

import asyncio
import inspect
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
# The run that all clients play.
RUN = 8

sys.path.append(str(ROOT / "frameworks" / "shared" / "python"))

import papers
import synthetic

PLACEHOLDER = re.compile(r"\{([\w.]+)\}")


@dataclass
class Task:
    """A scenario, as a client needs it."""

    name: str
    turns: int
    model: str
    instructions: str
    prompt: str
    tools: list[dict[str, Any]]
    functions: dict[str, Callable[..., Any]]
    answer: str = ""

    def job(self, kind: str, **options: Any) -> dict[str, Any]:
        """A job for a client: see jobs.py."""
        return {
            "job": kind,
            "model": self.model,
            "instructions": self.instructions,
            "prompt": self.prompt,
            "tools": self.tools,
            **options,
        }

    def call(self, tool: str, arguments: dict[str, Any]) -> Any:
        """What a tool returns or raises."""
        returned = self.functions[tool](**arguments)
        return asyncio.run(returned) if inspect.iscoroutine(returned) else returned

    def result(self, tool: str, arguments: dict[str, Any]) -> str:
        """What the model is told of a call."""
        try:
            return json.dumps(self.call(tool, arguments))
        except RuntimeError as error:
            return f"error: {error}"


def read_task(loopmark: str, name: str) -> Task:
    """The scenario as the harness tells a runner of it."""
    asked = [loopmark, "request", "floor-python", name]
    told = subprocess.run(asked, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout
    hello = json.loads(told.splitlines()[0])
    scenario = hello["scenario"]
    corpus = papers.Corpus.load(scenario["data"])
    functions = [corpus.search_papers, corpus.read_paper, papers.word_count, *synthetic.TOOLS]
    file = tomllib.loads((ROOT / "scenarios" / f"{name}.toml").read_text(encoding="utf-8"))
    task = Task(
        name=name,
        turns=len(file["turn"]),
        model=hello["model"],
        instructions=scenario["instructions"],
        prompt=scenario["prompt"].replace("{run}", str(RUN)),
        tools=scenario["tools"],
        functions={function.__name__: function for function in functions},
    )
    task.answer = scripted_answer(task, file)
    return task


def scripted_answer(task: Task, file: dict[str, Any]) -> str:
    """The text of the last turn, with the results of the tools here in it."""
    values: dict[str, Any] = {"run": RUN}
    values |= {name: choices[RUN % len(choices)] for name, choices in file["values"].items()}
    for turn in file["turn"]:
        for call in turn.get("call", []):
            arguments = {key: filled(value, values) for key, value in call["arguments"].items()}
            try:
                values[call["id"]] = task.call(call["tool"], arguments)
            except RuntimeError as error:
                values[call["id"]] = str(error)
    return filled(file["turn"][-1]["text"], values)


def filled(template: Any, values: dict[str, Any]) -> Any:
    """A template with values in the places of its names; a name alone gives the value itself."""
    if not isinstance(template, str):
        return template
    if alone := PLACEHOLDER.fullmatch(template):
        return value_of(alone[1], values)
    return PLACEHOLDER.sub(lambda name: str(value_of(name[1], values)), template)


def value_of(path: str, values: Any) -> Any:
    """The value at `read.authors.0`."""
    for step in path.split("."):
        values = values[int(step)] if isinstance(values, list) else values[step]
    return values
