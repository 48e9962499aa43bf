"""install-toolchains, on machines made up of stubs on the PATH: nothing is installed."""

import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
SCRIPT = REPOSITORY / "scripts/install-toolchains"
# What the script itself is made of.
BASICS = ["bash", "env", "grep", "head", "id", "sed", "sort"]
DEBIAN_12 = {
    "gcc": "4:12.2.0-3",
    "python3": "3.11.2-1+b1",
    "nodejs": "18.20.4+dfsg-1~deb12u1",
    "npm": "9.2.0~ds1-1",
    "golang-go": "2:1.19~1",
    "default-jdk-headless": "2:1.17-74",
    "maven": "3.8.7-1",
}
NEW_ENOUGH = {
    "cc": "12.2.0",
    "python3": "3.11.2",
    "node": "24.0.0",
    "npm": "9.2.0",
    "go": "1.26.8",
    "javac": "17.0.1",
    "mvn": "3.8.7",
    "cargo": "1.95.0",
}


class Machine:
    """A PATH with programs that say their versions, and an apt of Debian 12 that notes what it is asked for."""

    def __init__(self, folder: Path, programs: dict[str, str]):
        self.folder = folder
        self.log = folder / "apt.log"
        for name in BASICS:
            found = subprocess.run(["which", name], capture_output=True, text=True, check=True)
            (folder / name).symlink_to(found.stdout.strip())
        for name, version in programs.items():
            self.stub(name, f"echo '{name} {version}'")
        policies = "".join(
            f"{package}) echo '{package}:'; echo '  Candidate: {version}' ;;\n"
            for package, version in DEBIAN_12.items()
        )
        self.stub("apt-cache", f'case "$2" in\n{policies}esac')
        self.stub("apt-get", f'echo "$*" >> {self.log}')

    def stub(self, name: str, body: str) -> None:
        path = self.folder / name
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)

    def install(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [SCRIPT, *arguments],
            env={"PATH": str(self.folder)},
            capture_output=True,
            text=True,
        )


def numbers(version):
    return [int(number) for number in version.split(".")]


class InstallToolchains(unittest.TestCase):
    def machine(self, programs: dict[str, str]) -> Machine:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        return Machine(Path(folder.name), programs)

    def test_a_machine_that_has_all_is_left_alone(self):
        machine = self.machine(NEW_ENOUGH)
        done = machine.install()
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("nothing to install from Debian", done.stdout)
        self.assertFalse(machine.log.exists())

    def test_a_dry_run_says_what_is_missing_and_installs_nothing(self):
        missing = {"node", "npm", "javac", "mvn"}
        programs = {name: version for name, version in NEW_ENOUGH.items() if name not in missing}
        machine = self.machine(programs)
        done = machine.install("--dry-run")
        self.assertIn("would install: nodejs npm default-jdk-headless maven", done.stdout)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertFalse(machine.log.exists())

    @unittest.skipIf(os.getuid() != 0, "only root installs")
    def test_what_debian_has_is_installed(self):
        machine = self.machine({**NEW_ENOUGH, "mvn": "3.0.1"})
        done = machine.install()
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("install --yes --no-install-recommends maven", machine.log.read_text())

    def test_what_debian_has_too_old_and_rust_are_left_to_the_person(self):
        programs = {name: v for name, v in NEW_ENOUGH.items() if name not in {"go", "cargo"}}
        done = self.machine(programs).install()
        self.assertEqual(done.returncode, 1)
        self.assertIn("left to you: go 1.26.6 or later (Debian has 1.19)", done.stdout)
        self.assertIn("left to you: cargo 1.95 or later, with rustup", done.stdout)

    def test_the_versions_are_those_of_the_manifests(self):
        script = SCRIPT.read_text()
        needed = dict(re.findall(r"^(\w+) +([\d.]+) +[\w-]+$", script, re.MULTILINE))
        needed["java"] = needed["javac"]
        needed["cargo"] = re.search(r"^rust=(.+)$", script, re.MULTILINE).group(1)
        requires = re.compile(r'\[\[requires\]\]\ncommand = "(.+)"\nversion = "(.+)"')
        newest = {}
        for manifest in (REPOSITORY / "frameworks").glob("*/framework.toml"):
            for command, version in requires.findall(manifest.read_text()):
                newest[command] = max(newest.get(command, version), version, key=numbers)
        self.assertEqual({command: needed.get(command) for command in newest}, newest)


if __name__ == "__main__":
    unittest.main()
