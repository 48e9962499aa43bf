//! Node's `--cpu-prof`: V8 samples itself and writes a tree of calls at the exit.

use std::collections::HashMap;
use std::path::Path;

use serde::Deserialize;

use super::command::with_options;
use super::error::{ExplainError, read};
use super::stacks::Stacks;

pub(super) const DESCRIPTION: &str =
    "Node's --cpu-prof, 1,000 samples per second of the main thread";

const ENDING: &str = "cpuprofile";

pub(super) fn wrap(argv: &[String], folder: &Path) -> Vec<String> {
    let folder = format!("--cpu-prof-dir={}", folder.display());
    with_options(argv, &["--cpu-prof".to_owned(), folder])
}

pub(super) fn stacks(folder: &Path) -> Result<Stacks, ExplainError> {
    let mut stacks = Stacks::default();
    for entry in std::fs::read_dir(folder).map_err(ExplainError::io(folder))? {
        let path = entry.map_err(ExplainError::io(folder))?.path();
        if path.extension().is_some_and(|ending| ending == ENDING) {
            let read = parse(&read(&path)?);
            stacks.merge(read.map_err(|error| ExplainError::unclear(&path, error))?);
        }
    }
    Ok(stacks)
}

#[derive(Deserialize)]
struct Profile {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Node {
    id: u64,
    call_frame: CallFrame,
    #[serde(default)]
    hit_count: u64,
    #[serde(default)]
    children: Vec<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CallFrame {
    function_name: String,
    url: String,
}

pub(super) fn parse(text: &str) -> serde_json::Result<Stacks> {
    let profile: Profile = serde_json::from_str(text)?;
    let parents = profile.nodes.iter();
    let parents = parents.flat_map(|node| node.children.iter().map(|child| (*child, node.id)));
    let parents: HashMap<u64, u64> = parents.collect();
    let nodes: HashMap<u64, &Node> = profile.nodes.iter().map(|node| (node.id, node)).collect();
    let mut stacks = Stacks::default();
    for node in &profile.nodes {
        if node.call_frame.function_name == "(idle)" {
            continue;
        }
        // A tree of calls has no circle; a file that says otherwise ends here all the same.
        let up = std::iter::successors(Some(node.id), |id| parents.get(id).copied());
        let up = up.take(profile.nodes.len()).filter_map(|id| nodes.get(&id));
        let mut frames: Vec<String> = up.map(|node| name(&node.call_frame)).collect();
        frames.reverse();
        stacks.add(frames.split_off(frames.len().min(1)), node.hit_count);
    }
    Ok(stacks)
}

/// `@openai/agents-core/dist/run.mjs:run`, `node:internal/deps/undici/undici:fetch`, `(garbage collector)`.
fn name(frame: &CallFrame) -> String {
    let function = match frame.function_name.as_str() {
        "" => "(anonymous)",
        name => name,
    };
    if frame.url.is_empty() {
        return function.to_owned();
    }
    let module = match frame.url.rsplit_once("/node_modules/") {
        Some((_, module)) => module,
        None => match frame.url.find("/js/") {
            Some(at) => &frame.url[at + 1..],
            None => &frame.url,
        },
    };
    format!("{module}:{function}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_becomes_stacks_without_idle_time() {
        let stacks = parse(include_str!("fixtures/node.cpuprofile")).unwrap();
        let of = |leaf: &str| {
            let found = stacks
                .iter()
                .find(|(frames, _)| frames.last().unwrap().ends_with(leaf));
            found.map(|(_, samples)| samples)
        };
        assert_eq!(of("(idle)"), None);
        assert_eq!(of("(garbage collector)"), Some(28));
        assert_eq!(of("(program)"), Some(13));
        assert_eq!(
            of("zod/v4/core/json-schema-processors.js:toJSONSchema"),
            Some(2)
        );
        assert_eq!(of("ai/dist/index.js:generate"), Some(1));
        assert_eq!(stacks.samples(), 28 + 13 + 2 + 1 + 1 + 1);
        assert!(!stacks.to_string().contains("(root)"), "{stacks}");
    }

    #[test]
    fn a_file_whose_calls_go_in_a_circle_is_read_to_an_end() {
        let node = |id: u64, child: u64| {
            format!(
                r#"{{"id":{id},"callFrame":{{"functionName":"f{id}","url":""}},"hitCount":1,"children":[{child}]}}"#
            )
        };
        let text = format!(r#"{{"nodes":[{},{}]}}"#, node(1, 2), node(2, 1));
        assert_eq!(parse(&text).unwrap().samples(), 2);
    }

    #[test]
    fn options_are_node_s_and_not_the_script_s() {
        let argv = ["node".to_owned(), "runner.js".to_owned()];
        let wrapped = wrap(&argv, Path::new("/raw"));
        assert_eq!(
            wrapped,
            ["node", "--cpu-prof", "--cpu-prof-dir=/raw", "runner.js"]
        );
    }
}
