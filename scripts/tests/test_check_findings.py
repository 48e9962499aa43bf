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
JSON = '{"levels": [{"p50_us": 97.5}], "rounds": [{"a": 6, "b": 3}, {"a": 9, "b": 3}, {"a": 5, "b": 5}]}'


class CheckFindings(unittest.TestCase):
    def check(self, findings: str) -> subprocess.CompletedProcess:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            (root / "docs").mkdir()
            results = root / "results" / "now"
            results.mkdir(parents=True)
            (results / "summary.csv").write_text(SUMMARY)
            (results / "ratios.csv").write_text(RATIOS)
            (results / "mock.json").write_text(JSON)
            (results / "capacity.csv").write_text("framework,agents_per_core\nslow,91.4\n")
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

    def test_figures_of_other_files_are_right_and_wrong(self) -> None:
        for figure, code in (
            ("98 µs<!-- now/mock.json levels/0/p50_us -->", 0),
            ("99 µs<!-- now/mock.json levels/0/p50_us -->", 1),
            ("98<!-- now/mock.json levels/0/p50_us -->", 1),
            ("98 µs<!-- now/mock.json levels/1/p50_us -->", 1),
            ("6<!-- now/mock.json median rounds/*/a -->", 0),
            ("9<!-- now/mock.json most rounds/*/a -->", 0),
            ("2.0 times<!-- now/mock.json median rounds/*/a / rounds/*/b -->", 0),
            ("1.0 times<!-- now/mock.json least rounds/*/a / rounds/*/b -->", 0),
            ("1.1 times<!-- now/mock.json least rounds/*/a / rounds/*/b -->", 1),
            ("91<!-- now/capacity.csv framework=slow agents_per_core -->", 0),
            ("91<!-- now/capacity.csv framework=quick agents_per_core -->", 1),
        ):
            done = self.check(f"* {figure}")
            self.assertEqual(done.returncode, code, figure + done.stderr)

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
