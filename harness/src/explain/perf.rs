//! perf, for programs that are compiled: Rust and Go. By the processor's clock, since virtual machines lack counters.

use std::path::Path;
use std::process::Command;

use inferno::collapse::Collapse;
use inferno::collapse::perf::Folder;

use super::error::ExplainError;
use super::stacks::Stacks;

/// How perf finds a frame's caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chains {
    /// By the tables for unwinding, from a copy of the stack's innermost 24 KiB.
    Dwarf,
    /// By frame pointers, which Go always keeps.
    FramePointers,
}

const DATA: &str = "perf.data";
/// Without the period, which would be the weight of a sample.
const FIELDS: &str = "--fields=comm,pid,tid,time,event,ip,sym,dso";
const SETTING: &str = "/proc/sys/kernel/perf_event_paranoid";

impl Chains {
    pub(super) fn description(self) -> &'static str {
        match self {
            Chains::Dwarf => {
                "perf, 499 samples per CPU second, callers by DWARF from the innermost 24 KiB of the stack"
            }
            Chains::FramePointers => "perf, 499 samples per CPU second, callers by frame pointers",
        }
    }

    fn option(self) -> &'static str {
        match self {
            Chains::Dwarf => "--call-graph=dwarf,24576",
            Chains::FramePointers => "--call-graph=fp",
        }
    }
}

fn record(chains: Chains, data: &str) -> Vec<String> {
    let start = ["perf", "record", "--quiet", "--event=cpu-clock"];
    let start = start.into_iter().chain(["--freq=499", "--no-buildid"]);
    let rest = [chains.option(), "--output", data, "--"];
    start.chain(rest).map(str::to_owned).collect()
}

/// Tries perf on a program that does nothing.
///
/// # Errors
///
/// If perf is not here, or the system does not let it sample.
pub(super) fn require() -> Result<(), ExplainError> {
    let argv = record(Chains::FramePointers, "/dev/null");
    let (program, arguments) = argv.split_at(1);
    let tried = Command::new(&program[0])
        .args(arguments)
        .arg("true")
        .output();
    let sentence = match tried {
        Ok(output) if output.status.success() => return Ok(()),
        Ok(output) => not_allowed(
            std::fs::read_to_string(SETTING).unwrap_or_default().trim(),
            &String::from_utf8_lossy(&output.stderr),
        ),
        Err(_) => "perf, which samples programs in Rust and Go, is not here: install it \
                   (Debian: apt-get install linux-perf)"
            .to_owned(),
    };
    Err(ExplainError::Sampler(sentence))
}

fn not_allowed(paranoid: &str, said: &str) -> String {
    if paranoid.parse().is_ok_and(|level: i32| level > 2) {
        return format!(
            "the system does not let perf sample, since kernel.perf_event_paranoid is {paranoid}: \
             set it with `sysctl kernel.perf_event_paranoid=2` as root"
        );
    }
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    format!(
        "perf can't sample here, as in a container without the right to perf_event_open: allow it \
         (--cap-add=PERFMON), or use the machine itself; perf says: {said}"
    )
}

pub(super) fn wrap(chains: Chains, argv: &[String], folder: &Path) -> Vec<String> {
    let data = folder.join(DATA);
    [record(chains, &data.to_string_lossy()), argv.to_vec()].concat()
}

pub(super) fn stacks(folder: &Path) -> Result<Stacks, ExplainError> {
    let data = folder.join(DATA);
    let output = Command::new("perf")
        // Inlined functions would be looked up by a program that takes minutes.
        .args(["script", "--no-inline", "--force", FIELDS, "--input"])
        .arg(&data)
        .output()
        .map_err(ExplainError::io(&data))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(ExplainError::unclear(&data, format!("perf script: {said}")));
    }
    collapse(&output.stdout).map_err(|reason| ExplainError::unclear(&data, reason))
}

/// `perf script`'s text as stacks, without the thread's name.
pub(super) fn collapse(text: &[u8]) -> Result<Stacks, String> {
    let mut collapsed = Vec::new();
    Folder::default()
        .collapse(text, &mut collapsed)
        .map_err(|error| error.to_string())?;
    let stacks = Stacks::parse(&String::from_utf8_lossy(&collapsed))?;
    // Between fork and exec the process is still perf.
    let is_perf = |frames: &[String]| frames.first().is_some_and(|name| name.starts_with("perf"));
    let is_known = |frame: &&String| *frame != "[unknown]";
    let named = |frames: &[String]| frames[1..].iter().filter(is_known).cloned().collect();
    Ok(stacks.map(|frames| (!is_perf(frames)).then(|| named(frames))))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUST: &str = include_str!("fixtures/perf-rust.txt");
    const GO: &str = include_str!("fixtures/perf-go.txt");

    #[test]
    fn each_sample_counts_once_and_its_leaf_comes_last() {
        let stacks = collapse(RUST.as_bytes()).unwrap();
        assert_eq!(stacks.samples(), 5);
        let leaves: Vec<&str> = stacks
            .iter()
            .map(|(frames, _)| frames.last().unwrap().as_str())
            .collect();
        assert!(leaves.contains(&"epoll_wait"), "{leaves:?}");
        let (frames, _) = stacks
            .iter()
            .find(|(frames, _)| frames.last().unwrap() == "epoll_wait")
            .unwrap();
        assert_eq!(frames[0], "clone3");
        let all = stacks.to_string();
        assert!(
            !all.contains("tokio-rt-worker") && !all.contains("[unknown]"),
            "{all}"
        );
    }

    #[test]
    fn what_perf_is_before_it_becomes_the_runner_is_left_out() {
        let text =
            format!("perf-exec 1/1 1.0: cpu-clock: \n\t ffff execve (/usr/bin/perf)\n\n{GO}");
        assert_eq!(collapse(text.as_bytes()), collapse(GO.as_bytes()));
        assert_eq!(collapse(GO.as_bytes()).unwrap().samples(), 5);
    }

    #[test]
    fn perf_watches_the_runner_s_whole_command() {
        let argv = ["/row/runner".to_owned(), "--fast".to_owned()];
        let wrapped = wrap(Chains::FramePointers, &argv, Path::new("/raw")).join(" ");
        assert!(wrapped.starts_with("perf record "), "{wrapped}");
        assert!(
            wrapped.ends_with("--call-graph=fp --output /raw/perf.data -- /row/runner --fast"),
            "{wrapped}"
        );
    }

    #[test]
    fn what_the_system_forbids_is_said_with_the_remedy() {
        let sentence = not_allowed("3", "Access to performance monitoring is limited.");
        assert!(
            sentence.contains("sysctl kernel.perf_event_paranoid=2"),
            "{sentence}"
        );
        let sentence = not_allowed("2", "Operation\n not permitted");
        assert!(
            sentence.contains("--cap-add=PERFMON") && sentence.contains("Operation not permitted"),
            "{sentence}"
        );
    }
}
