"""check-clients: what it has against a run, the scripted answers, and its command line; no client is installed."""

import importlib.util
import subprocess
import sys
import unittest
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import SimpleNamespace

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts" / "check-clients"

loader = SourceFileLoader("check_clients", str(SCRIPT))
spec = importlib.util.spec_from_loader(loader.name, loader)
script = importlib.util.module_from_spec(spec)
# Its dataclasses look for their module.
sys.modules[loader.name] = script
loader.exec_module(script)

import task as tasks

JOB = {"job": "responses", "stream": True}


def entry(number: int, **changes: object) -> dict[str, object]:
    right = {
        "run": tasks.RUN,
        "turn": number,
        "api": "responses",
        "stream": True,
        "status": 200,
        "problem": None,
        "aborted": False,
    }
    return right | changes


class Complaints(unittest.TestCase):
    def complaints(self, *entries: dict[str, object]) -> list[str]:
        return script.complaints(SimpleNamespace(turns=2), JOB, list(entries))

    def test_a_whole_run_without_a_problem_is_right(self) -> None:
        self.assertEqual(self.complaints(entry(0), entry(1)), [])

    def test_whatever_the_ledger_has_against_a_request_is_told(self) -> None:
        for change, told in [
            ({"problem": "the model is `x`"}, "turn 1: the model is `x`"),
            ({"status": 400}, "turn 1: status 400"),
            ({"aborted": True}, "turn 1: aborted"),
            ({"api": "chat-completions"}, "run, API and streaming are"),
            ({"stream": False}, "run, API and streaming are"),
            ({"run": 9}, "run, API and streaming are"),
            ({"run": None, "turn": None}, "the turns are [0, None]"),
        ]:
            found = self.complaints(entry(0), entry(1, **change))
            self.assertTrue(any(told in complaint for complaint in found), (change, found))

    def test_turns_that_are_missing_or_come_twice_are_told(self) -> None:
        for turns in [(), (0,), (1, 0), (0, 0), (0, 1, 2)]:
            found = self.complaints(*map(entry, turns))
            self.assertEqual(found, [f"the turns are {list(turns)}, not 0 to 1"])


class Answers(unittest.TestCase):
    def test_templates_give_values_and_texts(self) -> None:
        values = {"run": 8, "read": {"authors": ["A", "B"], "year": 2022}}
        self.assertEqual(tasks.filled("{read.year}", values), 2022)
        self.assertEqual(tasks.filled("{read.authors.1} in {read.year}", values), "B in 2022")
        self.assertEqual(tasks.filled(4, values), 4)

    def test_the_answer_comes_from_the_calls_before_it_and_a_failure_stops_nothing(self) -> None:
        def fail(message: str) -> None:
            raise RuntimeError(message)

        functions = {"double": lambda n: {"is": 2 * n}, "fail": fail}
        task = tasks.Task("made-up", 2, "m", "i", "p", [], functions)
        file = {
            "values": {"n": [5, 6, 7]},
            "turn": [
                {
                    "call": [
                        {"id": "a", "tool": "double", "arguments": {"n": "{n}"}},
                        {"id": "b", "tool": "fail", "arguments": {"message": "no {n}"}},
                    ]
                },
                {"text": "Run {run}: {a.is}, {b}."},
            ],
        }
        n = [5, 6, 7][tasks.RUN % 3]
        answer = tasks.scripted_answer(task, file)
        self.assertEqual(answer, f"Run {tasks.RUN}: {2 * n}, no {n}.")
        self.assertEqual(task.result("double", {"n": 2}), '{"is": 4}')
        self.assertEqual(task.result("fail", {"message": "no"}), "error: no")


class CommandLine(unittest.TestCase):
    def run_script(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, str(SCRIPT), *arguments],
            capture_output=True,
            text=True,
            check=False,
            env=environment or None,
        )

    def test_an_unknown_client_is_answered_with_those_there_are(self) -> None:
        ended = self.run_script("perl")
        self.assertEqual(ended.returncode, 2)
        self.assertIn("no client perl; there are python, litellm, node, go, curl", ended.stderr)

    def test_a_client_that_is_named_must_be_there(self) -> None:
        for name, needs in [("curl", "curl"), ("node", "node and npm"), ("go", "go")]:
            ended = self.run_script(name, PATH="/nonexistent")
            self.assertEqual(ended.returncode, 3)
            self.assertEqual(ended.stdout, f"{name}: skipped, needs {needs}\n")


if __name__ == "__main__":
    unittest.main()
