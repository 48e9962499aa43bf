//! A checkout of its own for each test: the fake runner, one variant, and the seed scenario with short holds.
#![allow(dead_code, reason = "each test file uses a part")]
#![allow(clippy::unwrap_used, reason = "a test that can't go on must fail")]

pub mod swept;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use loopmark::analysis::{self, CellResult};
use loopmark::measurement::{Phases, RunRecord, TrialRecord};
use loopmark::results::{Recorded, read_runs, read_trials};

/// A temporary checkout with one row, `fake`, that does what its only variant says.
pub struct Checkout {
    folder: tempfile::TempDir,
    fake: String,
}

/// How long a step that is to end may take, in seconds: a test that hangs ends, and one on a busy machine does not.
const PATIENCE_S: &str = "600";

const SCENARIOS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../scenarios");

impl Checkout {
    /// The fake's `FAKE`; four runs at once in the table's burst, 20 ms a turn.
    pub fn new(fake: &str) -> Checkout {
        let checkout = Checkout {
            folder: tempfile::tempdir().unwrap(),
            fake: fake.to_owned(),
        };
        let root = checkout.root().to_owned();
        let row = root.join("frameworks/fake");
        for folder in [&row, &root.join("scenarios"), &root.join("diary")] {
            std::fs::create_dir_all(folder).unwrap();
        }
        let seed = std::fs::read_to_string(format!("{SCENARIOS}/seed.toml")).unwrap();
        let seed = seed
            .replace("latency-ms = 500", "latency-ms = 20")
            .replace("table-level = 50", "table-level = 4");
        std::fs::write(root.join("scenarios/seed.toml"), seed).unwrap();
        let papers = format!("{SCENARIOS}/seed.papers.json");
        std::fs::copy(papers, root.join("scenarios/seed.papers.json")).unwrap();
        let runner = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fake/runner.py");
        std::fs::copy(runner, row.join("runner.py")).unwrap();
        checkout.write_manifest(&interpreter(), fake);
        checkout
    }

    /// A fake that starts at once and does its work in milliseconds, and its scenario, `short`.
    pub fn quick() -> Checkout {
        let checkout = Checkout::new("quick");
        let fakes = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fake");
        let copy = |from: &str, to: &str| {
            std::fs::copy(format!("{fakes}/{from}"), checkout.root().join(to)).unwrap();
        };
        copy("quick.py", "frameworks/fake/runner.py");
        copy("short.toml", "scenarios/short.toml");
        let manifest = checkout.root().join("frameworks/fake/framework.toml");
        let text = std::fs::read_to_string(&manifest).unwrap();
        // Without the site's packages and settings Python starts in half the time.
        let text = text.replace(
            r#"", "{dir}/runner.py"]"#,
            r#"", "-I", "-S", "{dir}/runner.py"]"#,
        );
        std::fs::write(&manifest, text).unwrap();
        checkout
    }

    /// Two rows on the shared side of Python instead of the fake: `wrong`, which does what its `FAKE` says, and `right`,
    /// its twin, which does the work. `FAKE` and other variables are in `environment`.
    pub fn twins(fake: &str, environment: &[(&str, &str)]) -> Checkout {
        let checkout = Checkout::new(fake);
        let frameworks = checkout.root().join("frameworks");
        std::fs::remove_dir_all(frameworks.join("fake")).unwrap();
        let tests = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fake/wrong.py");
        let shared = concat!(env!("CARGO_MANIFEST_DIR"), "/../frameworks/shared/python");
        for (name, fake) in [("wrong", fake), ("right", "right")] {
            let row = frameworks.join(name);
            std::fs::create_dir(&row).unwrap();
            std::fs::copy(tests, row.join("runner.py")).unwrap();
            let of_row = [("FAKE", fake), ("SHARED", shared)];
            let all: Vec<(&str, &str)> = of_row.iter().chain(environment).copied().collect();
            checkout.write_row(name, &interpreter(), &all);
        }
        checkout
    }

    /// What a sweep of a scenario over all rows recorded, once; its exit code is 0.
    pub fn swept_once(&self, scenario: &str) -> Recorded {
        let arguments = [
            "run",
            "--scenario",
            scenario,
            "--repetitions",
            "1",
            "--no-mock-check",
            "--seed",
            "7",
        ];
        let output = self.loopmark(&arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        Recorded::load(&self.results()).unwrap()
    }

    /// Writes the fake's manifest; `command` is what it requires and is run by.
    pub fn write_manifest(&self, command: &str, fake: &str) {
        let diary = self.root().join("diary");
        let environment = [("FAKE", fake), ("DIARY", diary.to_str().unwrap())];
        self.write_row("fake", command, &environment);
    }

    fn write_row(&self, name: &str, command: &str, environment: &[(&str, &str)]) {
        let variables = environment.iter();
        let variables = variables.map(|(name, value)| format!("{name} = \"{value}\""));
        let variables = variables.collect::<Vec<_>>().join(", ");
        let manifest = format!(
            r#"
name = "{name}"
label = "{name} (Python)"
language = "python"
kind = "framework"
upstream = "none"
idiom = "none"
[[requires]]
command = "{command}"
version = "3.11"
get = "install Python 3.11"
[version]
argv = ["{command}", "{{dir}}/runner.py", "--version"]
[run]
argv = ["{command}", "{{dir}}/runner.py"]
env = {{ {variables} }}
[[variant]]
name = "default"
api = "chat-completions"
[features]
streaming = false
parallel-tools = false
"#
        );
        let file = format!("frameworks/{name}/framework.toml");
        std::fs::write(self.root().join(file), manifest).unwrap();
    }

    /// Adds tables to the end of the fake's manifest.
    pub fn extend_manifest(&self, tables: &str) {
        let manifest = self.root().join("frameworks/fake/framework.toml");
        let text = std::fs::read_to_string(&manifest).unwrap();
        std::fs::write(&manifest, text + tables).unwrap();
    }

    /// Its top folder.
    pub fn root(&self) -> &Path {
        self.folder.path()
    }

    /// What the fake noted down.
    pub fn diary(&self, key: &str) -> String {
        std::fs::read_to_string(self.root().join("diary").join(key)).unwrap()
    }

    /// What the sweep's first cell gave.
    pub fn first_cell(&self) -> CellResult {
        let recorded = Recorded::load(&self.results()).unwrap();
        analysis::cells(&recorded, &recorded.info.scenarios[0]).remove(0)
    }

    /// The built `loopmark` on this checkout.
    pub fn loopmark(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_loopmark"));
        command.args(arguments).arg("--root").arg(self.root());
        // Tests are of debug builds most often, which measure only where that is meant.
        if arguments.first() == Some(&"run") {
            command.arg("--allow-debug-build");
        }
        command
    }

    /// `loopmark run` of the table's burst alone, once.
    pub fn run_table(&self) -> Output {
        self.table_command().output().unwrap()
    }

    /// The command of [`Checkout::run_table`]. A deadline is short for those fakes that wait for it to pass, and for all
    /// others so long that no machine is too busy for it.
    pub fn table_command(&self) -> Command {
        let is_late = |fakes: &[&str]| fakes.contains(&self.fake.as_str());
        let ready = if is_late(&["slow-start", "deaf"]) {
            "3"
        } else {
            PATIENCE_S
        };
        let batch = if is_late(&["hang", "half-line", "stop"]) {
            "3"
        } else {
            PATIENCE_S
        };
        let arguments = [
            "run",
            "--table-only",
            "--table-repetitions",
            "1",
            "--seed",
            "7",
            "--no-mock-check",
            "--ready-deadline",
            ready,
            "--batch-deadline",
            batch,
        ];
        self.loopmark(&arguments)
    }

    /// `loopmark run` of the closed loop alone, which must be flawless.
    pub fn run_levels(&self, more: &[&str]) {
        let arguments = [
            "run",
            "--table-repetitions",
            "0",
            "--seed",
            "7",
            "--no-mock-check",
        ];
        let output = self.loopmark(&arguments).args(more).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    }

    /// The only results folder.
    pub fn results(&self) -> PathBuf {
        let mut folders = std::fs::read_dir(self.root().join("results")).unwrap();
        let folder = folders.next().unwrap().unwrap().path();
        assert!(folders.next().is_none(), "more than one results folder");
        folder
    }

    /// The trials that are on disk.
    pub fn trials(&self) -> Vec<TrialRecord> {
        read_trials(&self.results()).unwrap()
    }
}

/// A file of a record as its text, compressed or not.
pub fn record_file(folder: &Path, name: &str) -> Vec<u8> {
    let packed = std::fs::read(folder.join(format!("{name}.zst")));
    match packed {
        Ok(packed) => zstd::decode_all(packed.as_slice()).unwrap(),
        Err(_) => std::fs::read(folder.join(name)).unwrap(),
    }
}

/// The runs of a results folder.
pub fn runs(folder: &Path) -> Vec<RunRecord> {
    let mut runs = Vec::new();
    read_runs(folder, &mut |run| runs.push(run)).unwrap();
    runs
}

/// What the fake noted at the edges of its phases, by both clocks.
#[derive(serde::Deserialize)]
pub struct Edges {
    /// When its code began, by the machine's clock.
    pub started: u64,
    /// By the machine's clock and by the CPU clock of the process: before the line that ends a phase was written, and
    /// after the line that begins the next one was read, in turn.
    edges: Vec<(u64, u64)>,
}

impl Edges {
    /// Of the fake of a checkout, which came to its end.
    pub fn of(checkout: &Checkout) -> Edges {
        serde_json::from_str(&checkout.diary("edges-ns")).unwrap()
    }

    /// Asserts the same of the time until it was ready.
    pub fn assert_around_start_up(&self, ready_s: f64, before: u64) {
        let ready = (self.edges[2].0 - self.started)..(self.edges[3].0 - before);
        let ready_ns = (ready_s * 1e9) as u64;
        assert!(ready.contains(&ready_ns), "{ready_ns} ns, not {ready:?}");
    }

    /// Asserts that each phase took no less and no more than what the fake noted inside and around it: by cause and
    /// effect, on any machine. `before` is from before the harness was started.
    pub fn assert_around(&self, phases: &Phases, before: u64) {
        assert_eq!(self.edges.len(), 2 * phases.in_order().count());
        let (mut outside, mut inside) = ((before, 0), (self.started, 0));
        for ((_, phase), edges) in phases.in_order().zip(self.edges.chunks(2)) {
            let (ends, has_ended) = (edges[0], edges[1]);
            let s = |until: u64, since: u64| until.saturating_sub(since) as f64 / 1e9;
            // Half a microsecond is what the figures are rounded to.
            let is_around = |figure: f64, inner: f64, outer: f64| {
                assert!(
                    inner <= figure + 5e-7 && figure <= outer + 5e-7,
                    "{inner} to {outer} s: {phase:?}"
                );
            };
            is_around(phase.wall_s, s(ends.0, inside.0), s(has_ended.0, outside.0));
            is_around(phase.cpu_s, s(ends.1, inside.1), s(has_ended.1, outside.1));
            (outside, inside) = (ends, has_ended);
        }
    }
}

/// What a command printed.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The interpreter behind `python3`: version managers put a script there, whose variables and processes are not the
/// fake's.
fn interpreter() -> String {
    let ask = [
        "-c",
        "import os, sys; print(os.path.realpath(sys.executable))",
    ];
    let output = Command::new("python3").args(ask).output().unwrap();
    text(&output.stdout).trim().to_owned()
}

/// Ids of the processes whose environment or arguments hold `text`.
pub fn processes_with(text: &str) -> Vec<String> {
    let own = std::process::id().to_string();
    let holds = |pid: &str, what: &str| {
        let bytes = std::fs::read(format!("/proc/{pid}/{what}")).unwrap_or_default();
        memchr::memmem::find(&bytes, text.as_bytes()).is_some()
    };
    std::fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.bytes().all(|byte| byte.is_ascii_digit()) && *name != own)
        .filter(|pid| holds(pid, "environ") || holds(pid, "cmdline"))
        .collect()
}
