//! The JDK that the JVM's rows are built and run with: that of JAVA_HOME, or else the newest one found. A variant may name
//! the feature release that it is run with.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use super::environment::Environment;
use super::error::BuildError;

/// Where Linux distributions and vendors' packages put JDKs.
const INSTALLED: &str = "/usr/lib/jvm";
const JAVA_HOME: &str = "JAVA_HOME";

/// A JDK on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Jdk {
    home: PathBuf,
    version: Vec<u64>,
}

/// The environment for a program. For those of a JDK, and for Maven, which runs on one, the JDK's programs come first on
/// the PATH, and JAVA_HOME is its folder.
///
/// # Errors
///
/// A JAVA_HOME without the program: another JDK in its place would not be what the person asked for.
pub(super) fn for_program(program: &str, here: Environment) -> Result<Environment, BuildError> {
    if !["java", "javac", "mvn"].contains(&program) {
        return Ok(here);
    }
    let home = match java_home(&here) {
        Some(home) => {
            let is_there = program == "mvn" || home.join("bin").join(program).is_file();
            if !is_there {
                let program = program.to_owned();
                return Err(BuildError::JavaHome { home, program });
            }
            Some(home)
        }
        None => newest(on_path(&here), Path::new(INSTALLED)).map(|jdk| jdk.home),
    };
    Ok(match home {
        Some(home) => here
            .clone()
            .with("PATH", first_on_path(&home, here.get("PATH")))
            .with(JAVA_HOME, home),
        None => here,
    })
}

/// The `java` of the newest JDK of a feature release, such as 17, among that of JAVA_HOME, the one on the PATH and those
/// installed.
pub(super) fn java_of(release: u64) -> Option<PathBuf> {
    let here = Environment::here();
    let set = java_home(&here).and_then(|home| Jdk::at(&home));
    let named = [set, on_path(&here)].into_iter().flatten();
    let jdk = newest_of(release, named, Path::new(INSTALLED))?;
    Some(jdk.home.join("bin/java"))
}

fn java_home(here: &Environment) -> Option<PathBuf> {
    let set = here.get(JAVA_HOME).filter(|home| !home.is_empty());
    set.map(PathBuf::from)
}

fn first_on_path(home: &Path, path: Option<&OsStr>) -> OsString {
    let mut all = home.join("bin").into_os_string();
    if let Some(path) = path {
        all.push(":");
        all.push(path);
    }
    all
}

/// The newest of the JDK on the PATH and those installed in a folder; of equally new ones, the one on the PATH, then the
/// first by name.
fn newest(on_path: Option<Jdk>, installed: &Path) -> Option<Jdk> {
    first_newest(on_path.into_iter().chain(all_in(installed)))
}

/// The newest of a feature release.
fn newest_of(release: u64, named: impl Iterator<Item = Jdk>, installed: &Path) -> Option<Jdk> {
    let all = named.chain(all_in(installed));
    first_newest(all.filter(|jdk| jdk.version.first() == Some(&release)))
}

/// The JDKs in a folder, by name.
fn all_in(installed: &Path) -> impl Iterator<Item = Jdk> {
    let entries = std::fs::read_dir(installed).into_iter().flatten().flatten();
    let mut homes: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    homes.sort();
    homes.into_iter().filter_map(|home| Jdk::at(&home))
}

fn first_newest(mut jdks: impl Iterator<Item = Jdk>) -> Option<Jdk> {
    // Of equal ones `max_by` would take the last.
    let first = jdks.next()?;
    Some(jdks.fold(first, |best, next| {
        if next.version > best.version {
            next
        } else {
            best
        }
    }))
}

/// The JDK on the PATH. Version managers put a script there, which is asked what it runs.
fn on_path(here: &Environment) -> Option<Jdk> {
    let folders = std::env::split_paths(here.get("PATH")?);
    let java = folders
        .map(|folder| folder.join("java"))
        .find(|java| java.is_file())?;
    let real = java.canonicalize().ok()?;
    real.ancestors().nth(2).and_then(Jdk::at).or_else(|| {
        let ask = ["-XshowSettings:properties", "-version"];
        let output = here.command(java).args(ask).output().ok()?;
        let said = [output.stdout, output.stderr].concat();
        Jdk::in_words(&String::from_utf8_lossy(&said))
    })
}

impl Jdk {
    /// The JDK in a folder; `None` if it is not one, or only a runtime without a compiler.
    fn at(home: &Path) -> Option<Jdk> {
        let release = std::fs::read_to_string(home.join("release")).ok()?;
        let version = release
            .lines()
            .find_map(|line| line.strip_prefix("JAVA_VERSION="))?;
        Jdk::new(home, version.trim_matches('"'))
    }

    /// From what `java -XshowSettings:properties` prints.
    fn in_words(said: &str) -> Option<Jdk> {
        let version = property(said, "java.version")?;
        Jdk::new(Path::new(property(said, "java.home")?), version)
    }

    fn new(home: &Path, version: &str) -> Option<Jdk> {
        let is_whole = ["java", "javac"]
            .iter()
            .all(|program| home.join("bin").join(program).is_file());
        let version = numbers(version);
        (is_whole && !version.is_empty()).then(|| Jdk {
            home: home.to_owned(),
            version,
        })
    }
}

/// A property in what `java -XshowSettings:properties` prints.
fn property<'a>(said: &'a str, name: &str) -> Option<&'a str> {
    said.lines().find_map(|line| {
        let (key, value) = line.split_once(" = ")?;
        (key.trim() == name).then(|| value.trim())
    })
}

/// Of a Java version: `17.0.15`, `25`, `26-ea`, `1.8.0_452`.
fn numbers(version: &str) -> Vec<u64> {
    version
        .split(['.', '-', '+', '_'])
        .map_while(|part| part.parse().ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// A folder with made JDKs.
    struct Machine(tempfile::TempDir);

    impl Machine {
        fn new(jdks: &[(&str, &str)]) -> Machine {
            let machine = Machine(tempfile::tempdir().unwrap());
            for (name, version) in jdks {
                machine.install(name, version, &["java", "javac"]);
            }
            machine
        }

        fn folder(&self) -> PathBuf {
            self.0.path().canonicalize().unwrap()
        }

        fn install(&self, name: &str, version: &str, programs: &[&str]) -> PathBuf {
            let home = self.folder().join("jvm").join(name);
            for program in programs {
                script(&home.join("bin").join(program), "exit 1");
            }
            let release = format!("IMPLEMENTOR=\"made up\"\nJAVA_VERSION=\"{version}\"\n");
            std::fs::write(home.join("release"), release).unwrap();
            home
        }

        /// The name of the newest JDK.
        fn newest(&self, on_path: Option<Jdk>) -> Option<String> {
            let jdk = newest(on_path, &self.folder().join("jvm"))?;
            Some(jdk.home.file_name()?.to_string_lossy().into_owned())
        }
    }

    fn script(path: &Path, body: &str) {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, format!("#!/bin/sh\n{body}\n")).unwrap();
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    #[test]
    fn the_newest_is_so_by_number_and_not_by_name() {
        let installed = [
            ("z", "9.0.4"),
            ("b", "17.0.15"),
            ("c", "25"),
            ("d", "1.8.0_452"),
        ];
        assert_eq!(Machine::new(&installed).newest(None).unwrap(), "c");
        let updates = [("a", "21.0.9"), ("b", "21.0.10")];
        assert_eq!(Machine::new(&updates).newest(None).unwrap(), "b");
        let early = [("a", "26-ea"), ("b", "25.0.3")];
        assert_eq!(Machine::new(&early).newest(None).unwrap(), "a");
    }

    #[test]
    fn where_there_is_only_one_it_is_taken_and_where_there_is_none_none_is() {
        assert_eq!(Machine::new(&[("a", "17.0.1")]).newest(None).unwrap(), "a");
        assert_eq!(Machine::new(&[]).newest(None), None);
    }

    #[test]
    fn a_runtime_without_a_compiler_and_a_folder_without_a_release_are_no_jdks() {
        let machine = Machine::new(&[("jdk", "17.0.15")]);
        machine.install("jre", "25.0.3", &["java"]);
        let sources = machine.install("sources", "26", &["java", "javac"]);
        std::fs::remove_file(sources.join("release")).unwrap();
        assert_eq!(machine.newest(None).unwrap(), "jdk");
    }

    #[test]
    fn the_one_on_the_path_is_taken_if_it_is_the_newest_or_as_new() {
        let machine = Machine::new(&[("a", "21.0.9"), ("b", "21.0.9"), ("c", "17.0.1")]);
        let bin = machine.folder().join("bin");
        std::fs::create_dir(&bin).unwrap();
        let link = |name: &str| {
            let _ = std::fs::remove_file(bin.join("java"));
            let java = machine.folder().join("jvm").join(name).join("bin/java");
            std::os::unix::fs::symlink(java, bin.join("java")).unwrap();
        };
        let here = Environment::here().with("PATH", &bin);
        link("b");
        assert_eq!(machine.newest(on_path(&here)).unwrap(), "b");
        link("c");
        assert_eq!(machine.newest(on_path(&here)).unwrap(), "a");
    }

    #[test]
    fn what_a_version_managers_script_says_counts_as_the_one_on_the_path() {
        let machine = Machine::new(&[("installed", "21.0.9"), ("managed", "25.0.1")]);
        let managed = machine.folder().join("jvm/managed");
        std::fs::remove_file(managed.join("release")).unwrap();
        for (version, expected) in [("25.0.1", "managed"), ("17.0.1", "installed")] {
            let said = format!(
                "Property settings:\n    java.home = {}\n    java.version = {version}\n    \
                 java.version.date = 2025-10-21\n\nopenjdk version \"{version}\"\n",
                managed.display()
            );
            let on_path = Jdk::in_words(&said);
            assert!(on_path.is_some(), "{said}");
            assert_eq!(machine.newest(on_path).unwrap(), expected);
        }
    }

    #[test]
    fn of_a_release_the_newest_is_taken_and_no_other_in_its_place() {
        let installed = [("a", "17.0.9"), ("b", "17.0.15"), ("c", "25.0.1")];
        let machine = Machine::new(&installed);
        let folder = machine.folder().join("jvm");
        let of = |release| newest_of(release, std::iter::empty(), &folder);
        assert_eq!(of(17).unwrap().home, folder.join("b"));
        assert_eq!(of(25).unwrap().home, folder.join("c"));
        assert_eq!(of(21), None);
        let named = Jdk::new(&folder.join("a"), "21.0.2");
        let jdk = newest_of(21, named.into_iter(), &folder).unwrap();
        assert_eq!(jdk.home, folder.join("a"));
    }

    #[test]
    fn java_home_wins_over_a_newer_one_and_comes_first_on_the_path() {
        let machine = Machine::new(&[("old", "17.0.1")]);
        let old = machine.folder().join("jvm/old");
        let here = Environment::here()
            .with("JAVA_HOME", &old)
            .with("PATH", "/usr/bin:/bin");
        for program in ["java", "javac", "mvn"] {
            let environment = for_program(program, here.clone()).unwrap();
            let path = format!("{}/bin:/usr/bin:/bin", old.display());
            assert_eq!(
                environment.get("PATH"),
                Some(OsStr::new(&path)),
                "{program}"
            );
            assert_eq!(environment.get("JAVA_HOME"), Some(old.as_os_str()));
        }
        assert_eq!(for_program("go", here.clone()).unwrap(), here);
    }

    #[test]
    fn a_java_home_without_a_jdk_is_told_and_not_passed_over() {
        let here = Environment::here().with("JAVA_HOME", "/nowhere");
        let error = for_program("javac", here).unwrap_err().to_string();
        assert_eq!(
            error,
            "JAVA_HOME is /nowhere, which has no bin/javac: set it to the folder of a JDK, or unset it to use the \
             newest JDK found"
        );
    }
}
