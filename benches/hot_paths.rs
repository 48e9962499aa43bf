//! The harness's own hot paths: building a reply, reading a ledger, judging a batch, percentiles.
#![allow(clippy::expect_used, reason = "a bench that can't be set up must end")]

use std::hint::black_box;
use std::path::Path;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use loopmark::judge::{Declared, verify};
use loopmark::mock::{self, Entry, Ledger, Responder};
use loopmark::scenario::Scenario;
use loopmark::stats;
use loopmark_protocol::{Api, Arrival, Sample, digest};

const RUNS: u64 = 1000;

fn seed() -> Scenario {
    let path = Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../scenarios/seed.toml"
    ));
    Scenario::load(path).expect("the seed scenario")
}

/// The mock's reply path without its sockets: from a request's body to the reply's bytes.
fn replies(criterion: &mut Criterion) {
    let scenario = seed();
    let responder = Responder::new(scenario.clone());
    let mut group = criterion.benchmark_group("mock");
    for (api, is_streamed) in [
        (Api::ChatCompletions, false),
        (Api::ChatCompletions, true),
        (Api::Responses, false),
        (Api::Responses, true),
    ] {
        let kind = if is_streamed { "streamed" } else { "plain" };
        let of_one_run = mock::of_run(&scenario, api, 17, is_streamed);
        for (turn, request) in of_one_run.iter().enumerate() {
            let answer = responder.respond(api, request).expect("a right request");
            assert_eq!((answer.turn as usize, answer.problem), (turn, None));
        }
        let last = of_one_run.last().expect("a last turn");
        group.throughput(Throughput::Elements(1));
        group.bench_function(format!("last turn, {api}, {kind}"), |bencher| {
            bencher.iter(|| responder.respond(api, black_box(last)));
        });
        // Every run is new to the mock.
        let first: Vec<Vec<u8>> = (0..2 * RUNS)
            .map(|run| mock::of_run(&scenario, api, run, is_streamed).swap_remove(0))
            .collect();
        let mut next = first.iter().cycle();
        group.bench_function(
            format!("first turn of a new run, {api}, {kind}"),
            |bencher| {
                bencher.iter(|| responder.respond(api, black_box(next.next().expect("a cycle"))));
            },
        );
    }
    group.finish();
    criterion.bench_function("scenario/script of a run", |bencher| {
        let mut run = 0;
        bencher.iter(|| {
            run += 1;
            scenario.script(black_box(run))
        });
    });
}

/// A flawless batch: its samples and its ledger.
fn batch(scenario: &Scenario) -> (Vec<Sample>, Vec<Entry>) {
    let mut samples = Vec::new();
    let mut ledger = Vec::new();
    for run in 0..RUNS {
        let start_ns = 1_000_000_000 + run * 1000;
        for turn in 0..4 {
            let read_ns = start_ns + 1000 + u64::from(turn) * 501_000_000;
            ledger.push(Entry {
                run: Some(run),
                turn: Some(turn),
                api: Some(Api::ChatCompletions),
                connection: run as u32,
                status: Some(200),
                first_byte_ns: read_ns,
                read_ns: Some(read_ns),
                due_ns: Some(read_ns + 500_000_000),
                first_write_ns: Some(read_ns + 500_100_000),
                last_write_ns: Some(read_ns + 500_100_000),
                request_body_bytes: 2000,
                ..Entry::default()
            });
        }
        samples.push(Sample {
            batch: 1,
            run,
            start_ns,
            end_ns: start_ns + 2_100_000_000,
            first_text_ns: None,
            answer: None,
            answer_crc32: Some(digest(&scenario.script(run).answer)),
            error: None,
            cancelled: false,
        });
    }
    (samples, ledger)
}

/// As every entry of [`batch`] is.
const DECLARED: Declared<'static> = Declared {
    api: Api::ChatCompletions,
    leaves_out: &[],
    adds_to: &[],
};

fn records(criterion: &mut Criterion) {
    let scenario = seed();
    let (samples, ledger) = batch(&scenario);
    let lines: Vec<String> = ledger
        .iter()
        .map(|entry| serde_json::to_string(entry).expect("an entry"))
        .collect();
    let mut group = criterion.benchmark_group("ledger");
    group.throughput(Throughput::Elements(RUNS));
    group.bench_function("judge 1,000 runs", |bencher| {
        bencher.iter(|| {
            let (_, counts) = verify(
                0,
                &scenario,
                DECLARED,
                Arrival::Closed,
                &samples,
                &ledger,
                &(0..u64::MAX),
            );
            assert_eq!(counts.verified as u64, RUNS);
        });
    });
    group.throughput(Throughput::Elements(ledger.len() as u64));
    group.bench_function("record and drain 4,000 entries", |bencher| {
        let mut kept = Ledger::with_capacity(ledger.len());
        bencher.iter_batched(
            || ledger.clone(),
            |entries| {
                entries.into_iter().for_each(|entry| kept.push(entry));
                kept.drain()
            },
            BatchSize::LargeInput,
        );
    });
    group.bench_function("write 4,000 entries", |bencher| {
        bencher.iter(|| {
            ledger
                .iter()
                .filter_map(|entry| serde_json::to_string(entry).ok())
                .map(|line| line.len())
                .sum::<usize>()
        });
    });
    group.bench_function("read 4,000 entries", |bencher| {
        bencher.iter(|| {
            lines
                .iter()
                .filter_map(|line| serde_json::from_str::<Entry>(line).ok())
                .count()
        });
    });
    group.finish();
}

fn percentiles(criterion: &mut Criterion) {
    let mut state = 1u64;
    let values: Vec<f64> = (0..100_000)
        .map(|_| {
            state = state
                .wrapping_mul(6364136223846793005)
                .wrapping_add(1442695040888963407);
            (state >> 33) as f64
        })
        .collect();
    criterion.bench_function("stats/p95 of 100,000 values", |bencher| {
        bencher.iter_batched(
            || values.clone(),
            |values| stats::quantile_of(values, 0.95),
            BatchSize::LargeInput,
        );
    });
    let processes: Vec<Vec<f64>> = values.chunks(50).take(5).map(<[f64]>::to_vec).collect();
    criterion.bench_function("stats/interval over 5 × 50 runs", |bencher| {
        bencher.iter(|| stats::interval(black_box(&processes), 0.95, 7));
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(30)
        .warm_up_time(std::time::Duration::from_millis(500))
        .measurement_time(std::time::Duration::from_secs(2));
    targets = replies, records, percentiles
}
criterion_main!(benches);
