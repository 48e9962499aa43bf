"""reduce-specification: its translation, and the file that it has made."""

import importlib.util
import json
import unittest
from importlib.machinery import SourceFileLoader
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts" / "reduce-specification"
REDUCED = ROOT / "harness" / "tests" / "spec" / "openai.json"

loader = SourceFileLoader("reduce_specification", str(SCRIPT))
spec = importlib.util.spec_from_loader(loader.name, loader)
script = importlib.util.module_from_spec(spec)
loader.exec_module(script)


def description(**schemas):
    return {"components": {"schemas": schemas}}


class ReduceSpecification(unittest.TestCase):
    def test_what_describes_goes_and_what_decides_stays(self):
        schema = {
            "type": "object",
            "title": "A thing",
            "description": "of no use",
            "x-oaiMeta": {"name": "thing"},
            "required": ["title"],
            "properties": {"title": {"type": "string", "default": "x", "enum": ["x", "y"]}},
        }
        reduced = script.reduced(description(Thing=schema), ["Thing"])
        self.assertEqual(
            reduced,
            {
                "Thing": {
                    "type": "object",
                    "required": ["title"],
                    "properties": {"title": {"type": "string", "enum": ["x", "y"]}},
                }
            },
        )

    def test_nullable_means_or_null_beside_a_reference_too(self):
        schema = {"properties": {"a": {"$ref": "#/components/schemas/B", "nullable": True}}}
        reduced = script.reduced(description(A=schema, B={"type": "integer"}, C={}), ["A"])
        self.assertEqual(
            reduced["A"]["properties"]["a"], {"anyOf": [{"$ref": "#/$defs/B"}, {"type": "null"}]}
        )
        self.assertEqual(list(reduced), ["A", "B"], "what nothing refers to is left out")

    def test_a_recursive_reference_means_the_schema_that_it_stands_in(self):
        schema = {"$recursiveAnchor": True, "items": {"$recursiveRef": "#"}}
        self.assertEqual(
            script.reduced(description(A=schema), ["A"]), {"A": {"items": {"$ref": "#/$defs/A"}}}
        )

    def test_the_reduced_file_is_written_by_the_script_and_complete(self):
        text = REDUCED.read_text(encoding="utf-8")
        schemas = json.loads(text)["$defs"]
        self.assertEqual(script.written(schemas), text)
        self.assertLessEqual(set(script.ROOTS), set(schemas))
        for name, schema in schemas.items():
            self.assertLessEqual(set(script.references(schema)), set(schemas), name)


if __name__ == "__main__":
    unittest.main()
