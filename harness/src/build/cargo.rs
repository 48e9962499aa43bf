//! Rust rows: cargo compiles them in a target folder that all of them share, and each keeps its own copy of the program.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::environment::Environment;
use super::error::BuildError;
use super::settings;
use super::step::Bench;
use crate::layout::Layout;

/// The folder of the programs in a row's build folder.
pub(super) const BIN: &str = "bin";

/// A line of cargo's `--message-format=json`.
#[derive(Deserialize)]
struct Message {
    executable: Option<PathBuf>,
}

/// Compiles the package whose manifest is `manifest`, and copies its programs to `{build}/bin`: what a later build that
/// fails leaves in the target folder is not what runs.
pub(super) fn install(
    manifest: &Path,
    build: &Path,
    layout: &Layout,
    bench: &mut Bench,
) -> Result<(), BuildError> {
    let manifest = manifest.to_string_lossy();
    let target_dir = layout.cargo_target();
    let target_dir = target_dir.to_string_lossy();
    let mut argv = vec!["cargo", "build", "--release", "--locked"];
    argv.extend(["--manifest-path", &manifest, "--target-dir", &target_dir]);
    argv.push("--message-format=json-render-diagnostics");
    let environment = Environment::here();
    if settings::of_cargo(bench.dir(), &environment)?.has_target {
        argv.extend(["--target", "host-tuple"]);
    }
    let said = bench.run(&argv)?;
    let programs: Vec<PathBuf> = said.lines().filter_map(program).collect();
    if programs.is_empty() {
        let what = "of a program; the package has none";
        return Err(BuildError::Unclear {
            step: argv.join(" "),
            what: what.to_owned(),
        });
    }
    programs
        .iter()
        .try_for_each(|program| copy(program, &build.join(BIN)))
}

fn program(line: &str) -> Option<PathBuf> {
    serde_json::from_str::<Message>(line).ok()?.executable
}

fn copy(program: &Path, folder: &Path) -> Result<(), BuildError> {
    let io = |source| BuildError::Io {
        path: program.to_owned(),
        source,
    };
    std::fs::create_dir_all(folder).map_err(io)?;
    let name = program.file_name().unwrap_or_default();
    std::fs::copy(program, folder.join(name))
        .map(drop)
        .map_err(io)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_where_cargo_says_that_it_has_put_them() {
        let line =
            r#"{"reason":"compiler-artifact","executable":"/target/x/release/toy","fresh":true}"#;
        assert_eq!(program(line), Some(PathBuf::from("/target/x/release/toy")));
        assert_eq!(
            program(r#"{"reason":"compiler-artifact","executable":null}"#),
            None
        );
        assert_eq!(
            program(r#"{"reason":"build-finished","success":true}"#),
            None
        );
    }
}
