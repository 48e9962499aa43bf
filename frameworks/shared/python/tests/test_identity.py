"""What a runner says of itself."""

import platform
import subprocess
import sys
import unittest
from pathlib import Path

SHARED = Path(__file__).resolve().parents[1]


class Identity(unittest.TestCase):
    def test_a_runner_without_a_distribution_is_python_itself(self) -> None:
        main = "import loopmark_runner as r; r.main(None, package=None, http_client=None)"
        done = subprocess.run(
            [sys.executable, "-c", main, "--version"],
            cwd=SHARED,
            capture_output=True,
            text=True,
            check=True,
        )
        self.assertEqual(done.stdout, f"python {platform.python_version()}\n")


if __name__ == "__main__":
    unittest.main()
