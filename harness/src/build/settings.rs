//! What the tools' own files of settings may say of a build: how to reach a registry, and nothing that bends a row.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::environment::Environment;
use super::error::BuildError;
use super::passed::{GO, PIP, UV, pip_variable};

/// The environment for a command: what its files of settings say of registries is in it, and they are not read.
pub(super) fn for_command(argv: &[String], environment: Environment) -> Environment {
    let program = argv.first().map(Path::new);
    let name = program.and_then(Path::file_name).and_then(OsStr::to_str);
    match name.unwrap_or_default() {
        "go" => of_go(environment),
        "uv" => of_uv(environment),
        python if python.starts_with("python") && argv.iter().any(|part| part == "pip") => {
            of_pip(python_of(argv), environment)
        }
        _ => environment,
    }
}

fn python_of(argv: &[String]) -> &str {
    argv.first().map_or("python3", String::as_str)
}

fn said(environment: &Environment, program: &str, arguments: &[&str]) -> Option<String> {
    let output = environment.command(program).args(arguments).output().ok()?;
    let is_good = output.status.success();
    is_good.then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

fn of_go(mut environment: Environment) -> Environment {
    let ask = [["env", "-json"].as_slice(), &GO].concat();
    let settings = said(&environment, "go", &ask).and_then(|said| {
        serde_json::from_str::<std::collections::BTreeMap<String, String>>(&said).ok()
    });
    for (name, value) in settings.unwrap_or_default() {
        if !value.is_empty() {
            environment = environment.with(&name, value);
        }
    }
    environment.with("GOENV", "off").with("GOWORK", "off")
}

fn of_pip(python: &str, mut environment: Environment) -> Environment {
    let list = said(&environment, python, &["-m", "pip", "config", "list"]).unwrap_or_default();
    for (name, value) in pip_settings(&list) {
        if environment.get(&name).is_none() {
            environment = environment.with(&name, value);
        }
    }
    environment.with("PIP_CONFIG_FILE", "/dev/null")
}

/// Lines such as `global.index-url='https://…'`; a list's entries are parted by `\n` in it.
fn pip_settings(list: &str) -> Vec<(String, String)> {
    let settings = list.lines().filter_map(|line| {
        let (key, value) = line.split_once('=')?;
        let (section, name) = key.split_once('.')?;
        if section == ":env:" || !PIP.contains(&name) {
            return None;
        }
        let value = value.trim_matches(['\'', '"']).replace("\\n", " ");
        Some((pip_variable(name), value.trim().to_owned()))
    });
    settings.collect()
}

fn of_uv(mut environment: Environment) -> Environment {
    let named = environment.get("UV_CONFIG_FILE").map(PathBuf::from);
    let own = environment.folder("XDG_CONFIG_HOME", ".config");
    let own = own.map(|folder| folder.join("uv/uv.toml"));
    let files = match named {
        Some(named) => vec![named],
        None => own
            .into_iter()
            .chain([PathBuf::from("/etc/uv/uv.toml")])
            .collect(),
    };
    for file in files {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        for (name, value) in uv_settings(&text.parse().unwrap_or_default()) {
            if environment.get(&name).is_none() {
                environment = environment.with(&name, value);
            }
        }
    }
    environment
        .without("UV_CONFIG_FILE")
        .with("UV_NO_CONFIG", "1")
}

#[derive(Deserialize)]
struct Index {
    name: Option<String>,
    url: String,
    #[serde(default)]
    default: bool,
}

fn uv_settings(table: &toml::Table) -> Vec<(String, String)> {
    let mut settings = Vec::new();
    let pip = table.get("pip").and_then(toml::Value::as_table);
    for (key, variable) in UV {
        let of_pip = pip.and_then(|pip| pip.get(key));
        if let Some(value) = of_pip.or_else(|| table.get(key)).and_then(words) {
            settings.push((variable.to_owned(), value));
        }
    }
    let indexes = table.get("index").cloned();
    let indexes: Vec<Index> = indexes
        .and_then(|indexes| indexes.try_into().ok())
        .unwrap_or_default();
    let of = |is_default: bool| {
        let chosen = indexes.iter().filter(|index| index.default == is_default);
        let named = chosen.map(|index| match &index.name {
            Some(name) => format!("{name}={}", index.url),
            None => index.url.clone(),
        });
        named.collect::<Vec<_>>().join(" ")
    };
    for (variable, value) in [("UV_DEFAULT_INDEX", of(true)), ("UV_INDEX", of(false))] {
        if !value.is_empty() {
            settings.push((variable.to_owned(), value));
        }
    }
    settings
}

/// A value as a variable holds it: the entries of a list parted by spaces.
fn words(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Boolean(is_so) => Some(is_so.to_string()),
        toml::Value::Array(entries) => {
            let entries: Option<Vec<String>> = entries.iter().map(words).collect();
            entries.map(|entries| entries.join(" "))
        }
        _ => None,
    }
}

/// What cargo's files of settings say that a variable can't take back.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct CargoSettings {
    /// They build for a target; the host's must be named then.
    pub has_target: bool,
}

/// Reads cargo's files of settings: those at and above the row's folder, and `$CARGO_HOME`'s.
///
/// # Errors
///
/// Where one would bend a row: another profile, other sources of a crate, variables for the compiler.
pub(super) fn of_cargo(dir: &Path, environment: &Environment) -> Result<CargoSettings, BuildError> {
    let own = environment.folder("CARGO_HOME", ".cargo");
    let above = dir.ancestors().map(|folder| folder.join(".cargo"));
    let mut settings = CargoSettings::default();
    for folder in above.chain(own) {
        for name in ["config.toml", "config"] {
            let file = folder.join(name);
            let Ok(text) = std::fs::read_to_string(&file) else {
                continue;
            };
            let table: toml::Table = text.parse().unwrap_or_default();
            if let Some(key) = bending_key(&table) {
                return Err(BuildError::Bent { file, key });
            }
            let build = table.get("build");
            settings.has_target |= build.and_then(|build| build.get("target")).is_some();
        }
    }
    Ok(settings)
}

/// The first key of a file of cargo's settings that would change what is compiled. Flags, wrappers and the target are
/// taken back by what is set for every row; another linker makes the same program.
fn bending_key(table: &toml::Table) -> Option<String> {
    for key in ["patch", "env", "paths", "unstable", "include"] {
        if table.contains_key(key) {
            return Some(key.to_owned());
        }
    }
    let has = |section: &str, key: &str| table.get(section).is_some_and(|of| of.get(key).is_some());
    let keys = [("profile", "release"), ("build", "rustc")];
    let (section, key) = keys.into_iter().find(|(section, key)| has(section, key))?;
    Some(format!("{section}.{key}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_pip_s_settings_only_those_for_registries_pass() {
        let list = "global.index-url='https://mirror.example.org/simple'\nglobal.target='/elsewhere'\n\
                    install.user='true'\ninstall.trusted-host='\\na.example.org\\nb.example.org'\n\
                    :env:.cert='/certs'\n";
        let text = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            pip_settings(list),
            [
                text("PIP_INDEX_URL", "https://mirror.example.org/simple"),
                text("PIP_TRUSTED_HOST", "a.example.org b.example.org")
            ]
        );
    }

    #[test]
    fn of_uv_s_settings_only_those_for_registries_pass() {
        let table = "native-tls = true\ncompile-bytecode = false\n\
                     [pip]\ntarget = \"/elsewhere\"\nextra-index-url = [\"https://a.example.org\", \"https://b.example.org\"]\n\
                     [[index]]\nname = \"mirror\"\nurl = \"https://mirror.example.org\"\ndefault = true\n";
        let text = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            uv_settings(&table.parse().unwrap()),
            [
                text(
                    "UV_EXTRA_INDEX_URL",
                    "https://a.example.org https://b.example.org"
                ),
                text("UV_NATIVE_TLS", "true"),
                text("UV_DEFAULT_INDEX", "mirror=https://mirror.example.org"),
            ]
        );
    }

    #[test]
    fn cargo_s_settings_that_would_bend_a_row_are_refused_and_the_usual_ones_are_not() {
        let key = |text: &str| bending_key(&text.parse().unwrap());
        assert_eq!(
            key("[profile.release]\nopt-level = 0").as_deref(),
            Some("profile.release")
        );
        assert_eq!(
            key("[patch.crates-io]\nserde = { path = \"x\" }").as_deref(),
            Some("patch")
        );
        assert_eq!(key("[env]\nCFLAGS = \"-O0\"").as_deref(), Some("env"));
        let usual = "[build]\nrustc-wrapper = \"sccache\"\nrustflags = [\"-C\", \"target-cpu=native\"]\n\
                     [target.x86_64-unknown-linux-gnu]\nlinker = \"clang\"\n[profile.dev]\ndebug = 0\n\
                     [source.crates-io]\nreplace-with = \"mirror\"\n[net]\nretry = 5\n";
        assert_eq!(key(usual), None);
    }

    #[test]
    fn a_target_of_the_person_s_cargo_settings_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        let row = folder.path().join("frameworks/toy");
        std::fs::create_dir_all(folder.path().join(".cargo")).unwrap();
        let file = folder.path().join(".cargo/config.toml");
        std::fs::write(&file, "[build]\ntarget = \"wasm32-wasip1\"").unwrap();
        assert!(of_cargo(&row, &Environment::here()).unwrap().has_target);
        std::fs::write(&file, "[profile.release]\nlto = true").unwrap();
        let error = of_cargo(&row, &Environment::here())
            .unwrap_err()
            .to_string();
        assert!(
            error.contains(".cargo/config.toml sets `profile.release`"),
            "{error}"
        );
    }
}
