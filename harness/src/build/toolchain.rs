//! Looks for the programs that a row requires, and asks for their versions.

use std::path::PathBuf;

use super::environment::Environment;
use super::error::BuildError;
use super::jdk;
use crate::framework::Requirement;

/// Checks one requirement; gives what the program says of its version.
pub(super) fn check(requirement: &Requirement) -> Result<String, BuildError> {
    let Requirement {
        command,
        version,
        get,
    } = requirement;
    let environment = jdk::for_program(command, Environment::here())?;
    let said = ["--version", "version"].iter().find_map(|ask| {
        let output = environment.command(command).arg(ask).output().ok()?;
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said).into_owned();
        (output.status.success() && first_version(&said).is_some()).then_some(said)
    });
    let Some(said) = said else {
        return Err(BuildError::Missing {
            command: command.clone(),
            version: version.clone(),
            get: get.clone(),
        });
    };
    let found = first_version(&said).unwrap_or_default();
    if numbers(&found) < numbers(version) {
        return Err(BuildError::TooOld {
            command: command.clone(),
            version: version.clone(),
            found,
            get: get.clone(),
        });
    }
    Ok(said.lines().next().unwrap_or_default().trim().to_owned())
}

/// The program behind a name on the PATH. Version managers put a script there, which looks for its settings in a home that
/// runners don't have, and whose processes would be measured too; who can say where the real program is, is asked.
pub(super) fn real_program(name: &str) -> Option<PathBuf> {
    let environment = jdk::for_program(name, Environment::here()).ok()?;
    let said = |arguments: &[&str]| {
        let output = environment.command(name).args(arguments).output().ok()?;
        Some(String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
    };
    let real = match name {
        "java" => PathBuf::from(environment.get("JAVA_HOME")?).join("bin/java"),
        "python" | "python3" => said(&["-c", "import sys; print(sys.executable)"])?
            .trim()
            .into(),
        "node" => said(&["-p", "process.execPath"])?.trim().into(),
        _ => return None,
    };
    real.is_file().then_some(real)
}

/// The first part of a text that looks like a version: `Python 3.11.7`, `go version go1.26.8`, `v20.20.2`; failing that,
/// its first whole number: the first release of a JDK is `openjdk 21`.
fn first_version(said: &str) -> Option<String> {
    let parts = || {
        said.split(|c: char| !(c.is_ascii_digit() || c == '.'))
            .map(|part| part.trim_matches('.'))
    };
    parts()
        .find(|part| part.contains('.') && !part.contains(".."))
        .or_else(|| parts().find(|part| !part.is_empty() && !part.contains('.')))
        .map(str::to_owned)
}

pub(super) fn numbers(version: &str) -> Vec<u64> {
    version
        .split('.')
        .map_while(|part| part.parse().ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_found_in_what_programs_say() {
        assert_eq!(first_version("Python 3.11.7").as_deref(), Some("3.11.7"));
        assert_eq!(
            first_version("go version go1.26.8 linux/amd64").as_deref(),
            Some("1.26.8")
        );
        assert_eq!(first_version("v20.20.2\n").as_deref(), Some("20.20.2"));
        assert_eq!(
            first_version("cargo 1.95.0 (f2d3ce0bd 2026-03-21)").as_deref(),
            Some("1.95.0")
        );
        assert_eq!(
            first_version("openjdk 17.0.15 2025-04-15\nOpenJDK Runtime …").as_deref(),
            Some("17.0.15")
        );
        assert_eq!(
            first_version("openjdk 21 2023-09-19\nOpenJDK Runtime … (build 21+35-2513)").as_deref(),
            Some("21")
        );
        assert_eq!(first_version("no version at all."), None);
    }

    #[test]
    fn versions_compare_by_number_and_not_by_letter() {
        assert!(numbers("3.9") < numbers("3.11"));
        assert!(numbers("3.11.7") > numbers("3.11"));
        assert!(numbers("24.0") > numbers("22.13.1"));
    }

    #[test]
    fn a_program_that_is_too_old_is_told() {
        let requirement = Requirement {
            command: "cargo".to_owned(),
            version: "99.0".to_owned(),
            get: "wait".to_owned(),
        };
        let error = check(&requirement).unwrap_err().to_string();
        assert!(
            error.starts_with("needs cargo 99.0 or later, here is 1."),
            "{error}"
        );
    }
}
