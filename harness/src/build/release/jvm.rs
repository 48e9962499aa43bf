//! The JVM: Maven, with the versions plugin.

use std::path::{Path, PathBuf};

use super::super::error::BuildError;
use super::published::Published;
use super::tools::{Release, Tools, Versions, release, unclear};

/// The SHA-256 of the row's jars: Maven has no lock file.
pub(super) const LOCKED: &str = "dependencies.sha256";
const PLUGIN: &str = "org.codehaus.mojo:versions-maven-plugin:2.18.0";
/// What is not a release yet.
const IGNORED: &str = "-Dmaven.version.ignore=(?i).*-(alpha|beta|rc|cr|m)[-.]?[0-9]*";
/// A package and its versions are on one line then.
const NO_BACKUP: &str = "-DgenerateBackupPoms=false";
const WIDTH: &str = "-Dversions.outputLineWidth=300";

pub(super) fn look_up(tools: &Tools, package: &str) -> Result<Release, BuildError> {
    let jars = tools.read(LOCKED)?;
    let locked = locked(&jars, package).ok_or_else(|| tools.not_locked(package, LOCKED))?;
    let said = maven(tools, "display-dependency-updates", &[IGNORED, WIDTH])?;
    let newest = newest(&said, package).unwrap_or(locked);
    Ok(release(package, locked, newest))
}

/// The versions of the registry's list, which Maven keeps once it has looked for newer ones. The list has no dates.
pub(super) fn published(tools: &Tools, package: &str) -> Result<Vec<Published>, BuildError> {
    let goal = "display-dependency-updates";
    let said = maven(tools, goal, &[IGNORED, WIDTH, "--debug"])?;
    let not_said = |what: &str| unclear(&["mvn", goal], what);
    let repository = repository(&said).ok_or_else(|| not_said("where its repository is"))?;
    let (group, artifact) = package.split_once(':').unwrap_or((package, package));
    let folder = Path::new(repository)
        .join(group.replace('.', "/"))
        .join(artifact);
    let lists = lists(&folder).map_err(|source| BuildError::Io {
        path: folder.clone(),
        source,
    })?;
    let texts = lists
        .iter()
        .filter_map(|list| std::fs::read_to_string(list).ok());
    let found: Vec<Published> = texts.flat_map(|text| versions(&text)).collect();
    match found.is_empty() {
        true => Err(not_said("which versions there are")),
        false => Ok(found),
    }
}

/// Where Maven keeps what it fetched.
fn repository(said: &str) -> Option<&str> {
    let mut lines = said.lines();
    lines.find_map(|line| Some(line.split_once("Using local repository at ")?.1.trim()))
}

/// The registries' lists in an artifact's folder; the local one is of what was built here.
fn lists(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let is_list = |name: &str| {
        name.starts_with("maven-metadata-")
            && name.ends_with(".xml")
            && !name.ends_with("-local.xml")
    };
    let entries = std::fs::read_dir(folder)?;
    let entries = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let lists = entries.filter(|path| {
        let name = path.file_name();
        name.is_some_and(|name| is_list(&name.to_string_lossy()))
    });
    Ok(lists.collect())
}

/// The versions of a `maven-metadata.xml`.
fn versions(metadata: &str) -> Vec<Published> {
    let elements = metadata.split("<version>").skip(1);
    let versions = elements.filter_map(|rest| Some(rest.split_once("</version>")?.0.trim()));
    versions
        .map(|version| Published::new(version, None))
        .collect()
}

pub(super) fn lock(tools: &Tools, versions: Versions<'_>) -> Result<(), BuildError> {
    match versions {
        Versions::Named => {}
        Versions::Newest => {
            maven(tools, "use-latest-releases", &[IGNORED, NO_BACKUP])?;
        }
        Versions::Exactly { package, version } => {
            // A framework's artifacts are released together, in one group.
            let group = package.split(':').next().unwrap_or(package);
            let (which, to) = (
                format!("-Dincludes={group}:*"),
                format!("-DdepVersion={version}"),
            );
            let options = [which.as_str(), &to, "-DforceVersion=true", NO_BACKUP];
            maven(tools, "use-dep-version", &options)?;
        }
    }
    let jars = tools.folder()?;
    let fetch = tools.layout.root().join("frameworks/shared/jvm/Fetch.java");
    let [fetch, row, jars] = [&fetch, tools.dir(), jars.path()].map(|path| path.to_string_lossy());
    tools
        .run(&["java", &fetch, "--lock", &row, &jars])
        .map(drop)
}

fn maven(tools: &Tools, goal: &str, options: &[&str]) -> Result<String, BuildError> {
    let goal = format!("{PLUGIN}:{goal}");
    // Without `--update-snapshots` Maven asks its registry once a day.
    let mvn = [
        "mvn",
        "--batch-mode",
        "--no-transfer-progress",
        "--update-snapshots",
        "-Dstyle.color=never",
        &goal,
    ];
    let argv = [mvn.as_slice(), options].concat();
    let said = tools.run(&argv)?.out;
    match unreachable(&said) {
        Some(warning) => Err(BuildError::Release(warning.to_owned())),
        None => Ok(said),
    }
}

/// The plugin ends well where it could not ask; it only warns.
fn unreachable(said: &str) -> Option<&str> {
    said.lines()
        .find(|line| line.contains("Could not transfer metadata"))
}

/// The version in the name of the package's jar.
fn locked<'a>(jars: &'a str, package: &str) -> Option<&'a str> {
    let artifact = package
        .rsplit_once(':')
        .map_or(package, |(_, artifact)| artifact);
    jars.lines().find_map(|line| {
        let (_, jar) = line.split_once("  ")?;
        let version = jar.strip_prefix(artifact)?.strip_prefix('-')?;
        let version = version.strip_suffix(".jar")?;
        version
            .starts_with(|first: char| first.is_ascii_digit())
            .then_some(version)
    })
}

/// Reads `[INFO]   group:artifact ..... 1.17.0 -> 1.19.0`; packages that are at their newest have no such line.
fn newest<'a>(said: &'a str, package: &str) -> Option<&'a str> {
    said.lines().find_map(|line| {
        let (before, newest) = line.split_once(" -> ")?;
        let is_package = before.split_whitespace().any(|word| word == package);
        is_package.then_some(newest.trim())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_jars_and_from_what_maven_says() {
        let jars = "00  langchain4j-core-1.18.0.jar\n00  langchain4j-1.19.0.jar\n";
        assert_eq!(locked(jars, "dev.langchain4j:langchain4j"), Some("1.19.0"));
        assert_eq!(locked(jars, "dev.langchain4j:langchain4j-open-ai"), None);
        let said = "[INFO]   dev.langchain4j:langchain4j-open-ai ... 1.17.0 -> 1.18.0\n\
                    [INFO]   dev.langchain4j:langchain4j ... 1.17.0 -> 1.19.0\n";
        assert_eq!(newest(said, "dev.langchain4j:langchain4j"), Some("1.19.0"));
        assert_eq!(newest("[INFO] none", "dev.langchain4j:langchain4j"), None);
    }

    #[test]
    fn the_releases_are_those_of_the_registry_s_list() {
        let found = super::super::published::in_order(versions(include_str!("fixtures/maven.xml")));
        let found: Vec<&str> = found
            .iter()
            .map(|release| release.version.as_str())
            .collect();
        assert_eq!(found, ["0.10.0", "1.18.0", "1.19.0"]);
        let said = "[DEBUG] Using local repository at /home/someone/.m2/repository\n[INFO] none\n";
        assert_eq!(repository(said), Some("/home/someone/.m2/repository"));
    }

    #[test]
    fn a_registry_that_does_not_answer_is_not_one_without_news() {
        let warning = "[WARNING] Could not transfer metadata org:toy/maven-metadata.xml: refused";
        let said = format!("{warning}\n[INFO] No dependencies have newer versions.\n");
        assert_eq!(unreachable(&said), Some(warning));
        assert_eq!(
            unreachable("[INFO] No dependencies have newer versions."),
            None
        );
    }
}
