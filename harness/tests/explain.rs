//! `explain`: a row under a sampler, from the command to the files. The sampler is a script that stands for perf and gives
//! samples that real ones took.
#![allow(clippy::unwrap_used, reason = "a test that can't go on must fail")]

mod common;

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Output;

use common::{Checkout, text};

/// Runs the runner, and prints recorded samples when it is asked for them.
const PERF: &str = r#"#!/bin/sh
case $1 in
record)
    while [ "$1" != -- ]; do [ "$1" = --output ] && out=$2; shift; done
    shift
    "$@" || exit
    echo data > "$out"
    ;;
script) cat "$SAMPLES" ;;
esac
"#;
const FORBIDDEN: &str =
    "#!/bin/sh\necho 'No permission to enable cpu-clock event.' >&2\nexit 255\n";
const SAMPLES: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/src/explain/fixtures/perf-rust.txt"
);

/// The fake, as a row whose language is sampled by perf.
fn compiled(fake: &str) -> Checkout {
    let checkout = Checkout::new(fake);
    let manifest = checkout.root().join("frameworks/fake/framework.toml");
    let text = std::fs::read_to_string(&manifest).unwrap();
    let text = text.replace("language = \"python\"", "language = \"rust\"");
    std::fs::write(&manifest, text).unwrap();
    checkout
}

fn explain(checkout: &Checkout, perf: &str, row: &str, more: &[&str]) -> Output {
    let programs = checkout.root().join("programs");
    std::fs::create_dir_all(&programs).unwrap();
    let program = programs.join("perf");
    std::fs::write(&program, perf).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = std::env::var("PATH").unwrap();
    let path = format!("{}:{path}", programs.display());
    let mut arguments = vec!["explain", row, "--level", "2"];
    arguments.extend(more);
    let mut command = checkout.loopmark(&arguments);
    command.env("PATH", path).env("SAMPLES", SAMPLES);
    command.output().unwrap()
}

fn read(folder: &Path, name: &str) -> String {
    std::fs::read_to_string(folder.join(name)).unwrap()
}

#[test]
fn a_row_is_run_verified_and_its_samples_shared_out() {
    let checkout = compiled("right");
    let output = explain(&checkout, PERF, "fake", &["--runs", "4"]);
    let said = text(&output.stdout);
    assert_eq!(
        output.status.code(),
        Some(0),
        "{said}{}",
        text(&output.stderr)
    );
    assert!(said.contains("5 samples in "), "{said}");
    assert!(said.contains("yes, 4 of 4 runs"), "{said}");
    let folder = checkout.root().join(".loopmark/explain/fake");
    let mut names: Vec<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let expected = ["README.md", "buckets.csv", "flame.svg", "stacks.txt"];
    assert_eq!(names, expected, "what the sampler wrote is removed");
    let stacks = read(&folder, "stacks.txt");
    assert!(stacks.starts_with("fake "), "{stacks}");
    assert!(stacks.contains("(Rust, 4 runs);"), "{stacks}");
    let table = read(&folder, "buckets.csv");
    let wholes = table.lines().skip(1).filter_map(|line| {
        let cells: Vec<&str> = line.rsplit(',').collect();
        line.contains(",,")
            .then(|| cells[1].parse::<u64>().unwrap())
    });
    assert_eq!(wholes.sum::<u64>(), 5, "{table}");
    assert!(table.contains("event loop,epoll_wait,1,0.2000"), "{table}");

    // The files of two builds give their difference.
    let file = folder.join("stacks.txt").display().to_string();
    let sides = format!("{file},{file}");
    let both = checkout.root().join("both").display().to_string();
    let output = explain(&checkout, PERF, &sides, &["--out", &both]);
    let said = text(&output.stdout);
    assert_eq!(
        output.status.code(),
        Some(0),
        "{said}{}",
        text(&output.stderr)
    );
    assert!(said.contains("+0.0"), "{said}");
    assert!(read(Path::new(&both), "difference/README.md").contains(" after fake "));
}

#[test]
fn runs_that_do_not_do_the_work_are_not_explained() {
    let checkout = compiled("wrong-answer");
    let output = explain(&checkout, PERF, "fake", &["--runs", "4"]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    let folder = checkout.root().join(".loopmark/explain/fake");
    assert!(!folder.join("stacks.txt").exists());
}

#[test]
fn what_a_machine_does_not_allow_is_one_sentence_with_the_remedy() {
    let checkout = compiled("right");
    let output = explain(&checkout, FORBIDDEN, "fake", &[]);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{said}");
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines.len(), 1, "{said}");
    assert!(lines[0].starts_with("loopmark: "), "{said}");
    assert!(
        said.contains("sysctl kernel.perf_event_paranoid=2") || said.contains("--cap-add=PERFMON"),
        "{said}"
    );
}

#[test]
fn arguments_that_name_nothing_are_refused() {
    let checkout = compiled("right");
    for (row, word) in [
        ("nothing", "no row is named `nothing`"),
        ("fake,fake,fake", "one row, or two"),
    ] {
        let output = explain(&checkout, PERF, row, &[]);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(word), "{said}");
    }
    let foreign = checkout.root().join("foreign.txt");
    std::fs::write(&foreign, "main;run 3\n").unwrap();
    let output = explain(&checkout, PERF, &foreign.display().to_string(), &[]);
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
}
