//! Every fuzz target on its seeds, and on a short random walk from them: what the fuzzer does for hours, for a second or
//! two. An input that was once a finding lies among the seeds.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that can't go on must fail"
)]

#[path = "../../fuzz/src/targets.rs"]
mod targets;

use std::path::{Path, PathBuf};

/// Steps from each seed; `LOOPMARK_FUZZ_STEPS` sets another number.
const STEPS: usize = 400;
/// The walk is the same each time, so that a failure comes again; `LOOPMARK_FUZZ_SEED` takes another one.
const WALK: u64 = 20_261_125;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The files of a folder, sorted; none if there is no such folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// The seeds of a target: its own, and the project's files of that kind.
fn seeds(target: &str) -> Vec<Vec<u8>> {
    let read = |path: PathBuf| std::fs::read(path).unwrap();
    let mut seeds: Vec<Vec<u8>> = files(&root().join("fuzz/seeds").join(target))
        .into_iter()
        .map(read)
        .collect();
    match target {
        "scenario" => {
            let mut scenarios = files(&root().join("scenarios"));
            scenarios.retain(|path| path.extension().is_some_and(|ending| ending == "toml"));
            seeds.extend(scenarios.into_iter().map(read));
        }
        "manifest" => {
            let rows = files(&root().join("frameworks"));
            let manifests = rows.into_iter().map(|row| row.join("framework.toml"));
            let texts = manifests.filter_map(|path| std::fs::read_to_string(path).ok());
            seeds.extend(texts.map(|text| named_rig(&text).into_bytes()));
        }
        "results" => {
            let golden = |name: &str| read(root().join(format!("harness/tests/golden/{name}")));
            let newest = ["sweep-run.json", "sweep-trials.jsonl"].map(golden);
            let format1 = ["run.json", "trials.jsonl", "samples.csv"];
            let format1 = format1.map(|name| golden(&format!("format1-{name}")));
            let mark = &b"\n---\n"[..];
            seeds.extend([newest.join(mark), format1.join(mark)]);
        }
        _ => {}
    }
    seeds
}

/// A manifest that claims to be rig's, as the target's path says.
fn named_rig(manifest: &str) -> String {
    let name = manifest.lines().find(|line| line.starts_with("name = "));
    manifest.replacen(name.unwrap_or_default(), "name = \"rig\"", 1)
}

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// One step away from an input: a byte flipped, set to one that means something, dropped, doubled, or a part moved.
fn step(input: &mut Vec<u8>, random: &mut fastrand::Rng) {
    const MEANINGFUL: &[u8] = b"\"\\{}[],:-0123456789eE.\n\r\t \0\x7f\xc3\xff";
    if input.is_empty() {
        input.push(b'{');
        return;
    }
    let at = random.usize(..input.len());
    let end = (at + random.usize(1..=32)).min(input.len());
    match random.u8(..6) {
        0 => input[at] ^= 1 << random.u8(..8),
        1 => input[at] = MEANINGFUL[random.usize(..MEANINGFUL.len())],
        2 => drop(input.drain(at..end)),
        3 => {
            let part = input[at..end].to_vec();
            let to = random.usize(..=input.len());
            input.splice(to..to, part);
        }
        4 => input.truncate(at),
        _ => {
            let part: Vec<u8> = input.drain(at..end).collect();
            let to = random.usize(..=input.len());
            input.splice(to..to, part);
        }
    }
}

/// What an input did to a target: its panic, with the input as text.
fn play(name: &str, target: targets::Target, input: &[u8]) {
    let played = std::panic::catch_unwind(|| target(input));
    assert!(
        played.is_ok(),
        "{name} does not hold for:\n{}",
        String::from_utf8_lossy(input)
    );
}

#[test]
fn every_target_holds_on_its_seeds_and_a_short_walk_from_them() {
    let steps = setting("LOOPMARK_FUZZ_STEPS").map_or(STEPS, |steps| steps as usize);
    let mut random = fastrand::Rng::with_seed(setting("LOOPMARK_FUZZ_SEED").unwrap_or(WALK));
    for (name, target) in targets::ALL {
        let seeds = seeds(name);
        assert!(!seeds.is_empty(), "{name} has no seeds");
        for seed in &seeds {
            play(name, target, seed);
            let mut input = seed.clone();
            for taken in 0..steps {
                // Far from a seed an input is refused by its first byte: the walk begins anew.
                if taken % 5 == 0 {
                    input.clone_from(seed);
                }
                step(&mut input, &mut random);
                play(name, target, &input);
            }
        }
    }
}

#[test]
fn a_seed_is_understood_and_not_just_refused() {
    let read = |name: &str| {
        seeds(name)
            .into_iter()
            .map(|seed| String::from_utf8(seed).unwrap())
    };
    for text in read("manifest") {
        let path = Path::new("/rows/frameworks/rig/framework.toml");
        loopmark::framework::Framework::from_text(path, text).unwrap();
    }
    for line in read("runner_line").flat_map(|text| {
        let lines = text.lines().map(str::to_owned);
        lines.collect::<Vec<_>>()
    }) {
        loopmark::trial::read_line(&line).unwrap();
    }
}
