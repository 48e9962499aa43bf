//! The environment that rows are installed in: what a tool needs to reach its registry passes, what would bend a row
//! (compiler flags, build targets, install folders) does not.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// Passed as they are.
const PASSED: &[&str] = &[
    // The system's.
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "TMPDIR",
    "XDG_CACHE_HOME",
    "XDG_CONFIG_HOME",
    "XDG_CONFIG_DIRS",
    "XDG_DATA_HOME",
    "DEVELOPER_DIR",
    "SDKROOT",
    // Certificates, and who a person is to a mirror.
    "AWS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "GIT_SSL_CAINFO",
    "GIT_SSL_CAPATH",
    "NETRC",
    "NIX_SSL_CERT_FILE",
    "NODE_AUTH_TOKEN",
    "NODE_EXTRA_CA_CERTS",
    "NODE_TLS_REJECT_UNAUTHORIZED",
    "NODE_USE_ENV_PROXY",
    "NODE_USE_SYSTEM_CA",
    "NPM_TOKEN",
    "REQUESTS_CA_BUNDLE",
    "SSH_AUTH_SOCK",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    // Where a version manager keeps the tools; which version it gives is recorded with the tool.
    "ASDF_DATA_DIR",
    "ASDF_DIR",
    "FNM_DIR",
    "FNM_MULTISHELL_PATH",
    "GOENV_ROOT",
    "GOENV_VERSION",
    "GOROOT",
    "JAVA_HOME",
    "JENV_ROOT",
    "JENV_VERSION",
    "MISE_CONFIG_DIR",
    "MISE_DATA_DIR",
    "NODENV_ROOT",
    "NODENV_VERSION",
    "NVM_BIN",
    "NVM_DIR",
    "PYENV_ROOT",
    "PYENV_VERSION",
    "SDKMAN_CANDIDATES_DIR",
    "SDKMAN_DIR",
    "VOLTA_HOME",
    // Registries, mirrors and caches of the languages' tools.
    "CARGO_HOME",
    "GOAUTH",
    "GOCACHE",
    "GOINSECURE",
    "GOMODCACHE",
    "GONOPROXY",
    "GONOSUMDB",
    "GOPATH",
    "GOPRIVATE",
    "GOPROXY",
    "GOSUMDB",
    "GOTOOLCHAIN",
    "GOVCS",
    "M2_HOME",
    "MAVEN_HOME",
    "PIP_CACHE_DIR",
    "PIP_CERT",
    "PIP_CLIENT_CERT",
    "PIP_CONFIG_FILE",
    "PIP_DEFAULT_TIMEOUT",
    "PIP_DISABLE_PIP_VERSION_CHECK",
    "PIP_EXTRA_INDEX_URL",
    "PIP_FIND_LINKS",
    "PIP_INDEX_URL",
    "PIP_KEYRING_PROVIDER",
    "PIP_NO_INDEX",
    "PIP_PROXY",
    "PIP_RETRIES",
    "PIP_TIMEOUT",
    "PIP_TRUSTED_HOST",
    "UV_ALLOW_INSECURE_HOST",
    "UV_CACHE_DIR",
    "UV_CONFIG_FILE",
    "UV_DEFAULT_INDEX",
    "UV_EXTRA_INDEX_URL",
    "UV_FIND_LINKS",
    "UV_HTTP_RETRIES",
    "UV_HTTP_TIMEOUT",
    "UV_INSECURE_HOST",
    "UV_KEYRING_PROVIDER",
    "UV_NATIVE_TLS",
    "UV_NETRC",
    "UV_NO_INDEX",
    "UV_OFFLINE",
    "UV_SYSTEM_CERTS",
];

/// Whatever begins so passes too.
const PASSED_PREFIXES: &[&str] = &[
    "CARGO_HTTP_",
    "CARGO_NET_",
    "CARGO_REGISTRIES_",
    "CARGO_REGISTRY_",
    "CARGO_SOURCE_",
    "RUSTUP_",
    "UV_INDEX",
];

/// Proxies, in either case.
const PROXIES: &[&str] = &[
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "ftp_proxy",
    "no_proxy",
];

/// npm's settings that pass, as `npm_config_<name>` in either case.
const NPM_SETTINGS: &[&str] = &[
    "ca",
    "cache",
    "cafile",
    "cert",
    "fetch_retries",
    "fetch_retry_factor",
    "fetch_retry_maxtimeout",
    "fetch_retry_mintimeout",
    "fetch_timeout",
    "globalconfig",
    "https_proxy",
    "key",
    "maxsockets",
    "noproxy",
    "offline",
    "prefer_offline",
    "proxy",
    "registry",
    "replace_registry_host",
    "strict_ssl",
    "userconfig",
];

/// Options of a JVM that say how to reach a registry; the others would bend the tool.
const JVM_NETWORK: &[&str] = &[
    "-Dhttp.proxy",
    "-Dhttps.proxy",
    "-Dhttp.nonProxyHosts",
    "-Dhttp.agent",
    "-DsocksProxy",
    "-Djava.net.",
    "-Djavax.net.ssl.",
    "-Dmaven.repo.local",
    "-Dmaven.wagon.http",
    "-Daether.connector",
];

/// What is set for every tool, so that a person's files of settings do not bend a row either.
const SET: &[(&str, &str)] = &[
    ("LANG", "C.UTF-8"),
    // Cargo: empty means none, whatever the files of settings say.
    ("CARGO_ENCODED_RUSTFLAGS", ""),
    ("CARGO_BUILD_RUSTC_WRAPPER", ""),
    ("CARGO_BUILD_RUSTC_WORKSPACE_WRAPPER", ""),
    ("CARGO_TERM_COLOR", "never"),
    // Maven: no ~/.mavenrc.
    ("MAVEN_SKIP_RC", "1"),
    // npm: the defaults of what `npm ci` goes by.
    ("npm_config_dry_run", "false"),
    ("npm_config_global", "false"),
    ("npm_config_include", "optional"),
    ("npm_config_install_strategy", "hoisted"),
    ("npm_config_omit", "dev"),
    ("npm_config_package_lock", "true"),
    // pip.
    ("PIP_NO_INPUT", "1"),
    ("PIP_USER", "0"),
];

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

fn passes(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    if let Some(setting) = lower.strip_prefix("npm_config_") {
        // Settings for one registry begin with its address: tokens and certificates.
        let setting = setting.replace('-', "_");
        return setting.starts_with("//")
            || setting.starts_with('@')
            || NPM_SETTINGS.contains(&setting.as_str());
    }
    PASSED.contains(&name)
        || PROXIES.contains(&lower.as_str())
        || PASSED_PREFIXES
            .iter()
            .any(|prefix| name.starts_with(prefix))
}

fn network_only(option: &&str) -> bool {
    JVM_NETWORK.iter().any(|prefix| option.starts_with(prefix))
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
