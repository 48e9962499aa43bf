//! The harness's own hot paths: building a reply, reading a ledger, judging a batch, percentiles.
#![allow(clippy::expect_used, reason = "a bench that can't be set up must end")]

use std::hint::black_box;
use std::path::Path;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use loopmark::mock::{Entry, Reply, Responder};
use loopmark::scenario::Scenario;
use loopmark::stats;
use loopmark::trial::verify;
use loopmark_protocol::{Api, Arrival, Sample, digest};
use serde_json::{Value, json};

const RUNS: u64 = 1000;

fn seed() -> Scenario {
    let path = Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../scenarios/seed.toml"
    ));
    Scenario::load(path).expect("the seed scenario")
}

/// The last request of a run, with the whole conversation in it: the longest one.
fn last_request(scenario: &Scenario, responder: &Responder, run: u64) -> Vec<u8> {
    let task = scenario.task();
    let tools: Vec<Value> = task
        .tools
        .iter()
        .map(|tool| json!({"type": "function", "function": tool}))
        .collect();
    let mut messages = vec![json!({"role": "user", "content": task.prompt_for(run)})];
    let script = scenario.script(run);
    loop {
        let request = json!({"model": scenario.model, "messages": messages, "tools": tools});
        let request = request.to_string().into_bytes();
        let answer = responder
            .respond(Api::ChatCompletions, &request)
            .expect("a right request");
        let turn = &script.turns[answer.turn as usize];
        assert_eq!(answer.problem, None);
        if turn.calls.is_empty() {
            return request;
        }
        let Reply::Whole(body) = &answer.reply else {
            panic!("a streamed reply")
        };
        let reply: Value = serde_json::from_slice(body).expect("a JSON reply");
        messages.push(reply["choices"][0]["message"].clone());
        let calls = reply["choices"][0]["message"]["tool_calls"]
            .as_array()
            .cloned();
        for (call, scripted) in calls.unwrap_or_default().iter().zip(&turn.calls) {
            let content = scripted.result.to_string();
            messages.push(json!({"role": "tool", "tool_call_id": call["id"], "content": content}));
        }
    }
}

fn replies(criterion: &mut Criterion) {
    let scenario = seed();
    let responder = Responder::new(scenario.clone());
    let request = last_request(&scenario, &responder, 17);
    let mut group = criterion.benchmark_group("mock");
    group.throughput(Throughput::Bytes(request.len() as u64));
    group.bench_function("reply to the last turn", |bencher| {
        bencher.iter(|| responder.respond(Api::ChatCompletions, black_box(&request)));
    });
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
                status: 200,
                first_byte_ns: read_ns,
                read_ns,
                due_ns: read_ns + 500_000_000,
                first_write_ns: read_ns + 500_100_000,
                last_write_ns: read_ns + 500_100_000,
                request_body_bytes: 2000,
                ..Entry::default()
            });
        }
        samples.push(Sample {
            batch: 1,
            run,
            start_ns,
            end_ns: start_ns + 2_100_000_000,
            answer: None,
            answer_crc32: Some(digest(&scenario.script(run).answer)),
            error: None,
            cancelled: false,
        });
    }
    (samples, ledger)
}

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
                Arrival::Closed,
                &samples,
                &ledger,
                &(0..u64::MAX),
            );
            assert_eq!(counts.verified as u64, RUNS);
        });
    });
    group.throughput(Throughput::Elements(ledger.len() as u64));
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
