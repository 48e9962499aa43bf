//! What each target does with an input. Plain functions: the fuzzer calls them, and so does a test of the harness, on
//! the seeds and on a short random walk from them.

use std::cell::LazyCell;
use std::path::Path;

use loopmark::framework::Framework;
use loopmark::measurement::Runs;
use loopmark::mock::{Reply, Responder, of_run};
use loopmark::report::{Report, render};
use loopmark::results::{Recorded, RunReader, info_from, trials_from};
use loopmark::scenario::Scenario;
use loopmark::trial::{BatchSoFar, read_line};
use loopmark_protocol::{Answers, Api, Arrival, Batch};
use serde_json::Value;

/// A target.
pub type Target = fn(&[u8]);

/// Every target by its name, which is that of its seeds' folder too.
pub const ALL: [(&str, Target); 7] = [
    ("scenario", scenario),
    ("manifest", manifest),
    ("runner_line", runner_line),
    ("chat_request", chat_request),
    ("responses_request", responses_request),
    ("known_history", known_history),
    ("results", results),
];

/// The text of a scenario claims to be the seed, whose data file is real.
const SEED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../scenarios/seed.toml");
/// The text of a manifest claims to be rig's.
const MANIFEST: &str = "/rows/frameworks/rig/framework.toml";

thread_local! {
    static RESPONDER: LazyCell<Responder> = LazyCell::new(|| {
        Responder::new(Scenario::load(Path::new(SEED)).expect("the seed scenario"))
    });
}

/// A scenario file: it is refused with a sentence, or every run of it can be played.
pub fn scenario(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else {
        return;
    };
    match Scenario::from_text(Path::new(SEED), text.to_owned()) {
        Ok(scenario) => {
            for run in [0, 1, u64::MAX] {
                assert_eq!(
                    scenario.script(run).turns.len(),
                    scenario.case_of(run).turn_count()
                );
            }
            let _time = scenario.longest_run_time();
            assert!(scenario.prompt_for(7).contains('7'));
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// A row's manifest: it is refused with a sentence, or it names a program to run.
pub fn manifest(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else {
        return;
    };
    match Framework::from_text(Path::new(MANIFEST), text.to_owned()) {
        Ok(framework) => {
            assert_eq!(framework.name, "rig");
            assert!(!framework.run.argv.is_empty());
            assert!(framework.variant("default").is_some());
        }
        Err(error) => assert!(error.to_string().starts_with(MANIFEST)),
    }
}

/// What a runner writes to standard output, as the lines of a batch of four runs.
pub fn runner_line(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else {
        return;
    };
    let mut so_far = BatchSoFar::new(Batch {
        batch: 1,
        first_run: 0,
        runs: 4,
        level: 4,
        arrival: Arrival::Burst,
        answers: Answers::Digest,
        ramp_ms: 0,
        cancel_after_ms: None,
        heartbeat: false,
    });
    for line in text.lines() {
        match read_line(line).and_then(|line| so_far.take(line)) {
            Ok(false) => {}
            Ok(true) => {
                let samples = so_far.into_result().samples;
                assert_eq!(samples.len(), 4);
                assert!(samples.iter().all(|sample| sample.answer.is_none()));
                return;
            }
            Err(failure) => {
                assert!(!failure.reason.is_empty());
                return;
            }
        }
    }
}

/// The body of a request to the mock's Chat Completions API: it is refused as OpenAI would, or answered with JSON.
pub fn chat_request(body: &[u8]) {
    assert_answered(Api::ChatCompletions, body);
}

/// The body of a request to the mock's Responses API: it is refused as OpenAI would, or answered with JSON.
pub fn responses_request(body: &[u8]) {
    assert_answered(Api::Responses, body);
}

/// Has the seed's mock answer a request: whatever the body is, what comes back is whole.
fn assert_answered(api: Api, body: &[u8]) {
    RESPONDER.with(|responder| match responder.respond(api, body) {
        Ok(answer) => match answer.reply {
            Reply::Whole(body) => assert!(serde_json::from_slice::<Value>(&body).is_ok()),
            Reply::Moments(moments) => assert_events(&moments.concat()),
        },
        Err(fault) => {
            // What refers to a response or an item that nobody gave is not found.
            assert!([400, 404].contains(&fault.status), "{fault}");
            assert!(serde_json::from_slice::<Value>(&fault.body()).is_ok());
        }
    });
}

/// Every `data:` line of a stream is JSON, but for the mark of its end.
fn assert_events(stream: &[u8]) {
    let text = str::from_utf8(stream).expect("a stream is text");
    for data in text.lines().filter_map(|line| line.strip_prefix("data: ")) {
        assert!(data == "[DONE]" || serde_json::from_str::<Value>(data).is_ok());
    }
}

/// Edits of a right request whose history the mock knows: it answers as a mock does that checks every request whole.
///
/// The first byte chooses API, streaming and turn; each four after it are an edit.
pub fn known_history(bytes: &[u8]) {
    let Some((first, edits)) = bytes.split_first() else {
        return;
    };
    let (kind, turn) = (usize::from(first & 3), usize::from(first >> 2) % 4);
    KNOWN.with(|known| {
        let (fast, full, kinds) = &**known;
        let Some((api, own, other)) = kinds.get(kind) else {
            return;
        };
        // The run begins anew, and its turns before this one are known.
        for body in own.iter().take(turn) {
            assert_eq!(fast.respond(*api, body), full.check(*api, body));
        }
        let (Some(mut body), Some(other)) = (own.get(turn).cloned(), other.get(turn)) else {
            return;
        };
        for edit in edits.chunks_exact(4) {
            apply(edit, &mut body, other);
        }
        let answers = (fast.respond(*api, &body), full.check(*api, &body));
        assert_eq!(answers.0, answers.1);
    });
}

/// An API, and the requests of two runs of it.
type Kind = (Api, Vec<Vec<u8>>, Vec<Vec<u8>>);

thread_local! {
    /// A responder that knows every kind of client, one that only checks, and the kinds.
    static KNOWN: LazyCell<(Responder, Responder, Vec<Kind>)> = LazyCell::new(|| {
        let scenario = Scenario::load(Path::new(SEED)).expect("the seed scenario");
        let (fast, full) = (Responder::new(scenario.clone()), Responder::new(scenario.clone()));
        let kinds = [
            (Api::ChatCompletions, false),
            (Api::ChatCompletions, true),
            (Api::Responses, false),
            (Api::Responses, true),
        ];
        let kinds = kinds.map(|(api, is_streamed)| {
            let run = |run| of_run(&scenario, api, run, is_streamed);
            for body in [run(98), run(1234)].concat() {
                assert_eq!(fast.respond(api, &body), full.check(api, &body));
            }
            (api, run(8), run(9))
        });
        (fast, full, kinds.to_vec())
    });
}

/// One edit: where, two bytes; what, and with which byte or how many bytes.
fn apply(edit: &[u8], body: &mut Vec<u8>, other: &[u8]) {
    let &[high, low, what, with] = edit else {
        return;
    };
    if body.is_empty() {
        return;
    }
    let at = usize::from(u16::from_be_bytes([high, low])) % body.len();
    let end = (at + usize::from(with)).min(body.len());
    match what % 6 {
        0 => body[at] ^= with,
        1 => body[at] = with,
        2 => drop(body.drain(at..end)),
        3 => {
            let part = body[at..end].to_vec();
            body.splice(end..end, part);
        }
        // The other run's bytes in its place.
        4 => {
            let part = other.get(at..end.min(other.len())).unwrap_or_default();
            body.splice(at..end, part.iter().copied());
        }
        _ => {
            let part: Vec<u8> = body.drain(at..end).collect();
            let to = at * 7 % (body.len() + 1);
            body.splice(to..to, part);
        }
    }
}

/// The files of a results folder: they are refused with file and line, or summed up. The input is run.json,
/// trials.jsonl and, in format 1, samples.csv, with a line of `---` between them.
pub fn results(bytes: &[u8]) {
    let mut parts = split(bytes, b"\n---\n").into_iter();
    let mut part = || parts.next().unwrap_or_default();
    let path = Path::new("results/fuzzed");
    let (info, trials, samples) = (part(), part(), part());
    let Ok(info) = info_from(info, path) else {
        return;
    };
    let mut runs = Runs::default();
    let read = trials_from(trials, path, info.format, &mut |run| runs.push(&run));
    let Ok((trials, end)) = read else {
        return;
    };
    assert!(end as usize <= bytes.len());
    for run in RunReader::new(samples, path, &trials) {
        let Ok(run) = run else {
            return;
        };
        runs.push(&run);
    }
    let recorded = Recorded {
        info,
        trials,
        runs,
        probes: Vec::new(),
    };
    let _page = Report::of(recorded, None).map(|report| render(&report, &[]));
}

fn split<'a>(bytes: &'a [u8], mark: &[u8]) -> Vec<&'a [u8]> {
    let mut parts = Vec::new();
    let mut rest = bytes;
    while let Some(at) = rest.windows(mark.len()).position(|window| window == mark) {
        parts.push(&rest[..at]);
        rest = &rest[at + mark.len()..];
    }
    parts.push(rest);
    parts
}
