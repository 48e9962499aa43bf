"""`scripts/rows`, on a folder of made-up manifests."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[1] / "rows"


class Rows(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        self.write("toy", "rust", "framework")
        self.write("bare", "rust", "floor", 'sets = ["table", "quick"]')
        self.write("gopher", "go", "floor", '[[build]]\nargv = ["go", "build"]\n[[build]]\nargv = ["go", "-tags", "x", "."]\n')
        (self.root / "frameworks/shared").mkdir()

    def write(self, name, language, kind, build=""):
        row = self.root / "frameworks" / name
        row.mkdir(parents=True)
        (row / "framework.toml").write_text(f'name = "{name}"\nlanguage = "{language}"\nkind = "{kind}"\n{build}')

    def rows(self, *arguments, exit=0):
        argv = [sys.executable, SCRIPT, "--root", self.root, *arguments]
        output = subprocess.run(argv, capture_output=True, text=True, check=False)
        self.assertEqual(output.returncode, exit, output.stderr)
        return output.stdout.split("\n")[:-1]

    def test_all_rows_come_by_name(self):
        self.assertEqual(self.rows(), ["bare", "gopher", "toy"])

    def test_a_set_chooses(self):
        self.assertEqual(self.rows("--set", "quick"), ["bare"])
        self.assertEqual(self.rows("--set", "quick", "--language", "go", exit=1), [])

    def test_what_has_changed_since_a_commit_is_a_row_or_all_that_share_a_side(self):
        def git(*arguments):
            identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
            subprocess.run(["git", *identity, *arguments], cwd=self.root, check=True, capture_output=True)

        (self.root / "frameworks/shared/rust").mkdir()
        (self.root / "frameworks/shared/rust/papers.rs").write_text("")
        git("init", "--quiet")
        git("add", ".")
        git("commit", "--quiet", "--message", "all")
        self.assertEqual(self.rows("--since", "HEAD", exit=1), [])
        self.assertEqual(self.rows("--since", "HEAD", "--none-is-fine"), [])
        gopher = self.root / "frameworks/gopher/framework.toml"
        gopher.write_text(gopher.read_text() + "\n")
        self.assertEqual(self.rows("--since", "HEAD"), ["gopher"])
        (self.root / "frameworks/toy/main.go").symlink_to("../gopher/framework.toml")
        self.assertEqual(self.rows("--since", "HEAD"), ["gopher", "toy"])
        (self.root / "frameworks/shared/rust/papers.rs").write_text("changed")
        self.assertEqual(self.rows("--since", "HEAD"), ["bare", "gopher", "toy"])
        self.assertEqual(self.rows("--since", "HEAD", "--language", "go"), ["gopher"])

    def test_language_and_kind_choose(self):
        self.assertEqual(self.rows("--language", "rust"), ["bare", "toy"])
        self.assertEqual(self.rows("--kind", "floor"), ["bare", "gopher"])
        self.assertEqual(self.rows("--kind", "floor", "--language", "rust"), ["bare"])
        self.assertEqual(self.rows("--kind", "floor", "--kind", "framework", "--language", "rust"), ["bare", "toy"])

    def test_tags_are_those_of_the_build_steps(self):
        self.assertEqual(self.rows("--tags"), ["gopher x"])
        self.assertEqual(self.rows("--tags", "--language", "rust"), [])

    def test_no_row_is_an_error(self):
        self.assertEqual(self.rows("--language", "jvm", exit=1), [])


if __name__ == "__main__":
    unittest.main()
