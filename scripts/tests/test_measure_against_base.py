"""`scripts/measure-against-base`, with a made-up `loopmark` that notes its arguments and ends as it is told to."""

import os
import subprocess
import tempfile
import unittest
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[1] / "measure-against-base"

LOOPMARK = """#!/bin/sh
echo "$@" >> {folder}/calls
case $1 in
    run) mkdir -p {folder}/out/results/one; exit {run} ;;
    compare) echo 'FAIL        cpu_per_run_ms > 10%: mine, seed, closed at 10'; echo 'not apart   p95'; exit {compare} ;;
esac
"""


class MeasureAgainstBase(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        for side in ("head", "base"):
            (self.folder / side).mkdir()
            (self.folder / side / "framework.toml").write_text('name = "mine"\n[version]\nname = "other"\n')

    def measure(self, compare=0, run=0):
        program = self.folder / "loopmark"
        program.write_text(LOOPMARK.format(folder=self.folder, compare=compare, run=run))
        program.chmod(0o755)
        environment = {
            **os.environ,
            "LOOPMARK": str(program),
            "OUT": str(self.folder / "out"),
            "ROW": str(self.folder / "head"),
            "BASE": str(self.folder / "base"),
            "GATE": "cpu_per_run_ms > 10%\n\nllm_calls_per_run > 0%\n",
            "FLOORS": "floor-rust",
            "SCENARIOS": "seed",
            "LEVELS": "10",
            "REPETITIONS": "8",
            "GITHUB_OUTPUT": str(self.folder / "output"),
            "GITHUB_STEP_SUMMARY": str(self.folder / "shown"),
        }
        return subprocess.run([SCRIPT], env=environment, capture_output=True, text=True, check=False)

    def read(self, name):
        return (self.folder / name).read_text()

    def test_both_builds_are_measured_and_the_second_is_judged(self):
        self.assertEqual(self.measure().returncode, 0)
        run, compare = self.read("calls").splitlines()
        self.assertIn(f"--runner {self.folder}/head/framework.toml --against {self.folder}/base", run)
        self.assertIn("--rows mine@path,mine --gate cpu_per_run_ms > 10% --gate llm_calls_per_run > 0%", compare)
        self.assertIn(f"folder={self.folder}/out/results/one\n", self.read("output"))
        self.assertIn("verdict=pass\n", self.read("output"))

    def test_the_exit_code_is_the_gate_s_and_the_summary_says_why(self):
        for code, verdict in ((4, "fail"), (5, "undecided")):
            self.assertEqual(self.measure(compare=code).returncode, code)
            self.assertIn(f"verdict={verdict}\n", self.read("output"))
        self.assertIn("## Loopmark: fail", self.read("shown"))
        self.assertIn("FAIL        cpu_per_run_ms > 10%", self.read("shown"))

    def test_a_sweep_that_fails_is_no_verdict(self):
        self.assertEqual(self.measure(run=1).returncode, 1)
        self.assertEqual(self.measure(compare=3).returncode, 3)
        self.assertFalse((self.folder / "output").exists())


if __name__ == "__main__":
    unittest.main()
