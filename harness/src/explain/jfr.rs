//! The JVM's flight recorder.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

use super::command::with_options;
use super::error::ExplainError;
use super::stacks::Stacks;

pub(super) const DESCRIPTION: &str = "the JVM's flight recorder with its settings `profile`, 100 samples per second of running Java code \
     (time in garbage collector, compiler and native code is not seen)";

const FILE: &str = "recording.jfr";
const DEPTH: &str = "200";

pub(super) fn wrap(argv: &[String], folder: &Path) -> Vec<String> {
    let file = folder.join(FILE);
    let options = [
        format!(
            "-XX:StartFlightRecording=filename={},settings=profile,dumponexit=true",
            file.display()
        ),
        format!("-XX:FlightRecorderOptions=stackdepth={DEPTH}"),
        // The recorder speaks on standard output, which is the protocol's.
        "-Xlog:disable".to_owned(),
        "-Xlog:all=error:stderr".to_owned(),
    ];
    with_options(argv, &options)
}

pub(super) fn stacks(argv: &[String], folder: &Path) -> Result<Stacks, ExplainError> {
    let path = folder.join(FILE);
    let output = Command::new(jfr_of(argv))
        .args(["print", "--json", "--stack-depth", DEPTH])
        .args(["--events", "jdk.ExecutionSample"])
        .arg(&path)
        .output()
        .map_err(|error| {
            ExplainError::Sampler(format!(
                "jfr, which reads the JVM's recordings, can't be run ({error}): install a JDK (Debian: apt-get install \
                 default-jdk-headless)"
            ))
        })?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(ExplainError::unclear(&path, format!("jfr print: {said}")));
    }
    parse(&output.stdout).map_err(|error| ExplainError::unclear(&path, error))
}

/// The `jfr` beside the runner's `java`, else that of the PATH.
fn jfr_of(argv: &[String]) -> PathBuf {
    let java = argv.first().map(Path::new).map(Path::to_owned);
    let beside = java.map(|java| java.with_file_name("jfr"));
    beside
        .filter(|jfr| jfr.is_file())
        .unwrap_or_else(|| PathBuf::from("jfr"))
}

#[derive(Deserialize)]
struct Printed {
    recording: Recording,
}

#[derive(Deserialize)]
struct Recording {
    events: Vec<Event>,
}

#[derive(Deserialize)]
struct Event {
    values: Values,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Values {
    stack_trace: Option<StackTrace>,
}

#[derive(Deserialize)]
struct StackTrace {
    frames: Vec<Frame>,
}

#[derive(Deserialize)]
struct Frame {
    method: Method,
}

#[derive(Deserialize)]
struct Method {
    r#type: Type,
    name: String,
}

#[derive(Deserialize)]
struct Type {
    name: String,
}

pub(super) fn parse(text: &[u8]) -> serde_json::Result<Stacks> {
    let printed: Printed = serde_json::from_slice(text)?;
    let mut stacks = Stacks::default();
    for event in printed.recording.events {
        let frames = event
            .values
            .stack_trace
            .map_or(Vec::new(), |trace| trace.frames);
        // The innermost frame comes first.
        let frames = frames.iter().rev().map(|frame| name(&frame.method));
        stacks.add(frames.collect(), 1);
    }
    Ok(stacks)
}

/// `dev.langchain4j.service.DefaultAiServices.invoke`. What is made while the program runs has a number in its name.
fn name(method: &Method) -> String {
    let class = method.r#type.name.split("$$Lambda").next();
    let class = class.and_then(|class| class.split("/0x").next());
    let class = class.unwrap_or_default().replace('/', ".");
    format!("{class}.{}", method.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_event_is_a_sample_whose_innermost_frame_comes_last() {
        let stacks = parse(include_bytes!("fixtures/jfr.json")).unwrap();
        assert_eq!(stacks.samples(), 5);
        let of = |leaf: &str| {
            stacks
                .iter()
                .find(|(frames, _)| frames.last().unwrap() == leaf)
        };
        let (frames, _) = of("loopmark.Papers.wordCount").unwrap();
        assert_eq!(frames.len(), 30);
        assert_eq!(frames[0], "jdk.internal.vm.Continuation.enterSpecial");
        assert!(of("jdk.internal.net.http.HttpClientImpl$SelectorManager.run").is_some());
    }

    #[test]
    fn what_is_made_while_the_program_runs_has_one_name() {
        let of = |class: &str| {
            name(&Method {
                r#type: Type {
                    name: class.to_owned(),
                },
                name: "run".to_owned(),
            })
        };
        assert_eq!(of("a/B$$Lambda$31.0x00007f"), of("a/B$$Lambda$7.0x00007e"));
        assert_eq!(of("a/Form$MH/0x00007f"), "a.Form$MH.run");
        assert_eq!(of("a/B"), "a.B.run");
    }

    #[test]
    fn the_recorder_is_silent_on_the_protocol_s_stream() {
        let argv = ["java", "-cp", "x", "Main"].map(str::to_owned);
        let wrapped = wrap(&argv, Path::new("/raw"));
        assert_eq!(wrapped[0], "java");
        assert!(wrapped.contains(&"-Xlog:disable".to_owned()), "{wrapped:?}");
        assert_eq!(wrapped[wrapped.len() - 3..], argv[1..]);
    }
}
