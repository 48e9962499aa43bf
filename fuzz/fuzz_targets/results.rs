//! The files of a results folder: they are refused with file and line, or summed up. The input is run.json,
//! trials.jsonl and samples.csv, with a line of `---` between them.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use loopmark::record::{Recorded, RunReader, info_from, lines_from};
use loopmark::report::Report;

fuzz_target!(|bytes: &[u8]| {
    let mut parts = split(bytes, b"\n---\n").into_iter();
    let mut part = || parts.next().unwrap_or_default();
    let path = Path::new("results/fuzzed");
    let (info, trials, samples) = (part(), part(), part());
    let Ok((trials, end)) = lines_from(trials, path) else {
        return;
    };
    assert!(end as usize <= bytes.len());
    let Ok(runs) = RunReader::new(samples, path, &trials).collect::<Result<Vec<_>, _>>() else {
        return;
    };
    let Ok(info) = info_from(info, path) else {
        return;
    };
    let recorded = Recorded {
        info,
        trials,
        runs: runs.iter().collect(),
        probes: Vec::new(),
    };
    let _page = Report::of(recorded, None).map(|report| report.page(&[]));
});

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
