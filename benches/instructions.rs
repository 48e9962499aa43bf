//! How many instructions the mock's responder executes per request: `cargo bench --bench instructions`.
//!
//! callgrind counts them through gungraun, so the counts are the same on every machine, even a busy one. A count above
//! its budget fails. The bench needs Valgrind and `gungraun-runner` of the library's version:
//! `cargo install --locked --version 0.20.0 gungraun-runner`.
#![allow(clippy::expect_used, reason = "a bench that can't be set up must end")]
#![allow(missing_docs, reason = "gungraun's macros write items without")]

use std::hint::black_box;
use std::path::Path;

use gungraun::{
    Callgrind, CallgrindMetrics, EventKind, LibraryBenchmarkConfig, library_benchmark,
    library_benchmark_group, main,
};
use loopmark::mock::{self, Answer, Responder};
use loopmark::scenario::Scenario;
use loopmark_protocol::Api;

/// Runs of seed, each new to the responder, with four requests per run.
const RUNS: u64 = 256;
const REQUESTS: u64 = RUNS * 4;

/// A responder that other runs have warmed up, and the requests of whole runs in order.
struct Work {
    responder: Responder,
    api: Api,
    requests: Vec<Vec<u8>>,
}

fn work(api: Api, is_streamed: bool) -> Work {
    let scenario = Scenario::load(Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../scenarios/seed.toml"
    )))
    .expect("the seed scenario");
    let responder = Responder::new(scenario.clone());
    let of_runs = |runs: std::ops::Range<u64>| {
        runs.flat_map(|run| mock::of_run(&scenario, api, run, is_streamed))
            .collect::<Vec<_>>()
    };
    for request in of_runs(RUNS..RUNS + 8) {
        answered(&responder, api, &request);
    }
    let requests = of_runs(0..RUNS);
    assert_eq!(requests.len() as u64, REQUESTS);
    Work {
        responder,
        api,
        requests,
    }
}

fn answered(responder: &Responder, api: Api, request: &[u8]) -> Answer {
    let answer = responder.respond(api, request).expect("a right request");
    assert_eq!(answer.problem, None);
    answer
}

/// The budget is of instructions per request.
fn at_most(budget: u64) -> LibraryBenchmarkConfig {
    let mut config = LibraryBenchmarkConfig::default();
    let mut callgrind = Callgrind::with_args(["--cache-sim=no"]);
    callgrind
        .format([CallgrindMetrics::SingleEvent(EventKind::Ir)])
        .hard_limits([(EventKind::Ir, budget * REQUESTS)]);
    config.tool(callgrind);
    config
}

#[library_benchmark]
#[bench::chat_plain(args = (Api::ChatCompletions, false), setup = work, config = at_most(25_000))]
#[bench::chat_streamed(args = (Api::ChatCompletions, true), setup = work, config = at_most(40_000))]
#[bench::responses_plain(args = (Api::Responses, false), setup = work, config = at_most(27_000))]
#[bench::responses_streamed(args = (Api::Responses, true), setup = work, config = at_most(48_000))]
fn respond(work: Work) -> Work {
    for request in &work.requests {
        black_box(answered(&work.responder, work.api, black_box(request)));
    }
    // Dropping it is not counted.
    work
}

library_benchmark_group!(name = responder, benchmarks = respond);
main!(library_benchmark_groups = responder);
