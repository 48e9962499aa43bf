"""`scripts/verify-field`, with a made-up `loopmark` that says what it is told to say."""

import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[1] / "verify-field"

LOOPMARK = """#!{python}
import json, sys
row = sys.argv[sys.argv.index("-f") + 1]
for event in json.load(open({events!r}))[row]["scenarios" if "-s" in sys.argv else "variants"]:
    print(json.dumps(event))
"""


def verified(scenario, said, variant="default", is_good=True, **others):
    return {
        "event": "verified",
        "framework": "rig",
        "variant": variant,
        "scenario": scenario,
        "what": "runs",
        "is_good": is_good,
        "said": said,
        **others,
    }


class VerifyField(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.table = self.folder / "VERIFIED.md"
        self.program = self.folder / "loopmark"
        events = self.folder / "events.json"
        self.program.write_text(LOOPMARK.format(python=sys.executable, events=str(events)))
        self.program.chmod(0o755)
        good = {
            "variants": [
                verified("seed", "yes, 21 of 21 runs", installed="rig 0.44.0"),
                verified("seed", "yes, 21 of 21 runs", "chat-completions"),
            ],
            "scenarios": [
                verified("seed", "yes, 3 of 3 runs"),
                verified("malformed", "yes, 3 of 3 runs; not: no-json, tool-fails"),
                verified("tracing", "not offered: it sends to its vendor"),
                verified("tools", "not done, by its design: it ends the run | always"),
            ],
        }
        bad = {
            "variants": [verified("seed", "no: 0 of 21 runs: 5 LLM calls instead of 4", is_good=False)],
            "scenarios": [{"event": "build-ended", "framework": "eino", "how": "skipped", "reason": "needs go 1.26"}],
        }
        events.write_text(json.dumps({"rig": good, "eino": bad}))

    def verify(self, *rows):
        chosen = [word for row in rows for word in ("--row", row)]
        argv = [sys.executable, SCRIPT, "--loopmark", self.program, "--table", self.table, *chosen]
        return subprocess.run(argv, capture_output=True, text=True, check=False, env=os.environ)

    def cells(self, row):
        lines = [line for line in self.table.read_text().splitlines() if line.startswith(f"| {row} |")]
        self.assertEqual(len(lines), 1, self.table.read_text())
        return [cell.strip() for cell in lines[0].strip("|").split(" | ")]

    def test_a_row_that_does_the_work_has_a_line_that_says_what_it_does(self):
        output = self.verify("rig")
        self.assertEqual(output.returncode, 0, output.stderr)
        cells = self.cells("rig")
        not_offered = "tracing, malformed (no-json, tool-fails)"
        self.assertEqual(cells[:7], ["rig", "rig 0.44.0", "default, chat-completions", "1 of 4", not_offered, "tools", ""])

    def test_a_row_that_does_not_is_wrong_with_what_was_seen_and_the_exit_code_says_so(self):
        output = self.verify("eino")
        self.assertEqual(output.returncode, 1, output.stderr)
        self.assertIn("5 LLM calls instead of 4", self.cells("eino")[6])
        self.assertIn("needs go 1.26", self.cells("eino")[6])

    def test_lines_of_other_rows_stay_and_a_row_has_one_line(self):
        self.verify("rig")
        self.verify("eino")
        self.verify("rig")
        lines = [line for line in self.table.read_text().splitlines() if line.startswith("| ")]
        self.assertEqual([line.split()[1] for line in lines], ["row", "---", "eino", "rig"])

    def test_a_row_that_there_is_not_is_refused(self):
        output = self.verify("nosuch")
        self.assertEqual(output.returncode, 1)
        self.assertIn("no such row: nosuch", output.stderr)


if __name__ == "__main__":
    unittest.main()
