//! The environment that rows are installed in: what a tool needs to reach its registry passes, what would bend a row
//! (compiler flags, build targets, install folders) does not.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use super::passed::{SET, network_only, passes};

/// The environment of the tools that install rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Environment(BTreeMap<OsString, OsString>);

impl Environment {
    /// What passes of this process's environment, and what is set for every tool.
    pub fn here() -> Environment {
        Environment::of(std::env::vars_os())
    }

    fn of(all: impl IntoIterator<Item = (OsString, OsString)>) -> Environment {
        let mut passed = BTreeMap::new();
        let mut jvm = Vec::new();
        for (name, value) in all {
            match name.to_str() {
                Some("MAVEN_OPTS" | "JAVA_TOOL_OPTIONS") => {
                    let words = value.to_string_lossy();
                    jvm.extend(
                        words
                            .split_whitespace()
                            .filter(network_only)
                            .map(str::to_owned),
                    );
                }
                Some(text) if passes(text) => {
                    passed.insert(name, value);
                }
                _ => {}
            }
        }
        if !jvm.is_empty() {
            passed.insert("MAVEN_OPTS".into(), jvm.join(" ").into());
        }
        for (name, value) in SET {
            passed.insert(name.into(), value.into());
        }
        Environment(passed)
    }

    /// The same with another variable.
    pub fn with(mut self, name: &str, value: impl AsRef<OsStr>) -> Environment {
        self.0.insert(name.into(), value.as_ref().to_owned());
        self
    }

    /// The same without a variable.
    pub fn without(mut self, name: &str) -> Environment {
        self.0.remove(OsStr::new(name));
        self
    }

    /// A variable's value.
    pub fn get(&self, name: &str) -> Option<&OsStr> {
        self.0.get(OsStr::new(name)).map(OsString::as_os_str)
    }

    /// A command in this environment.
    pub fn command(&self, program: impl AsRef<OsStr>) -> std::process::Command {
        let mut command = std::process::Command::new(program);
        command.env_clear().envs(&self.0);
        command
    }

    /// The names of what passed. Their values may be secret, and are nobody's business.
    pub fn names(&self) -> Vec<String> {
        let set = |name: &str| SET.iter().any(|(set, _)| *set == name);
        let names = self
            .0
            .keys()
            .map(|name| name.to_string_lossy().into_owned());
        names.filter(|name| !set(name)).collect()
    }

    /// `$name`, else `$HOME/fallback`.
    pub fn folder(&self, name: &str, fallback: &str) -> Option<PathBuf> {
        let named = self.get(name).filter(|value| !value.is_empty());
        named
            .map(PathBuf::from)
            .or_else(|| Some(Path::new(self.get("HOME")?).join(fallback)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(all: &[(&str, &str)]) -> Environment {
        Environment::of(all.iter().map(|(name, value)| (name.into(), value.into())))
    }

    #[test]
    fn what_bends_a_row_does_not_pass() {
        let bends = [
            "CARGO_BUILD_TARGET",
            "CARGO_BUILD_RUSTFLAGS",
            "CARGO_INCREMENTAL",
            "CARGO_PROFILE_RELEASE_OPT_LEVEL",
            "CARGO_TARGET_DIR",
            "CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUSTFLAGS",
            "CARGO_UNSTABLE_BUILD_STD",
            "CC",
            "CFLAGS",
            "CLASSPATH",
            "GOAMD64",
            "GODEBUG",
            "GOEXPERIMENT",
            "GOFLAGS",
            "GOOS",
            "JAVA_OPTS",
            "JDK_JAVAC_OPTIONS",
            "JDK_JAVA_OPTIONS",
            "LD_PRELOAD",
            "MAVEN_ARGS",
            "NODE_ENV",
            "NODE_OPTIONS",
            "NODE_PATH",
            "PIP_NO_BINARY",
            "PIP_PREFIX",
            "PIP_TARGET",
            "PYTHONDONTWRITEBYTECODE",
            "PYTHONOPTIMIZE",
            "PYTHONPATH",
            "RUSTC",
            "RUSTC_BOOTSTRAP",
            "RUSTC_WRAPPER",
            "RUSTFLAGS",
            "UV_LINK_MODE",
            "UV_NO_BINARY",
            "UV_TARGET",
            "VIRTUAL_ENV",
            "_JAVA_OPTIONS",
            "npm_config_legacy_peer_deps",
            "npm_config_prefix",
        ];
        let all: Vec<_> = bends.iter().map(|name| (*name, "bent")).collect();
        assert_eq!(of(&all), of(&[]));
        let bent = of(&[
            ("PIP_USER", "1"),
            ("CARGO_BUILD_RUSTC_WRAPPER", "spy"),
            ("LANG", "de_DE"),
        ]);
        assert_eq!(bent, of(&[]));
    }

    #[test]
    fn proxies_mirrors_and_certificates_pass() {
        let passes = [
            "CARGO_HOME",
            "CARGO_HTTP_CAINFO",
            "CARGO_NET_OFFLINE",
            "CARGO_REGISTRIES_MIRROR_TOKEN",
            "CARGO_SOURCE_CRATES_IO_REPLACE_WITH",
            "GOPROXY",
            "GOSUMDB",
            "HOME",
            "HTTPS_PROXY",
            "NODE_EXTRA_CA_CERTS",
            "NO_PROXY",
            "NPM_CONFIG_REGISTRY",
            "PATH",
            "PIP_INDEX_URL",
            "RUSTUP_HOME",
            "SSL_CERT_FILE",
            "UV_INDEX_MIRROR_PASSWORD",
            "UV_INDEX_URL",
            "http_proxy",
            "npm_config_//registry.example.org/:_authToken",
            "npm_config_https-proxy",
        ];
        let all: Vec<_> = passes.iter().map(|name| (*name, "kept")).collect();
        let environment = of(&all);
        for name in passes {
            assert_eq!(environment.get(name), Some(OsStr::new("kept")), "{name}");
        }
        assert_eq!(environment.names(), passes);
    }

    #[test]
    fn of_a_jvm_s_options_only_those_for_the_network_pass() {
        let environment = of(&[
            (
                "JAVA_TOOL_OPTIONS",
                "-Xint -Djavax.net.ssl.trustStore=/certs",
            ),
            (
                "MAVEN_OPTS",
                "-Dhttps.proxyHost=proxy -Xmx64m -javaagent:spy.jar",
            ),
        ]);
        let expected = "-Djavax.net.ssl.trustStore=/certs -Dhttps.proxyHost=proxy";
        assert_eq!(environment.get("MAVEN_OPTS"), Some(OsStr::new(expected)));
        assert_eq!(environment.get("JAVA_TOOL_OPTIONS"), None);
    }
}
