"""The tools against hand-worked results; the cases are those of the harness's reference."""

import asyncio
import inspect
import json
import os
import sys
import tempfile
import typing
import unittest
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from papers import Corpus, plain_or_async, word_count

PAPERS = [
    {"id": "a", "title": "On Memory", "authors": ["X"], "year": 2001, "abstract": "short"},
    {"id": "b", "title": "Plans", "authors": [], "year": 2002, "abstract": "of memory and more"},
    {"id": "c", "title": "Other", "authors": ["Y", "Z"], "year": 2003, "abstract": "nothing"},
]


class PapersTest(unittest.TestCase):
    def setUp(self) -> None:
        self.corpus = Corpus(PAPERS)

    def test_a_search_ignores_case_keeps_the_order_and_says_if_there_is_more(self) -> None:
        entry = {"id": "a", "title": "On Memory", "authors": ["X"], "year": 2001}
        one = self.corpus.search_papers("MEMORY", 1)
        self.assertEqual(one, {"papers": [entry], "more_pages": True})
        two = self.corpus.search_papers("memory", 2)
        self.assertEqual([paper["id"] for paper in two["papers"]], ["a", "b"])
        self.assertIs(two["more_pages"], False)

    def test_a_search_looks_at_title_and_abstract_as_one_text(self) -> None:
        found = self.corpus.search_papers("memory short", 3)
        self.assertEqual([paper["id"] for paper in found["papers"]], ["a"])

    def test_reading_gives_the_whole_paper(self) -> None:
        self.assertEqual(self.corpus.read_paper("c"), PAPERS[2])

    def test_reading_an_unknown_paper_is_an_error(self) -> None:
        with self.assertRaisesRegex(ValueError, "no paper has the id 'z'"):
            self.corpus.read_paper("z")

    def test_words_are_the_parts_between_white_space(self) -> None:
        self.assertEqual(word_count(" a  bc\nd "), 3)
        self.assertEqual(word_count(""), 0)

    def test_the_papers_come_from_the_scenarios_data_if_it_has_any(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "papers.json")
            path.write_text(json.dumps({"papers": PAPERS}))
            self.assertEqual(Corpus.load({"papers": str(path)}).read_paper("a"), PAPERS[0])
        self.assertEqual(Corpus.load({}).search_papers("memory", 1)["papers"], [])


class PlainOrAsyncTest(unittest.TestCase):
    def test_a_tool_is_plain_as_written(self) -> None:
        with mock.patch.dict(os.environ):
            os.environ.pop("ASYNC_TOOLS", None)
            self.assertIs(plain_or_async(word_count), word_count)

    def test_a_tool_is_async_where_the_environment_asks_for_it(self) -> None:
        with mock.patch.dict(os.environ, ASYNC_TOOLS="1"):
            counts = plain_or_async(word_count)
        self.assertTrue(inspect.iscoroutinefunction(counts))
        self.assertEqual(asyncio.run(counts(text="a b")), 2)
        # What frameworks read of it stays.
        self.assertEqual((counts.__name__, counts.__doc__), ("word_count", word_count.__doc__))
        self.assertEqual(inspect.signature(counts), inspect.signature(word_count))
        self.assertEqual(typing.get_type_hints(counts), {"text": str, "return": int})


if __name__ == "__main__":
    unittest.main()
