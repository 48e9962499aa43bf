//! What the commands do with what a person can get wrong, and what they leave on disk.
#![allow(clippy::unwrap_used, reason = "a test that can't go on must fail")]

mod common;

use std::io::{BufRead, BufReader, Lines};
use std::process::{Child, ChildStderr, Stdio};
use std::time::{Duration, Instant};

use common::{Checkout, text};
use loopmark::results::Recorded;

#[test]
fn help_tells_a_newcomer_what_there_is() {
    let output = Checkout::new("right")
        .loopmark(&["--help"])
        .output()
        .unwrap();
    let help = text(&output.stdout);
    for word in [
        "doctor",
        "list",
        "build",
        "verify",
        "run",
        "report",
        "compare",
        "site",
        "demo",
        "mock",
        "request",
        "Exit codes",
    ] {
        assert!(help.contains(word), "{word}: {help}");
    }
    assert!(
        !help.contains("supervise"),
        "what only the harness uses is not shown"
    );
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn completions_and_the_manual_page_name_every_command() {
    let print = |arguments: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_loopmark"));
        let output = command.args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        text(&output.stdout)
    };
    let manual = print(&["man"]);
    assert!(manual.contains(".TH loopmark 1"), "{manual}");
    for shell in ["bash", "zsh", "fish"] {
        let script = print(&["completions", shell]);
        for command in ["run", "compare", "site", "verify"] {
            assert!(script.contains(command), "{shell}: {command}");
        }
    }
    for command in [
        "loopmark\\-run(1)",
        "loopmark\\-compare(1)",
        "loopmark\\-site(1)",
    ] {
        assert!(manual.contains(command), "{command}: {manual}");
    }
}

#[test]
fn wrong_arguments_scenarios_and_manifests_end_with_2_and_one_sentence_and_write_nothing() {
    let checkout = Checkout::new("right");
    let scenario = checkout.root().join("scenarios/seed.toml");
    let manifest = checkout.root().join("frameworks/fake/framework.toml");
    let refuse = |arguments: &[&str], sentence: &str| {
        let output = checkout.loopmark(arguments).output().unwrap();
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(said.contains(sentence), "{arguments:?}: {said}");
        assert!(
            !checkout.root().join("results").exists(),
            "{arguments:?} wrote results"
        );
    };
    refuse(
        &["run", "-f", "nobody"],
        "no row is named `nobody`; the rows are fake",
    );
    refuse(&["run", "--levels", "0"], "0 is not in 1..=100000");
    for (option, value) in [
        ("--p95-factor=nan", "--capacity=level"),
        ("--p95-factor=inf", "--capacity=level"),
        ("--p95-factor=1", "--capacity=level"),
        ("--p95-factor=-1.25", "--capacity=level"),
        ("--ready-deadline=0", ""),
        ("--batch-deadline=0", ""),
        ("--batch-deadline=18446744073709551615", ""),
        ("--rates=0", ""),
        ("--rates=nan", ""),
        ("--rates=1e400", ""),
        ("--rate-seconds=0", ""),
        ("--repetitions=0", ""),
        ("--repetitions=4294967295", ""),
        ("--runs-per-worker=0", ""),
        ("--levels=1,1", ""),
        ("--rates=2,2.0", ""),
        ("--capacity=level,level", ""),
        ("--table-only", "--table-repetitions=0"),
    ] {
        let arguments: Vec<&str> = ["run", option, value]
            .into_iter()
            .filter(|word| !word.is_empty())
            .collect();
        let name = option.split('=').next().unwrap();
        refuse(&arguments, name);
    }
    refuse(&["verify", "--ready-deadline", "0"], "--ready-deadline");
    refuse(&["verify", "--runs", "0"], "--runs");
    refuse(&["request", "fake", "--runs", "0"], "--runs");
    refuse(&["mock-check", "--levels", "10,10"], "--levels");
    refuse(&["mock-check", "--requests", "0"], "--requests");
    refuse(&["mock", "--request-time-ms", "0"], "--request-time-ms");
    refuse(&["mock", "--max-connections", "0"], "--max-connections");
    refuse(&["mock", "--ledger-entries", "0"], "--ledger-entries");
    refuse(
        &["mock", "--latency-ms", "18446744073709551615"],
        "--latency-ms",
    );
    refuse(&["mock", "--chunk-interval-ms=-1"], "--chunk-interval-ms");
    refuse(
        &["run", "--variants", "fast"],
        "none of these rows has a variant `fast`",
    );
    refuse(
        &["run", "--scenario", "nothing"],
        "no scenario is named `nothing`; the scenarios are seed",
    );
    refuse(&["fly"], "unrecognized subcommand");

    let text = std::fs::read_to_string(&scenario).unwrap();
    std::fs::write(&scenario, text.replace("latency-ms = 20", "latency = 20")).unwrap();
    refuse(&["run"], "seed.toml:10: unknown field `latency`");
    std::fs::write(&scenario, text).unwrap();

    let text = std::fs::read_to_string(&manifest).unwrap();
    std::fs::write(
        &manifest,
        text.replace("kind = \"framework\"", "kind = \"best\""),
    )
    .unwrap();
    refuse(&["run"], "framework.toml:5: unknown variant `best`");
}

#[test]
fn a_row_whose_toolchain_is_missing_is_skipped_with_the_sentence_that_helps() {
    let checkout = Checkout::new("right");
    let other = checkout.root().join("frameworks/other");
    std::fs::create_dir(&other).unwrap();
    let manifest =
        std::fs::read_to_string(checkout.root().join("frameworks/fake/framework.toml")).unwrap();
    let manifest = manifest
        .replace("name = \"fake\"", "name = \"other\"")
        .replace("label = \"fake (Python)\"", "label = \"other (Python)\"");
    let command = manifest
        .lines()
        .find(|line| line.starts_with("command = "))
        .unwrap()
        .to_owned();
    std::fs::write(
        other.join("framework.toml"),
        manifest.replace(&command, "command = \"python-of-tomorrow\""),
    )
    .unwrap();
    let output = checkout.run_table();
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    let table = text(&output.stdout);
    assert!(table.contains("\n fake (Python)"), "{table}");
    let sentence = "other (Python): skipped: needs python-of-tomorrow 3.11 or later, which is not here: install Python 3.11";
    assert!(table.contains(sentence), "{table}");
    assert_eq!(checkout.trials().len(), 1, "the other row was measured");
}

#[test]
fn verify_says_again_at_its_end_what_was_wrong_and_a_long_line_does_not_widen_its_table() {
    let checkout = Checkout::new("right");
    let wrong = "word ".repeat(1000);
    checkout.extend_manifest(&format!(
        "[[build]]\nargv = [\"sh\", \"-c\", \"echo {wrong}>&2; exit 7\"]\n"
    ));
    let output = checkout.loopmark(&["verify"]).output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    let said = text(&output.stdout);
    let (table, below) = said.split_once("\nfake: skipped: ").unwrap();
    let widest = table.lines().map(|line| line.chars().count()).max();
    assert!(widest <= Some(120), "{said}");
    assert!(below.contains("(exit status: 7)"), "{said}");
    assert!(below.trim_end().ends_with(wrong.trim_end()), "{said}");
}

#[test]
fn a_level_beyond_the_limit_of_open_files_is_refused_before_anything_is_measured() {
    let checkout = Checkout::new("right");
    let program = env!("CARGO_BIN_EXE_loopmark");
    let root = checkout.root().display();
    let script = format!(
        "ulimit -n 400 && exec {program} run --allow-debug-build --levels 5000 --root {root}"
    );
    let output = std::process::Command::new("sh")
        .args(["-c", &script])
        .output()
        .unwrap();
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(
        said.contains("5000 runs in flight need 5256 open files, but the limit is 400"),
        "{said}"
    );
    assert!(!checkout.root().join("results").exists());
}

#[test]
fn a_taken_port_is_said() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = Checkout::new("right")
        .loopmark(&["mock", "--listen", &address])
        .output()
        .unwrap();
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(
        said.contains(&format!("cannot listen on {address}")),
        "{said}"
    );
}

#[test]
fn a_results_folder_that_cannot_be_written_is_said_before_anything_is_measured() {
    let checkout = Checkout::new("right");
    std::fs::write(checkout.root().join("results"), "a file in the way").unwrap();
    let output = checkout.run_table();
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    assert!(
        !checkout.root().join("diary/runs-done").exists(),
        "something was measured"
    );
}

/// A sweep of so many trials, two of which have ended; what it still says.
fn start_sweep(checkout: &Checkout, trials: u32) -> (Child, Lines<BufReader<ChildStderr>>) {
    let repetitions = trials.to_string();
    let arguments = [
        "run",
        "--table-only",
        "--table-repetitions",
        &repetitions,
        "--no-mock-check",
        "--seed",
        "1",
    ];
    let mut harness = checkout
        .loopmark(&arguments)
        .stderr(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(harness.stderr.take().unwrap()).lines();
    let measured = lines.find(|line| line.as_ref().unwrap().starts_with("[2/"));
    assert!(measured.is_some(), "the sweep ended by itself");
    (harness, lines)
}

#[test]
fn an_interrupted_sweep_leaves_what_was_measured_and_nobody_behind() {
    let checkout = Checkout::new("right");
    let (mut harness, lines) = start_sweep(&checkout, 500);
    let harness_id = nix::unistd::Pid::from_raw(harness.id() as i32);
    nix::sys::signal::kill(harness_id, nix::sys::signal::Signal::SIGINT).unwrap();
    // Read on to the end, so that the harness can write.
    let said: Vec<String> = lines.map(Result::unwrap).collect();
    let status = harness.wait().unwrap();
    assert_eq!(status.code(), Some(130), "{said:?}");
    let recorded = Recorded::load(&checkout.results()).unwrap();
    assert!(!recorded.info.complete);
    assert!(recorded.trials.len() >= 2);
    assert!(common::runs(&checkout.results()).len() >= 8);
    let readme = std::fs::read_to_string(checkout.results().join("README.md")).unwrap();
    assert!(readme.contains("ended before its last trial"), "{readme}");
    assert_eq!(
        common::processes_with(&checkout.root().to_string_lossy()),
        Vec::<String>::new()
    );
}

#[test]
fn a_killed_harness_leaves_a_readable_record_and_nobody_behind() {
    let checkout = Checkout::new("right");
    let (mut harness, _lines) = start_sweep(&checkout, 500);
    harness.kill().unwrap();
    harness.wait().unwrap();
    // The supervisor sees its end and ends the runner; both take a moment.
    let deadline = Instant::now() + Duration::from_secs(600);
    while !common::processes_with(&checkout.root().to_string_lossy()).is_empty() {
        assert!(Instant::now() < deadline, "runners live on");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(Recorded::load(&checkout.results()).unwrap().trials.len() >= 2);
    let output = checkout.loopmark(&["report"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("\n fake (Python)"));
}

#[test]
fn a_report_can_be_made_again_from_the_folder_alone() {
    let checkout = Checkout::new("right");
    checkout.run_table();
    let folder = checkout.results();
    let readme = std::fs::read_to_string(folder.join("README.md")).unwrap();
    let summary = std::fs::read_to_string(folder.join("summary.csv")).unwrap();
    for name in ["README.md", "summary.csv"] {
        std::fs::remove_file(folder.join(name)).unwrap();
    }
    std::fs::remove_dir_all(folder.join("charts")).unwrap();
    std::fs::remove_dir_all(checkout.root().join("frameworks")).unwrap();
    let program = env!("CARGO_BIN_EXE_loopmark");
    let output = std::process::Command::new(program)
        .arg("report")
        .arg(&folder)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(
        std::fs::read_to_string(folder.join("README.md")).unwrap(),
        readme
    );
    assert_eq!(
        std::fs::read_to_string(folder.join("summary.csv")).unwrap(),
        summary
    );
    assert!(folder.join("charts/latency-table.svg").is_file());
    let png = folder.join("charts/latency-table.png");
    assert!(!png.exists(), "it was not asked for");
    let drawn = std::process::Command::new(program)
        .args(["report", "--png"])
        .arg(&folder)
        .status();
    assert!(drawn.unwrap().success() && png.is_file());
}

#[test]
fn the_lines_of_request_are_what_a_runner_takes() {
    let checkout = Checkout::new("right");
    let mut mock = checkout
        .loopmark(&["mock", "--listen", "127.0.0.1:0", "--exit-with-stdin"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(mock.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let listening: serde_json::Value = serde_json::from_str(&line).unwrap();
    let base_url = listening["base_url"].as_str().unwrap();
    let lines = checkout
        .loopmark(&["request", "fake", "--base-url", base_url, "--runs", "2"])
        .output()
        .unwrap();
    let mut runner = std::process::Command::new("python3")
        .arg(checkout.root().join("frameworks/fake/runner.py"))
        .env("FAKE", "right")
        .env("DIARY", checkout.root().join("diary"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut runner.stdin.take().unwrap(), &lines.stdout).unwrap();
    let said = text(&runner.wait_with_output().unwrap().stdout);
    drop(mock.stdin.take());
    mock.wait().unwrap();
    assert_eq!(said.lines().count(), 5, "{said}");
    assert!(
        said.contains("\"answer\": \"Reading list 1: the note on"),
        "{said}"
    );
}

#[test]
fn a_sweep_that_is_killed_again_and_again_and_resumed_equals_an_uninterrupted_one_in_shape() {
    let checkout = Checkout::new("right");
    let (mut harness, _lines) = start_sweep(&checkout, 8);
    harness.kill().unwrap();
    harness.wait().unwrap();
    let folder = checkout.results();
    let folder_text = folder.to_string_lossy();
    let mut random = fastrand::Rng::with_seed(3);
    for _ in 0..6 {
        // A finished trial is never lost, whatever the moment of the kill.
        let before = Recorded::load(&folder).unwrap();
        let mut resume = checkout.loopmark(&["run", "--resume", &folder_text]);
        let resume = resume.stderr(Stdio::null()).stdout(Stdio::null());
        let mut resume = resume.spawn().unwrap();
        std::thread::sleep(Duration::from_millis(random.u64(50..1500)));
        resume.kill().unwrap();
        resume.wait().unwrap();
        let after = Recorded::load(&folder).unwrap();
        assert!(after.trials.starts_with(&before.trials));
    }
    let output = checkout
        .loopmark(&["run", "--resume", &folder_text])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let recorded = Recorded::load(&folder).unwrap();
    assert!(recorded.info.complete);
    let trials: Vec<u32> = recorded
        .trials
        .iter()
        .map(|trial| trial.planned.trial)
        .collect();
    assert_eq!(trials, [0, 1, 2, 3, 4, 5, 6, 7]);
    let runs = common::runs(&folder);
    for trial in &recorded.trials {
        let of_trial = runs.iter().filter(|run| run.trial == trial.planned.trial);
        assert_eq!(of_trial.count(), 4);
    }
    let output = checkout
        .loopmark(&["export", "samples", folder.to_str().unwrap()])
        .output()
        .unwrap();
    let samples = text(&output.stdout);
    let headers = samples.lines().filter(|line| line.starts_with("trial,"));
    assert_eq!(headers.count(), 1, "one header");
    assert_eq!(samples.lines().count(), 33);
    assert!(folder.join("trials.jsonl.zst").is_file());
    assert!(!folder.join("trials.jsonl").exists());
}

#[test]
fn a_sweep_is_not_resumed_when_something_has_changed_since() {
    let checkout = Checkout::new("right");
    let (mut harness, _lines) = start_sweep(&checkout, 500);
    harness.kill().unwrap();
    harness.wait().unwrap();
    let folder = checkout.results();
    let folder_text = folder.to_string_lossy();
    let refuse = |sentence: &str| {
        let output = checkout
            .loopmark(&["run", "--resume", &folder_text])
            .output()
            .unwrap();
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(sentence), "{said}");
    };
    let changes = [
        (
            "scenarios/seed.toml",
            "latency-ms = 20",
            "latency-ms = 21",
            "the scenario `seed` has changed",
        ),
        (
            "frameworks/fake/runner.py",
            "import zlib",
            "import zlib  # changed",
            "fake changed: ",
        ),
        (
            "frameworks/fake/framework.toml",
            "label = \"fake",
            "label = \"Fake",
            "fake changed: ",
        ),
    ];
    for (file, from, to, sentence) in changes {
        let path = checkout.root().join(file);
        let original = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, original.replacen(from, to, 1)).unwrap();
        refuse(sentence);
        std::fs::write(&path, original).unwrap();
    }
    let info = folder.join("run.json");
    let original = std::fs::read_to_string(&info).unwrap();
    let there = original.replacen("\"kernel\": \"", "\"kernel\": \"another ", 1);
    std::fs::write(&info, there).unwrap();
    refuse("it is another machine (kernel: was another ");
    std::fs::write(&info, original).unwrap();
    let recorded = Recorded::load(&folder).unwrap().info;
    let mut elsewhere = Vec::new();
    if recorded.pinning.is_some() {
        elsewhere.push(["--no-pinning"].as_slice());
    }
    if recorded.network == Some(loopmark::measurement::Network::Namespace) {
        elsewhere.push(&["--network", "shared"]);
    }
    for options in elsewhere {
        let mut command = checkout.loopmark(&["run", "--resume", &folder_text]);
        let output = command.args(options).output().unwrap();
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{options:?}: {said}");
        let now = format!("now it would with {}", options[0]);
        assert!(said.contains("can't be resumed: it ran with "), "{said}");
        assert!(said.contains(&now) || options.len() == 2, "{said}");
    }
    let output = checkout
        .loopmark(&["run", "--resume", &folder_text])
        .arg("--quick")
        .output()
        .unwrap();
    assert_eq!(
        output.status.code(),
        Some(2),
        "--quick goes with a new sweep only"
    );
}
