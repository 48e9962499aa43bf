use serde_json::json;

use super::*;
use crate::calibrate::notes::Asked;
use crate::measurement::Phases;
use crate::stats::Lateness;

const MS: u64 = 1_000_000;
/// A machine that has been up for a while.
const UP: u64 = 1_000_000 * MS;

fn edge(at_ms: u64, cpu_ms: u64) -> Edge {
    Edge {
        at_ns: UP + at_ms * MS,
        cpu_ns: cpu_ms * MS,
    }
}

fn asked(sending_ms: u64, read_ms: u64) -> Asked {
    Asked {
        sending_ns: UP + sending_ms * MS,
        read_ns: UP + read_ms * MS,
        parts_ns: Vec::new(),
    }
}

fn phase(wall_s: f64, cpu_s: f64) -> Phase {
    Phase {
        wall_s,
        cpu_s,
        rss_bytes: 0,
        peak_rss_bytes: None,
        ..Phase::default()
    }
}

fn entry(turn: u32, read_ms: u64, late_us: u64) -> Entry {
    let read_ns = UP + read_ms * MS;
    let due_ns = read_ns + 10 * MS;
    Entry {
        run: Some(7),
        turn: Some(turn),
        first_byte_ns: read_ns,
        read_ns: Some(read_ns),
        due_ns: Some(due_ns),
        first_write_ns: Some(due_ns + late_us * 1000),
        last_write_ns: Some(due_ns + late_us * 1000),
        ..Entry::default()
    }
}

fn build_of(observed: &mut Observed) -> &mut Phase {
    observed.figures.phases.build.as_mut().unwrap()
}

fn figures(phases: Phases) -> Figures {
    Figures {
        cpu_s: 0.030,
        cpu_user_s: 0.020,
        cpu_system_s: 0.010,
        peak_rss_bytes: 69 << 20,
        phases,
        ..Figures::default()
    }
}

/// One run of two turns: the first is asked at 31 ms and read at 42, the second at 48 and 60. The mock read the requests
/// at 31 and 49 ms and was 0.4 and 0.6 ms late.
fn observed() -> Observed {
    let phases = Phases {
        start_up: Phase {
            rss_bytes: 4 << 20,
            ..phase(0.025, 0.005)
        },
        imports: Some(phase(0.010, 0.002)),
        build: Some(phase(0.015, 0.003)),
        first_run: None,
        warm_up: None,
        recovery: None,
        measured: phase(0.040, 0.020),
    };
    let run = json!({
        "trial": 0, "run": 7, "start_ms": 0.0, "latency_ms": 30.0, "hold_ms": 21.0, "overhead_ms": 9.0, "gaps_us": "7600",
        "llm_calls": 2, "request_body_bytes": 0, "verified": true, "reason": "",
    });
    Observed {
        notes: Notes {
            started_ns: UP + 2 * MS,
            edges: vec![
                edge(9, 2),
                edge(11, 3),
                edge(24, 5),
                edge(27, 6),
                edge(66, 25),
                edge(69, 26),
            ],
            turns: [(7, vec![asked(31, 42), asked(48, 60)])].into(),
            left: Vec::new(),
            held_bytes: 64 << 20,
            cpu_s: 0.027,
            ..Notes::default()
        },
        figures: figures(phases),
        runs: vec![serde_json::from_value(run).unwrap()],
        ledger: vec![entry(0, 31, 400), entry(1, 49, 600)],
        hold_ns: 10 * MS,
        interval_ns: 5 * MS,
        before_ns: UP,
    }
}

#[test]
fn every_figure_is_the_runners_note_beside_the_harness_figure() {
    let observed = observed();
    let pair = |truth, measured| Pair { truth, measured };
    // Read at 42 ms, asked at 48; the mock's stamps are 41.4 and 49.
    assert_eq!(observed.gaps(), [pair(6000.0, 7600.0)]);
    assert_eq!(
        observed.holds(),
        [pair(10_000.0, 10_400.0), pair(10_000.0, 10_600.0)]
    );
    assert_eq!(observed.start_up(), Some(pair(22.0, 25.0)));
    assert_eq!(observed.cpu(), pair(27.0, 30.0));
    assert_eq!(observed.batch_cpu(), Some(pair(19.0, 20.0)));
    assert_eq!(observed.memory(), pair(65_536.0, 66_560.0));
    assert_eq!(observed.disconnects().1, Disconnects::default());
    assert_eq!(observed.impossible(), Vec::<String>::new());
}

#[test]
fn a_client_that_left_is_found_by_run_and_turn_and_one_that_was_not_seen_is_missing() {
    let mut observed = observed();
    let left = |turn| Left {
        run: 7,
        turn,
        sending_ns: UP + 20 * MS,
        left_ns: UP + 25 * MS,
    };
    let of_the_warm_up = Left { run: 6, ..left(0) };
    observed.notes.left = vec![of_the_warm_up, left(0), left(1)];
    observed.ledger.push(Entry {
        aborted: true,
        gone_ns: Some(UP + 25 * MS + 300_000),
        first_write_ns: None,
        last_write_ns: None,
        ..entry(1, 20, 0)
    });
    let (pairs, count) = observed.disconnects();
    let waited = Pair {
        truth: 5000.0,
        measured: 5300.0,
    };
    assert_eq!(pairs, [waited]);
    assert_eq!(count, Disconnects { left: 2, seen: 1 });
    assert_eq!(
        observed.holds().len(),
        2,
        "what was not answered was not held"
    );
    assert_eq!(observed.impossible(), Vec::<String>::new());
    observed.ledger[2].gone_ns = Some(UP + 24 * MS);
    let found = observed.impossible();
    assert_eq!(
        found,
        ["measured that a client hung up 1000 µs before it did"]
    );
}

/// What is said of an observation with one thing wrong.
fn said(spoil: fn(&mut Observed)) -> String {
    let mut observed = observed();
    spoil(&mut observed);
    let found = observed.impossible();
    assert_eq!(found.len(), 1, "{found:?}");
    found.into_iter().next().unwrap()
}

#[test]
fn what_contradicts_cause_and_effect_is_said() {
    let cpu = said(|observed| observed.figures.cpu_s = 0.026);
    assert_eq!(
        cpu,
        "measured 26.000 ms of CPU time, but at least 27.000 were used"
    );
    let early = said(|observed| observed.figures.phases.start_up.wall_s = 0.021);
    assert!(
        early.starts_with("measured ready after 0.021 s, but it took from 0.022 to 0.027"),
        "{early}"
    );
    let late = said(|observed| observed.figures.phases.start_up.wall_s = 0.028);
    assert!(late.starts_with("measured ready after 0.028 s"), "{late}");
    // The build lies from 11 to 24 ms inside, from 9 to 27 outside.
    let build = "which contradicts the runner's stamps";
    let short = said(|observed| build_of(observed).wall_s = 0.012);
    assert!(
        short.starts_with("measured 0.012 s in the phase Build") && short.ends_with(build),
        "{short}"
    );
    let long = said(|observed| build_of(observed).wall_s = 0.019);
    assert!(
        long.starts_with("measured 0.019 s in the phase Build"),
        "{long}"
    );
    let busy = said(|observed| build_of(observed).cpu_s = 0.0045);
    assert!(
        busy.starts_with("measured 0.0045 s of CPU time in the phase Build"),
        "{busy}"
    );
    // From the first request at 31 ms to the second reply at 60 there are two holds of 10 ms: a gap of 9 fits.
    let gap = said(|observed| observed.runs[0].gaps_us = "9100".to_owned());
    assert_eq!(gap, "measured a gap of 9100 µs, but it can't exceed 9000");
    let sum = said(|observed| observed.runs[0].hold_ms = 17.0);
    assert_eq!(
        sum,
        "measured holds and gaps of 24600 µs, but they took at least 26000"
    );
}

#[test]
fn a_slow_machine_is_possible() {
    let mut slow = observed();
    // The last stamps come seconds later, and the kernel takes its time to end the process.
    slow.notes.edges[5] = edge(9000, 26);
    slow.figures.cpu_s = 0.9;
    slow.runs[0].gaps_us = "9000".to_owned();
    slow.runs[0].hold_ms = 400.0;
    assert_eq!(slow.impossible(), Vec::<String>::new());
}

#[test]
fn each_part_of_a_stream_is_due_an_interval_after_the_one_before() {
    let mut observed = observed();
    let turns = observed.notes.turns.get_mut(&7).unwrap();
    // The first turn's request is read at 31 ms and its reply due at 41, 46 and 51.
    turns[0].parts_ns = [41_200, 46_000, 53_500].map(|us| UP + us * 1000).to_vec();
    let pair = |truth, measured| Pair { truth, measured };
    assert_eq!(
        observed.stream_parts(),
        [
            pair(10_000.0, 10_200.0),
            pair(15_000.0, 15_000.0),
            pair(20_000.0, 22_500.0)
        ]
    );
    assert_eq!(observed.impossible(), Vec::<String>::new());
    observed.notes.turns.get_mut(&7).unwrap()[0].parts_ns[1] -= 1000;
    let [found] = &observed.impossible()[..] else {
        panic!("{:?}", observed.impossible())
    };
    assert_eq!(found, "a part of a stream came 1 µs before it was due");
}

#[test]
fn a_heartbeat_lags_by_all_of_a_block_but_its_period_at_least() {
    let mut observed = observed();
    observed.notes.longest_block_ns = 52 * MS;
    let mut lag = |us: f64| {
        observed.figures.heartbeat = Some(Lateness {
            count: 2,
            p50_us: 90.0,
            max_us: us,
            ..Lateness::default()
        });
        let impossible = observed.impossible();
        (observed.blocked_heartbeat().unwrap(), impossible)
    };
    let (pair, impossible) = lag(42_000.0);
    assert_eq!((pair.truth, pair.measured), (52.0, 42.0));
    assert_eq!(impossible, Vec::<String>::new());
    let (_, impossible) = lag(41_000.0);
    assert!(
        impossible[0].contains("its loop was blocked for 52.000"),
        "{impossible:?}"
    );
    let idle = observed.heartbeat().unwrap();
    assert_eq!((idle.truth, idle.measured), (0.0, 90.0));
}

#[test]
fn memory_that_grows_is_known_per_run_and_unknown_from_too_few_points() {
    let mut observed = observed();
    observed.notes.kept_bytes_per_run = 256 << 10;
    assert_eq!(observed.memory_growth(), None);
    observed.figures.rss_slope_bytes = Some(262_144.0 + 2048.0);
    let growth = observed.memory_growth().unwrap();
    assert_eq!((growth.truth, growth.measured), (256.0, 258.0));
}
