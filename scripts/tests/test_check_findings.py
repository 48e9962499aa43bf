"""check-findings, through its command line, on a checkout made up in a temporary folder, and on the real document."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts" / "check-findings"

SUMMARY = """\
framework,variant,level,arrival,median_ms,cpu_s,peak_rss_bytes,connections,cpu_per_run_ms
quick,default,50,burst,2004.49,0.02,6291456,50,0.2134
slow,default,50,burst,2900.5,3,,6,60
slow,tuned,50,burst,1,1,1,1,1
"""
RATIOS = """\
framework,variant,level,arrival,figure,floor_ratio
slow,default,50,burst,cpu_s,8.75
"""


class CheckFindings(unittest.TestCase):
    def check(self, findings: str) -> subprocess.CompletedProcess:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            (root / "docs").mkdir()
            results = root / "results" / "now"
            results.mkdir(parents=True)
            (results / "summary.csv").write_text(SUMMARY)
            (results / "ratios.csv").write_text(RATIOS)
            document = root / "docs" / "FINDINGS.md"
            document.write_text(f"From [results/now](../results/now/README.md).\n\n{findings}\n")
            return subprocess.run(
                [sys.executable, SCRIPT, document], capture_output=True, text=True, check=False
            )

    def test_figures_in_other_units_and_digits_are_right(self) -> None:
        done = self.check(
            "* 2,004 ms<!-- median_ms quick burst 50 --> or 2.0 s<!-- median_ms quick burst 50 -->,\n"
            "  6 MiB<!-- peak_rss_bytes quick burst 50 -->, 213 µs<!-- cpu_per_run_ms quick burst 50 -->,\n"
            "  6 connections<!-- connections slow burst 50 -->\n"
            "* 8.8 times<!-- cpu_s slow burst 50 floor_ratio --> and"
            " 150 times<!-- cpu_s slow burst 50 / quick burst 50 -->"
        )
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("7 figures, 0 complaints", done.stdout)

    def test_a_figure_that_is_off_by_its_last_digit_is_wrong(self) -> None:
        for shown in ("2,005 ms", "2004.4 ms", "2.1 s", "2004 µs"):
            done = self.check(f"* {shown}<!-- median_ms quick burst 50 -->")
            self.assertEqual(done.returncode, 1, shown)

    def test_what_is_not_recorded_is_wrong(self) -> None:
        for source in (
            "median_ms other burst 50",
            "median_ms quick closed 50",
            "peak_rss_bytes slow burst 50",
            "p95_ms quick burst 50",
            "cpu_s quick burst 50 floor_ratio",
            "median_ms",
        ):
            done = self.check(f"* 1 ms<!-- {source} -->")
            self.assertEqual(done.returncode, 1, source)
            self.assertIn("FINDINGS.md:3:", done.stderr, source)

    def test_an_item_without_a_figure_and_a_stray_comment_are_wrong(self) -> None:
        figure = "* 2004 ms<!-- median_ms quick burst 50 -->"
        self.assertIn("no figure", self.check(f"{figure}\n* Rust is fast.").stderr)
        self.assertIn("behind no figure", self.check(f"{figure}\n<!-- median_ms -->").stderr)

    def test_the_committed_findings_are_those_of_their_results(self) -> None:
        done = subprocess.run([sys.executable, SCRIPT], capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))


if __name__ == "__main__":
    unittest.main()
