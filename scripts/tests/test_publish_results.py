"""publish-results, through its command line, on checkouts made up in a temporary folder."""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[1] / "publish-results"

README = "# Loopmark\n\nBefore.\n\n<!-- results:begin -->\n…\n<!-- results:end -->\n\nAfter.\n"

INFO = {
    "command": ["loopmark", "run", "--quick"],
    "complete": True,
    "git_revision": "0123456789ab",
    "loopmark": "0.1.0",
    "machine": {
        "arch": "x86_64",
        "cpu": "Some CPU",
        "cpus": 2,
        "kernel": "6.1.0",
        "memory_bytes": 8 * 2**30,
        "os": "Linux (Debian GNU/Linux 12)",
    },
}

TABLE = """\
| Framework    | Median (ms) |
|--------------|------------:|
| ours (Rust)  |        2012 |
| rig (Rust) * |           – |"""

RESULTS_README = f"""# Loopmark sweep 2026-01-02T030405Z

## The table: 50 agents at once

Scenario `seed`.

{TABLE}

* rig (Rust): skipped: `cargo build` failed; its last lines:
error: no luck

## Over the levels

| Framework | Level |
|-----------|------:|

## Charts

![Latency, 50 agents at once](charts/latency-table.svg)

How to read it.

![CPU time](charts/cpu.svg)
"""


class PublishResults(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        self.readme = self.root / "README.md"
        self.readme.write_text(README, encoding="utf-8")

    def sweep(self, name="2026-01-02T030405Z", info=INFO, readme=RESULTS_README, charts=("latency-table", "cpu")):
        folder = self.root / "results" / name
        (folder / "charts").mkdir(parents=True)
        (folder / "run.json").write_text(json.dumps(info), encoding="utf-8")
        (folder / "README.md").write_text(readme, encoding="utf-8")
        for chart in charts:
            (folder / "charts" / f"{chart}.svg").write_text("<svg/>", encoding="utf-8")
        return folder

    def publish(self, *arguments):
        command = [sys.executable, SCRIPT, "--root", self.root, *arguments]
        return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)

    def refused(self, sentence, *arguments):
        before = self.readme.read_bytes()
        done = self.publish(*arguments)
        self.assertEqual(done.returncode, 2, done.stdout)
        self.assertIn(sentence, done.stderr)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        self.assertEqual(self.readme.read_bytes(), before)

    def test_table_notes_charts_and_source_stand_between_the_markers(self):
        self.sweep()
        done = self.publish()
        self.assertEqual(done.returncode, 0, done.stderr)
        notes = "* rig (Rust): skipped: `cargo build` failed; its last lines:\nerror: no luck"
        link = "results/2026-01-02T030405Z"
        expected = (
            "# Loopmark\n\nBefore.\n\n<!-- results:begin -->\n\n"
            f"{TABLE}\n\n{notes}\n\n"
            f"![Latency, 50 agents at once]({link}/charts/latency-table.svg)\n\n"
            f"![CPU time]({link}/charts/cpu.svg)\n\n"
            f"From [{link}]({link}/README.md), made by `loopmark run --quick` on 2 × Some CPU, 8.0 GiB, "
            "Linux (Debian GNU/Linux 12), kernel 6.1.0, x86_64; Loopmark 0.1.0 at 0123456789ab.\n\n"
            "<!-- results:end -->\n\nAfter.\n"
        )
        self.assertEqual(self.readme.read_text(encoding="utf-8"), expected)

    def test_publishing_twice_changes_nothing(self):
        self.sweep()
        self.publish()
        once = self.readme.read_bytes()
        done = self.publish()
        self.assertIn("already", done.stdout)
        self.assertEqual(self.readme.read_bytes(), once)

    def test_the_newest_folder_is_published_unless_one_is_named(self):
        old = self.sweep()
        self.sweep("2026-02-01T000000Z")
        self.publish()
        self.assertIn("results/2026-02-01T000000Z", self.readme.read_text(encoding="utf-8"))
        self.publish(old)
        text = self.readme.read_text(encoding="utf-8")
        self.assertIn("results/2026-01-02T030405Z", text)
        self.assertNotIn("2026-02-01", text)

    def test_a_sweep_without_charts_has_its_table_published(self):
        self.sweep(charts=())
        self.assertEqual(self.publish().returncode, 0)
        self.assertNotIn("![", self.readme.read_text(encoding="utf-8"))

    def test_no_sweep_is_told(self):
        self.refused("there is no sweep in")

    def test_a_folder_that_holds_no_sweep_is_told(self):
        folder = self.root / "results" / "empty"
        folder.mkdir(parents=True)
        self.refused("run.json: No such file or directory; name a results folder", folder)

    def test_a_folder_outside_the_checkout_is_told(self):
        with tempfile.TemporaryDirectory() as elsewhere:
            self.refused("README.md could not link to it", elsewhere)

    def test_a_sweep_that_was_ended_early_is_refused(self):
        self.sweep(info={**INFO, "complete": False})
        self.refused("ended before its last trial")

    def test_a_sweep_without_its_readme_is_told(self):
        (self.sweep() / "README.md").unlink()
        self.refused("loopmark report")

    def test_a_sweep_without_the_table_is_told(self):
        self.sweep(readme="# Loopmark sweep\n\n## Over the levels\n")
        self.refused('has no section "The table"')

    def test_missing_double_and_turned_markers_are_told(self):
        self.sweep()
        begin, end = "<!-- results:begin -->", "<!-- results:end -->"
        for text, sentence in [
            ("# Loopmark\n", f"must hold the marker {begin} exactly once"),
            (f"{begin}\n{end}\n{end}\n", f"must hold the marker {end} exactly once"),
            (f"{end}\n{begin}\n", f"has {end} before {begin}"),
        ]:
            self.readme.write_text(text, encoding="utf-8")
            self.refused(sentence)

    def test_a_missing_readme_is_told(self):
        self.sweep()
        self.readme.unlink()
        done = self.publish()
        self.assertEqual(done.returncode, 2)
        self.assertIn("README.md: No such file or directory", done.stderr)


if __name__ == "__main__":
    unittest.main()
