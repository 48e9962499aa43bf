//! Compares a row's manifest with what its runner reports, and finds the parts that are still to be filled in after
//! `loopmark new`.

use std::path::Path;

use loopmark_protocol::Ready;

use super::kind::Language;
use super::manifest::Framework;

/// Marks the parts of a new row that a person must fill in.
pub const LEFT_OPEN: &str = "FILL IN";

/// Folders of a row that contain other people's files.
const OTHERS: [&str; 4] = ["__pycache__", "node_modules", "target", "venv"];
/// The longest file that is searched; longer ones are lock files, which nobody fills in.
const MAX_BYTES: u64 = 1 << 20;

impl Framework {
    /// One sentence for each claim of the manifest that the runner contradicts.
    pub fn denied_by(&self, ready: &Ready) -> Vec<String> {
        let language = spoken_on(&ready.runtime).filter(|language| *language != self.language);
        let language = language.map(|language| {
            format!(
                "framework.toml names the language {}, but the runner runs on {}, which is {}",
                self.language.name(),
                ready.runtime,
                language.name()
            )
        });
        let package = self.package.as_deref().filter(|package| {
            canonical(self.language, package) != canonical(self.language, &ready.framework)
        });
        let package = package.map(|package| {
            format!(
                "framework.toml names the package {package}, but the runner measures {}",
                ready.framework
            )
        });
        language.into_iter().chain(package).collect()
    }

    /// The row's own files that still contain [`LEFT_OPEN`], sorted by name.
    pub fn left_open(&self) -> Vec<String> {
        let mut files = Vec::new();
        collect(&self.dir, "", &mut files);
        files.sort();
        files
    }
}

/// The language of a runtime; `None` if no shared side reports such a runtime.
fn spoken_on(runtime: &str) -> Option<Language> {
    let name = runtime.split([' ', '/']).next().unwrap_or_default();
    match name.to_ascii_lowercase().as_str() {
        "cpython" | "pypy" => Some(Language::Python),
        "node" | "node.js" | "bun" | "deno" => Some(Language::TypeScript),
        "rustc" => Some(Language::Rust),
        "go" => Some(Language::Go),
        "openjdk" | "java" | "java(tm)" => Some(Language::Jvm),
        name if name.starts_with("go1.") => Some(Language::Go),
        _ => None,
    }
}

/// A package's name without the differences that its registry ignores.
fn canonical(language: Language, package: &str) -> String {
    match language {
        Language::Rust => {
            let (name, _version) = package.split_once('@').unwrap_or((package, ""));
            name.replace('_', "-")
        }
        Language::Python => {
            let (name, _extras) = package.split_once('[').unwrap_or((package, ""));
            let name = name.trim().to_ascii_lowercase();
            let words = name.split(['-', '_', '.']).filter(|word| !word.is_empty());
            words.collect::<Vec<_>>().join("-")
        }
        // Only the artifact counts. Kotlin's multi-platform artifacts publish the JVM's jar as `NAME-jvm`.
        Language::Jvm => {
            let artifact = package.rsplit(':').next().unwrap_or(package);
            artifact.strip_suffix("-jvm").unwrap_or(artifact).to_owned()
        }
        Language::TypeScript | Language::Go => package.to_owned(),
    }
}

/// Adds the files in a folder, at any depth, that contain [`LEFT_OPEN`]; skips files that can't be read.
fn collect(folder: &Path, prefix: &str, files: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let Ok(kind) = entry.file_type() else {
            continue;
        };
        let is_others = name.starts_with('.') || OTHERS.contains(&name.as_str());
        if kind.is_dir() && !is_others {
            collect(&entry.path(), &format!("{prefix}{name}/"), files);
        } else if kind.is_file() && is_open(&entry.path()) {
            files.push(format!("{prefix}{name}"));
        }
    }
}

fn is_open(path: &Path) -> bool {
    let is_short = path.metadata().is_ok_and(|file| file.len() <= MAX_BYTES);
    is_short && std::fs::read_to_string(path).is_ok_and(|text| text.contains(LEFT_OPEN))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::Layout;

    fn row(language: &str, package: Option<&str>) -> Framework {
        let package = package.map_or(String::new(), |name| format!("package = \"{name}\"\n"));
        let manifest = format!(
            "name = \"toy\"\nlabel = \"toy\"\nlanguage = \"{language}\"\nkind = \"framework\"\n\
             upstream = \"none\"\nidiom = \"none\"\n{package}version.argv = [\"toy\"]\n\
             run.argv = [\"toy\"]\n[[variant]]\nname = \"default\"\napi = \"responses\"\n\
             [features]\nstreaming = false\nparallel-tools = false\n"
        );
        Framework::from_text(Path::new("/rows/toy/framework.toml"), manifest).unwrap()
    }

    fn ready(framework: &str, runtime: &str) -> Ready {
        Ready {
            framework: framework.to_owned(),
            version: "1.2.3".to_owned(),
            runtime: runtime.to_owned(),
            http_client: "none".to_owned(),
            offers: Vec::new(),
        }
    }

    #[test]
    fn the_runtimes_that_the_shared_sides_report_tell_the_language() {
        let runtimes = [
            ("CPython 3.11.7", "python"),
            ("PyPy 3.11.11", "python"),
            ("Node 24.11.1", "typescript"),
            ("rustc 1.95.0, tokio 1.52.1", "rust"),
            ("Go 1.26.3", "go"),
            ("go1.26.3", "go"),
            ("OpenJDK 21.0.9, virtual threads, G1", "jvm"),
            ("Java(TM) SE 25, platform threads, Serial", "jvm"),
        ];
        for (runtime, language) in runtimes {
            for other in ["python", "typescript", "rust", "go", "jvm"] {
                let denied = row(other, None).denied_by(&ready("toy", runtime));
                assert_eq!(denied.is_empty(), other == language, "{other}: {denied:?}");
            }
        }
        for unknown in ["", "none", "GraalVM 25", "Golem 1"] {
            let denied = row("go", None).denied_by(&ready("toy", unknown));
            assert_eq!(denied, Vec::<String>::new(), "{unknown}");
        }
        assert_eq!(
            row("python", None).denied_by(&ready("toy", "Node 24.11.1")),
            [
                "framework.toml names the language Python, but the runner runs on Node 24.11.1, which is TypeScript"
            ]
        );
    }

    #[test]
    fn a_package_is_the_one_that_ready_reports_however_its_registry_spells_it() {
        let same = [
            ("rust", "rig_core", "rig-core"),
            ("python", "Pydantic_AI.slim", "pydantic-ai-slim"),
            ("python", "crewai[tools]", "crewai"),
            ("jvm", "dev.langchain4j:langchain4j", "langchain4j"),
            ("jvm", "ai.koog:koog-agents", "ai.koog:koog-agents-jvm"),
            (
                "go",
                "github.com/cloudwego/eino",
                "github.com/cloudwego/eino",
            ),
            ("typescript", "@openai/agents", "@openai/agents"),
        ];
        for (language, package, reported) in same {
            let denied = row(language, Some(package)).denied_by(&ready(reported, "none"));
            assert_eq!(denied, Vec::<String>::new(), "{package}");
        }
        let other = [
            ("rust", "rig", "rig-core"),
            ("python", "pydantic-ai", "pydantic-ai-slim"),
            ("jvm", "dev.langchain4j:langchain4j", "langchain4j-open-ai"),
            ("go", "github.com/x/y", "github.com/x/y/v2"),
            ("typescript", "@openai/agents", "agents"),
        ];
        for (language, package, reported) in other {
            let denied = row(language, Some(package)).denied_by(&ready(reported, "none"));
            let wanted = format!(
                "framework.toml names the package {package}, but the runner measures {reported}"
            );
            assert_eq!(denied, [wanted]);
        }
        assert!(
            row("rust", None)
                .denied_by(&ready("any", "none"))
                .is_empty()
        );
    }

    #[test]
    fn no_row_of_the_project_leaves_anything_open() {
        let layout = Layout::find(Path::new(".")).unwrap();
        let rows = Framework::load_all(&layout).unwrap();
        assert!(!rows.is_empty());
        for row in rows {
            assert_eq!(row.left_open(), Vec::<String>::new(), "{}", row.name);
        }
    }

    #[test]
    fn what_is_left_open_is_found_in_the_rows_own_texts_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = |path: &str, bytes: &[u8]| {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        };
        file("src/Main.java", b"// FILL IN: the agent");
        file("README.md", b"FILL IN: what it is");
        file("framework.toml", b"wire = [] # fill in the form");
        file("logo.png", b"\xff FILL IN");
        file("node_modules/other/README.md", b"FILL IN");
        file("target/debug/notes", b"FILL IN");
        file(".git/notes", b"FILL IN");
        let mut toy = row("jvm", None);
        toy.dir = folder.path().to_owned();
        assert_eq!(toy.left_open(), ["README.md", "src/Main.java"]);
    }
}
