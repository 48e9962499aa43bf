//! The command that runs a row, and what is here of what it requires.

use super::error::BuildError;
use super::jdk;
use super::stamp::BuiltWith;
use super::step::Bench;
use super::toolchain;
use crate::framework::{Framework, Requirement, Variant};
use crate::layout::Layout;

/// Whether a build of the row has finished, of whatever sources.
pub fn is_built(framework: &Framework, layout: &Layout) -> bool {
    BuiltWith::read(&layout.build(&framework.name)).is_some_and(|built| built.complete)
}

/// The command that runs a variant, with every place filled in, and the real program where the PATH has a version
/// manager's.
pub fn command(framework: &Framework, variant: &Variant, layout: &Layout) -> Vec<String> {
    let mut argv = expanded(framework, framework.runner(variant), layout);
    if let (Some(first), Some(release)) = (argv.first_mut(), variant.jdk) {
        // Where there is none, a name that no program has: another JDK would not be what the variant says.
        let java =
            jdk::java_of(release).unwrap_or_else(|| format!("/no-jdk-{release}/java").into());
        *first = java.to_string_lossy().into_owned();
    }
    argv
}

/// Whether this machine has the JDK that a variant names.
pub fn is_offered_here(variant: &Variant) -> bool {
    variant
        .jdk
        .is_none_or(|release| jdk::java_of(release).is_some())
}

fn expanded(framework: &Framework, argv: &[String], layout: &Layout) -> Vec<String> {
    let built = BuiltWith::read(&layout.build(&framework.name));
    let program = argv
        .first()
        .and_then(|name| built?.programs.get(name).cloned());
    let mut argv: Vec<String> = argv
        .iter()
        .map(|part| framework.expand(part, layout))
        .collect();
    if let (Some(first), Some(program)) = (argv.first_mut(), program)
        && !first.contains('/')
    {
        *first = program.path.to_string_lossy().into_owned();
    }
    if let Some(first) = argv.first_mut()
        && first.contains('/')
    {
        // The runner's working folder is not the row's.
        *first = framework.dir.join(&first).to_string_lossy().into_owned();
    }
    argv
}

/// What the row's `[version]` prints: the framework and its installed version.
///
/// # Errors
///
/// When the program can't be run or fails.
pub fn installed_version(framework: &Framework, layout: &Layout) -> Result<String, BuildError> {
    let argv = expanded(framework, &framework.version, layout);
    let env = framework.run.env.iter();
    let env: Vec<(String, String)> = env
        .map(|(key, value)| (key.clone(), framework.expand(value, layout)))
        .collect();
    let said = Bench::quiet(&framework.dir, &mut |_| {}).run_with(&argv, &env)?;
    Ok(said.out.trim().to_owned())
}

/// The requirements of a row that this machine lacks, found without building anything.
///
/// # Errors
///
/// The first requirement that is missing or too old.
pub fn check_requirements(requirements: &[Requirement]) -> Result<(), BuildError> {
    requirements
        .iter()
        .try_for_each(|requirement| toolchain::check(requirement).map(drop))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn toy() -> (tempfile::TempDir, Framework, Layout) {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("frameworks/toy");
        std::fs::create_dir_all(&dir).unwrap();
        std::fs::create_dir_all(folder.path().join("scenarios")).unwrap();
        let manifest = "name = \"toy\"\nlabel = \"toy\"\nlanguage = \"go\"\nkind = \"framework\"\nupstream = \"\"\n\
             idiom = \"\"\n[version]\nargv = [\"echo\", \"toy 1.0\"]\n[run]\nargv = [\"toy\"]\n\
             [[variant]]\nname = \"default\"\napi = \"responses\"\n[features]\nstreaming = true\n\
             parallel-tools = true\n";
        std::fs::write(dir.join("framework.toml"), manifest).unwrap();
        let toy = Framework::load(&dir.join("framework.toml")).unwrap();
        let layout = Layout::find(folder.path()).unwrap();
        (folder, toy, layout)
    }

    #[test]
    fn the_installed_version_is_asked_of_the_runner() {
        let (_folder, toy, layout) = toy();
        assert_eq!(installed_version(&toy, &layout).unwrap(), "toy 1.0");
    }
}
