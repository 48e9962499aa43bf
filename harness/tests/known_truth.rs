//! A runner whose behaviour is known: the harness must report it.
#![allow(clippy::unwrap_used, reason = "a test that can't go on must fail")]

mod common;

use std::collections::BTreeMap;
use std::time::Duration;

use common::{Checkout, Edges, text};
use loopmark::framework::Framework;
use loopmark::layout::Layout;
use loopmark::measurement::{Figures, Network, Phase, TrialRecord};
use loopmark::plan::{CellKey, PlannedTrial, RowKey};
use loopmark::scenario::Scenario;
use loopmark::trial::Bench;
use loopmark_protocol::{Answers, Arrival, monotonic_ns};

fn trial_of(fake: &str) -> (Checkout, TrialRecord, Figures) {
    let checkout = Checkout::new(fake);
    let output = checkout.run_table();
    assert_eq!(
        output.status.code(),
        Some(0),
        "{fake}: {}",
        text(&output.stderr)
    );
    let trial = checkout.trials().remove(0);
    let figures = trial.figures.clone().unwrap();
    (checkout, trial, figures)
}

/// A fake that burns a second of CPU time somewhere. What its processes noted of themselves, as the last thing they did,
/// is all in the trial's CPU time, and once: what comes after the notes is the end of a process. How close the two come
/// is for `loopmark calibrate` to say of a machine.
fn assert_cpu(fake: &str, noted: &[&str]) -> (Checkout, Figures) {
    let before = monotonic_ns();
    let (checkout, _, figures) = trial_of(fake);
    let notes = noted
        .iter()
        .map(|note| checkout.diary(note).parse::<f64>().unwrap());
    let truth: f64 = notes.sum();
    assert!(truth > 1.0, "{fake} burnt only {truth} s");
    let reported = figures.cpu_s;
    assert!(
        // The kernel's sums are in whole µs.
        (truth - 1e-5..truth * 1.5).contains(&reported),
        "{fake}: {reported} s reported, {truth} s burnt"
    );
    assert!((figures.cpu_user_s + figures.cpu_system_s - reported).abs() < 1e-6);
    Edges::of(&checkout).assert_around(&figures.phases, before);
    (checkout, figures)
}

#[test]
fn cpu_in_the_process_is_counted_once() {
    let (_, figures) = assert_cpu("burn-process", &["cpu-s"]);
    assert!(figures.phases.measured.cpu_s >= 1.0, "{figures:?}");
}

#[test]
fn cpu_in_a_thread_is_counted_once() {
    let (_, figures) = assert_cpu("burn-thread", &["cpu-s"]);
    assert!(figures.phases.measured.cpu_s >= 1.0, "{figures:?}");
}

/// The batch's own figure is of the runner's process alone, and says so: it lies within that process's own notes, as
/// every phase does, so that the child's second can't be in it.
fn assert_second_of_another(checkout: &Checkout, figures: &Figures) {
    let own: f64 = checkout.diary("own-cpu-s").parse().unwrap();
    assert!(figures.phases.measured.cpu_s <= own, "{figures:?}");
    assert!(figures.cpu_s >= own + 1.0, "{own} {figures:?}");
}

#[test]
fn cpu_in_a_child_is_counted_once() {
    let (checkout, figures) = assert_cpu("burn-child", &["cpu-s"]);
    assert_second_of_another(&checkout, &figures);
}

#[test]
fn cpu_in_a_grandchild_that_nobody_waits_for_is_counted_once() {
    let (checkout, figures) = assert_cpu("burn-grandchild", &["cpu-s", "grandchild-cpu-s"]);
    assert_second_of_another(&checkout, &figures);
}

#[test]
fn peak_rss_is_the_kernels_high_water_mark_exactly_and_what_was_held_to_1_mib() {
    // 64 MiB are held and given back before the batch ends: a peak that later sampling could not see.
    let (checkout, _, figures) = trial_of("memory");
    let truth: u64 = checkout.diary("peak-rss-kib").parse().unwrap();
    assert_eq!(figures.peak_rss_bytes, truth * 1024);
    let held = figures.peak_rss_bytes - figures.phases.start_up.rss_bytes;
    assert!(
        held.abs_diff(64 << 20) <= 1 << 20,
        "{held} held: {figures:?}"
    );
    assert!(figures.peak_rss_bytes - figures.phases.measured.rss_bytes >= 60 << 20);
}

#[test]
fn peak_rss_does_not_inherit_the_harness_size() {
    // This test is the harness: it starts mock and runner itself, and is 300 MiB bigger than any runner.
    let ballast = vec![1u8; 300 << 20];
    let checkout = Checkout::new("right");
    let layout = Layout::find(checkout.root()).unwrap();
    let scenario_path = layout.scenario("seed");
    let bench = Bench {
        executable: env!("CARGO_BIN_EXE_loopmark").into(),
        scenario: Scenario::load(&scenario_path).unwrap(),
        scenario_path,
        latency: None,
        answers: Answers::Digest,
        ready_deadline: Duration::from_secs(600),
        batch_deadline: None,
        pinning: None,
        network: Network::Shared,
        layout,
    };
    let framework = Framework::load_all(&bench.layout).unwrap().remove(0);
    let planned = planned_trial(&framework);
    let (_sender, mut interrupted) = tokio::sync::watch::channel(false);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let trial = bench.run_trial(
        &framework,
        &framework.variants[0],
        &planned,
        1,
        &mut interrupted,
    );
    let (trial, _) = runtime.unwrap().block_on(trial);
    assert_eq!(trial.runs.verified, 4, "{:?}", trial.outcome);
    let own = loopmark::probe::memory(std::process::id()).unwrap();
    assert!(
        own.rss_bytes > 300 << 20,
        "the ballast of {} bytes is away",
        ballast.len()
    );
    let peak = trial.figures.unwrap().peak_rss_bytes;
    assert!(peak < 100 << 20, "{peak}");
    let truth: u64 = checkout.diary("peak-rss-kib").parse().unwrap();
    assert!(peak <= truth * 1024);
}

fn planned_trial(framework: &Framework) -> PlannedTrial {
    PlannedTrial {
        trial: 0,
        repetition: 0,
        cell: CellKey {
            row: RowKey::new(framework.name.clone(), framework.variants[0].name.clone()),
            api: framework.variants[0].api,
            scenario: "seed".to_owned(),
            case: None,
            level: 4,
            arrival: Arrival::Burst,
            aa_copy: false,
        },
        warm_up_runs: 0,
        measured_runs: 4,
    }
}

#[test]
fn a_slow_start_is_in_the_time_to_ready() {
    let before = monotonic_ns();
    let (checkout, _, figures) = trial_of("late");
    let edges = Edges::of(&checkout);
    edges.assert_around(&figures.phases, before);
    edges.assert_around_start_up(figures.phases.start_up.wall_s, before);
    let parts = [
        loopmark::plan::PhaseName::Imports,
        loopmark::plan::PhaseName::Build,
    ];
    let parts = parts.map(|name| *figures.phase(name).unwrap());
    let start_up = |of: fn(&Phase) -> f64| parts.iter().map(of).sum::<f64>();
    assert!(start_up(|phase| phase.wall_s) >= 0.7, "{figures:?}");
    assert!(figures.phases.start_up.wall_s >= 0.7, "{figures:?}");
    assert!((figures.phases.start_up.cpu_s - start_up(|phase| phase.cpu_s)).abs() < 1e-9);
}

/// When the fake began to send the request of each turn, and when it had read the reply, in ns.
type Turns = BTreeMap<u64, Vec<(u64, u64)>>;

/// The ledger has no clock of its own to be judged by, but cause and effect: a request is read after it began to be sent,
/// and a reply, which is read by the fake in the end, was held for 20 ms before.
#[test]
fn holds_and_gaps_lie_between_the_runners_own_stamps() {
    let checkout = Checkout::new("stamped");
    let once = ["--levels", "1", "--repetitions", "1"];
    checkout.run_levels(&[&once[..], &["--runs-per-worker", "10"]].concat());
    let turns: Turns = serde_json::from_str(&checkout.diary("turns-ns")).unwrap();
    let runs = common::runs(&checkout.results());
    assert_eq!(runs.len(), 10);
    for run in runs {
        let turns = &turns[&run.run];
        let gaps_us = run.gaps_us.split(';').map(|gap| gap.parse::<f64>());
        let gaps_us: Vec<f64> = gaps_us.map(Result::unwrap).collect();
        assert_eq!((gaps_us.len(), turns.len()), (3, 4));
        let us = |until: u64, since: u64| (until as f64 - since as f64) / 1e3;
        for (gap_us, pair) in gaps_us.iter().zip(turns.windows(2)) {
            let most = us(pair[1].1, pair[0].0) - 2.0 * HOLD_US;
            assert!(*gap_us <= most, "{gap_us} of {most} µs: {run:?}");
        }
        // From the first request's end at the mock to the last reply's beginning there are holds and gaps and nothing else.
        let (first, last) = (turns[0], turns[3]);
        let least = us(last.0, first.1) + 2.0 * HOLD_US;
        let sum = run.hold_ms * 1e3 + gaps_us.iter().sum::<f64>();
        // Each figure is rounded down to a whole µs.
        assert!(sum + 7.0 >= least, "{sum} of {least} µs: {run:?}");
        assert!(run.hold_ms >= 4.0 * HOLD_US / 1e3, "{run:?}");
        let latency_us = run.latency_ms * 1e3;
        assert!(latency_us >= us(last.1, first.0) - 1.0, "{run:?}");
        assert!((run.latency_ms - run.hold_ms - run.overhead_ms).abs() < 1e-6);
    }
}

/// What each turn of the checkout's scenario is held.
const HOLD_US: f64 = 20_000.0;

#[test]
fn a_connection_a_call_is_seen_as_such() {
    let (_checkout, _, figures) = trial_of("new-connections");
    assert_eq!(
        (figures.traffic.requests, figures.traffic.connections),
        (16, 16)
    );
}

#[test]
fn a_retry_is_seen_as_such() {
    // Each of four runs gives its second turn up and asks again. Its hold is so long that the mock, which has to be on the
    // processor to see that a client has gone, sees it before the reply is due.
    let checkout = Checkout::new("retry");
    let scenario = checkout.root().join("scenarios/seed.toml");
    let seed = std::fs::read_to_string(&scenario).unwrap();
    let second = seed.match_indices("[[turn]]\n").nth(1).unwrap().0;
    let (before, after) = seed.split_at(second + "[[turn]]\n".len());
    std::fs::write(&scenario, format!("{before}latency-ms = 3000\n{after}")).unwrap();
    let output = checkout.run_table();
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    let trial = checkout.trials().remove(0);
    let traffic = trial.figures.unwrap().traffic;
    assert_eq!((traffic.requests, traffic.repeated_turns), (20, Some(4)));
    assert_eq!(
        trial.runs.unverified.get("aborted"),
        Some(&4),
        "{:?}",
        trial.runs
    );
    assert!(
        common::runs(&checkout.results())
            .iter()
            .all(|run| run.llm_calls == 5)
    );
}

#[test]
fn requests_that_are_no_llm_calls_are_counted_apart_and_make_no_call_late() {
    // Two before the batch, and two in each of its four runs: a look at the models, and one that is refused.
    let (checkout, trial, figures) = trial_of("pings");
    let traffic = &figures.traffic;
    assert_eq!((traffic.requests, traffic.connections), (16, 4));
    assert_eq!(traffic.other_requests, Some(8));
    assert_eq!(traffic.repeated_turns, Some(0));
    assert_eq!(trial.runs.verified, 4);
    assert_eq!(figures.mock.count, 16);
    // A hold that began in the batch is not later than the batch is long.
    assert!(
        figures.mock.max_us < figures.phases.measured.wall_s * 1e6,
        "{:?}",
        figures.mock
    );
    let cell = checkout.first_cell();
    let is_right = cell.is_marked("other-requests") && !cell.is_marked("retries");
    assert!(is_right, "{:?}", cell.marks);
}

#[test]
fn a_runner_that_caps_itself_is_counted_exactly_and_marked() {
    assert_capped("serial", 1);
    assert_capped("pair", 2);
}

fn assert_capped(fake: &str, most: u32) {
    let (checkout, _, figures) = trial_of(fake);
    assert_eq!(figures.traffic.max_in_flight, most);
    assert_eq!(figures.traffic.repeated_turns, Some(0));
    let summary = checkout.first_cell();
    assert!(summary.is_marked("client-limited"), "{:?}", summary.marks);
}
