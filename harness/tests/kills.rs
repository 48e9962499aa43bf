//! Harness, mock and runner are killed at random moments, again and again: no finished trial is lost, nobody is left
//! behind, and what comes out has the shape of a sweep that nobody disturbed.
//!
//! `LOOPMARK_KILLS` says how many kills there are at the least; `LOOPMARK_KILLS_SEED` gives other moments.
#![allow(clippy::unwrap_used, reason = "a test that can't go on must fail")]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use common::{Checkout, processes_with};
use loopmark::measurement::{Outcome, TrialRecord};
use loopmark::results::{read_info, read_trials};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

const KILLS: u32 = 200;
/// Trials of one sweep; sweeps follow one another until there were kills enough.
const TRIALS: u32 = 25;
/// Kills of one sweep; then it is left alone, so that a machine on which it comes to nothing between two kills ends too.
const MOST: u32 = 70;
/// Those who are to end have so long: a test that hangs ends, and one on a busy machine does not.
const PATIENCE: Duration = Duration::from_secs(600);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Victim {
    Harness,
    Mock,
    Runner,
}

#[test]
fn kills_at_random_moments_lose_no_finished_trial_and_leave_nobody_behind() {
    let number = |name: &str, default| match std::env::var(name) {
        Ok(text) => text.parse::<u32>().unwrap(),
        Err(_) => default,
    };
    let wanted = number("LOOPMARK_KILLS", KILLS);
    let mut random = fastrand::Rng::with_seed(u64::from(number("LOOPMARK_KILLS_SEED", 1)));
    let undisturbed = Checkout::quick();
    let mut sweep = Sweep::start(&undisturbed);
    let status = sweep.harness.wait().unwrap();
    assert_eq!(status.code(), Some(0));
    let wanted_shape = Shape::of(&undisturbed.results());
    assert_eq!(wanted_shape.runs.len(), TRIALS as usize);

    let mut kills = BTreeMap::new();
    let victims = [Victim::Harness, Victim::Mock, Victim::Runner];
    let lacks = |kills: &BTreeMap<Victim, u32>| {
        let few = |victim| kills.get(victim).copied().unwrap_or_default() < wanted / 10;
        kills.values().sum::<u32>() < wanted || victims.iter().any(few)
    };
    while lacks(&kills) {
        let checkout = Checkout::quick();
        disturb(&checkout, &mut random, &mut kills, wanted / 2);
        Shape::of(&checkout.results()).assert_like(&wanted_shape);
    }
    eprintln!("killed: {kills:?}");
}

/// One sweep, disturbed until it is complete. The harness is killed so often in all sweeps and no more: on a slow machine
/// it is rarely far enough to have a mock and a runner by its next end.
fn disturb(
    checkout: &Checkout,
    random: &mut fastrand::Rng,
    kills: &mut BTreeMap<Victim, u32>,
    most_of_harness: u32,
) {
    let mut sweep = Sweep::start(checkout);
    let mut on_disk = Vec::new();
    let mut left = MOST;
    loop {
        std::thread::sleep(Duration::from_micros(random.u64(0..120_000)));
        if let Some(status) = sweep.harness.try_wait().unwrap() {
            // Some trials failed, by our hand.
            assert!(matches!(status.code(), Some(0 | 1)), "{status}");
            sweep.assert_nobody_left();
            sweep.assert_kept(&mut on_disk);
            return;
        }
        if left == 0 {
            continue;
        }
        let victims = [
            Victim::Harness,
            Victim::Mock,
            Victim::Mock,
            Victim::Runner,
            Victim::Runner,
        ];
        let victim = victims[random.usize(0..victims.len())];
        // Between two trials there is no mock and no runner, and before the first one nothing to go on with.
        let is_spared = victim == Victim::Harness
            && kills.get(&victim).copied().unwrap_or_default() >= most_of_harness;
        let is_dead = match victim {
            Victim::Harness => !is_spared && sweep.folder().is_some() && sweep.kill_harness(),
            Victim::Mock => sweep.child("mock").is_some_and(end),
            Victim::Runner => sweep.runner().is_some_and(end),
        };
        *kills.entry(victim).or_default() += u32::from(is_dead);
        left -= u32::from(is_dead);
        if is_dead && victim == Victim::Harness {
            sweep.assert_nobody_left();
            sweep.assert_kept(&mut on_disk);
            sweep.resume();
        }
    }
}

fn end(pid: i32) -> bool {
    kill(Pid::from_raw(pid), Signal::SIGKILL).is_ok()
}

/// Ids of the children of a process.
fn children(pid: i32) -> Vec<i32> {
    let children = loopmark::system::children(pid as u32).into_iter();
    children.map(|child| child as i32).collect()
}

/// A sweep under way.
struct Sweep<'a> {
    checkout: &'a Checkout,
    harness: Child,
}

impl<'a> Sweep<'a> {
    fn start(checkout: &'a Checkout) -> Sweep<'a> {
        let trials = TRIALS.to_string();
        let arguments = [
            "run",
            "--scenario",
            "short",
            "--table-only",
            "--table-repetitions",
            &trials,
            "--no-mock-check",
            "--seed",
            "5",
            "--network",
            "shared",
        ];
        let harness = Sweep::spawn(checkout, &arguments);
        Sweep { checkout, harness }
    }

    fn spawn(checkout: &Checkout, arguments: &[&str]) -> Child {
        let mut command = checkout.loopmark(arguments);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().unwrap()
    }

    fn resume(&mut self) {
        let folder = self.checkout.results();
        self.harness = Sweep::spawn(
            self.checkout,
            // A kill while namespaces are tried would end in another network than the record's.
            &[
                "run",
                "--resume",
                &folder.to_string_lossy(),
                "--network",
                "shared",
            ],
        );
    }

    fn pid(&self) -> i32 {
        self.harness.id() as i32
    }

    /// The results folder, once it holds a whole record.
    fn folder(&self) -> Option<PathBuf> {
        let entry = std::fs::read_dir(self.checkout.root().join("results"))
            .ok()?
            .next()?;
        let folder = entry.unwrap().path();
        folder.join("run.json").is_file().then_some(folder)
    }

    fn kill_harness(&mut self) -> bool {
        self.harness.kill().unwrap();
        self.harness.wait().unwrap().code().is_none()
    }

    /// The harness's child that was started with this subcommand.
    fn child(&self, subcommand: &str) -> Option<i32> {
        children(self.pid()).into_iter().find(|pid| {
            let words = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            words.split(|byte| *byte == 0).nth(1) == Some(subcommand.as_bytes())
        })
    }

    fn runner(&self) -> Option<i32> {
        children(self.child("supervise")?).into_iter().next()
    }

    /// Neither runners, nor what descends from them, nor a mock outlive the harness by more than a moment.
    fn assert_nobody_left(&self) {
        let root = self.checkout.root().to_string_lossy().into_owned();
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = processes_with(&root);
            if left.is_empty() {
                return;
            }
            assert!(Instant::now() < deadline, "left behind: {left:?}");
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Every whole line that was there is there still, byte for byte.
    fn assert_kept(&self, on_disk: &mut Vec<u8>) {
        let bytes = common::record_file(&self.checkout.results(), "trials.jsonl");
        assert!(
            bytes.starts_with(on_disk),
            "a finished trial is lost or was changed"
        );
        let end = bytes
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |at| at + 1);
        *on_disk = bytes[..end].to_vec();
    }
}

/// What two sweeps of one plan have in common.
#[derive(Debug)]
struct Shape {
    files: BTreeSet<String>,
    info: Value,
    planned: Vec<Value>,
    /// The keys of the trials that came to their end.
    trial: BTreeSet<String>,
    /// Of each of these, its runs.
    runs: BTreeMap<u32, Vec<u64>>,
}

impl Shape {
    fn of(folder: &Path) -> Shape {
        let files = std::fs::read_dir(folder).unwrap();
        let files = files.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let info = read_info(folder).unwrap();
        assert!(info.complete && info.finished_at.is_some());
        let trials = read_trials(folder).unwrap();
        let mut runs = BTreeMap::<u32, Vec<u64>>::new();
        for run in common::runs(folder) {
            runs.entry(run.trial).or_default().push(run.run);
        }
        let has_ended = |trial: &&TrialRecord| trial.outcome == Outcome::Completed;
        for failed in trials.iter().filter(|trial| !has_ended(trial)) {
            assert!(!runs.contains_key(&failed.planned.trial), "{failed:?}");
        }
        let whole = trials
            .iter()
            .filter(has_ended)
            .filter(|trial| trial.runs.verified == 3);
        let planned = trials
            .iter()
            .map(|trial| serde_json::to_value(&trial.planned).unwrap());
        Shape {
            files: files.collect(),
            info: keys(serde_json::to_value(&info).unwrap()),
            planned: planned.collect(),
            trial: whole
                .map(|trial| keys(serde_json::to_value(trial).unwrap()).to_string())
                .collect(),
            runs,
        }
    }

    fn assert_like(&self, other: &Shape) {
        assert_eq!(self.files, other.files);
        assert_eq!(self.info, other.info);
        assert_eq!(
            self.planned, other.planned,
            "trials are missing, doubled or in another order"
        );
        assert!(
            self.trial.is_subset(&other.trial),
            "{:?} {:?}",
            self.trial,
            other.trial
        );
        for (trial, runs) in &self.runs {
            assert_eq!(runs, &other.runs[trial], "trial {trial}");
        }
    }
}

/// A value's keys, with kinds for values; of a list nothing but that it is one.
fn keys(value: Value) -> Value {
    match value {
        Value::Object(map) => map
            .into_iter()
            .map(|(key, value)| (key, keys(value)))
            .collect(),
        Value::Array(_) => "list".into(),
        Value::Null => Value::Null,
        Value::Bool(_) => "bool".into(),
        Value::Number(_) => "number".into(),
        Value::String(_) => "text".into(),
    }
}
