"""The synthetic tools against docs/TOOLS.md."""

import asyncio
import inspect
import re
import sys
import time
import typing
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import synthetic
from loopmark_hello import Task

TOOLS_MD = Path(__file__).resolve().parents[4] / "docs" / "TOOLS.md"


class SyntheticTest(unittest.TestCase):
    def test_the_docstrings_are_the_words_that_the_model_is_to_be_told(self) -> None:
        words = TOOLS_MD.read_text().split("## Descriptions")[1].split("\n## ")[0]
        rows = dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", words, re.MULTILINE))
        for tool in synthetic.TOOLS:
            description, arguments = rows[tool.__name__].split(" | ")
            arguments = arguments.replace("`", "").replace("<br>", "\n    ")
            expected = f"{description}\n\nArgs:\n    {arguments}"
            self.assertEqual(inspect.getdoc(tool), expected)

    def test_waiting_leaves_the_event_loop_to_others(self) -> None:
        async def two_at_once() -> dict[str, int]:
            other_is_done = asyncio.Event()

            async def other() -> None:
                other_is_done.set()

            waited, _ = await asyncio.gather(synthetic.wait(20), other())
            self.assertTrue(other_is_done.is_set())
            return waited

        began = time.monotonic()
        self.assertEqual(asyncio.run(two_at_once()), {"waited_ms": 20})
        self.assertGreaterEqual(time.monotonic() - began, 0.02)

    def test_blocking_takes_the_time_and_no_cpu(self) -> None:
        began, cpu_ns = time.monotonic(), time.thread_time_ns()
        self.assertEqual(synthetic.block(50), {"blocked_ms": 50})
        self.assertGreaterEqual(time.monotonic() - began, 0.05)
        self.assertLess(time.thread_time_ns() - cpu_ns, 25_000_000)

    def test_computing_takes_the_cpu_time(self) -> None:
        cpu_ns = time.thread_time_ns()
        self.assertEqual(synthetic.compute(20), {"computed_ms": 20})
        self.assertGreaterEqual(time.thread_time_ns() - cpu_ns, 20_000_000)

    def test_a_payload_has_as_many_characters_as_asked_for(self) -> None:
        self.assertEqual(synthetic.payload(18), {"payload": "0123456789abcdef01"})
        self.assertEqual(synthetic.payload(16), {"payload": "0123456789abcdef"})
        self.assertEqual(synthetic.payload(0), {"payload": ""})

    def test_a_lookup_has_its_own_name_words_and_section(self) -> None:
        task = Task("s", "", "{run}", [{"name": "lookup_7"}, {"name": "wait"}], {}, 1)
        [*known, lookup] = synthetic.tools(task)
        self.assertEqual(tuple(known), synthetic.TOOLS)
        self.assertEqual(lookup.__name__, "lookup_7")
        words = inspect.getdoc(lookup)
        self.assertTrue(words.startswith("Look a topic up in section 7 of the handbook.\n"))
        result = lookup(topic="leave", limit=4)
        self.assertEqual(result, {"section": 7, "topic": "leave", "entries": 4})

    def test_failing_carries_the_message(self) -> None:
        with self.assertRaisesRegex(RuntimeError, "^out of order$"):
            synthetic.fail("out of order")

    def test_a_tool_tells_its_result_as_json_if_it_is_asked_to(self) -> None:
        waits = synthetic.as_json(synthetic.wait)
        self.assertTrue(inspect.iscoroutinefunction(waits))
        self.assertEqual(asyncio.run(waits(1)), '{"waited_ms": 1}')
        blocks = synthetic.as_json(synthetic.block)
        self.assertEqual(blocks(ms=1), '{"blocked_ms": 1}')
        self.assertEqual((blocks.__name__, blocks.__doc__), ("block", synthetic.block.__doc__))
        self.assertEqual(typing.get_type_hints(blocks), {"ms": int, "return": str})
        self.assertEqual(synthetic.block.__annotations__["return"], dict[str, int])


if __name__ == "__main__":
    unittest.main()
