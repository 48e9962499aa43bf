//! Which variables reach the tools that install rows, by name.

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
    "M2_HOME",
    "MAVEN_HOME",
    "PIP_CONFIG_FILE",
    "PIP_DEFAULT_TIMEOUT",
    "PIP_DISABLE_PIP_VERSION_CHECK",
    "UV_ALLOW_INSECURE_HOST",
    "UV_CONFIG_FILE",
    "UV_DEFAULT_INDEX",
    "UV_HTTP_RETRIES",
    "UV_HTTP_TIMEOUT",
    "UV_NETRC",
];

/// The settings of Go that pass, from the environment or from what `go env -w` wrote.
pub(super) const GO: [&str; 12] = [
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
];

/// The settings of pip that pass; each has a [`pip_variable`] too.
pub(super) const PIP: [&str; 12] = [
    "cache-dir",
    "cert",
    "client-cert",
    "extra-index-url",
    "find-links",
    "index-url",
    "keyring-provider",
    "no-index",
    "proxy",
    "retries",
    "timeout",
    "trusted-host",
];

/// The settings of uv that pass, and their variables.
pub(super) const UV: [(&str, &str); 10] = [
    ("allow-insecure-host", "UV_INSECURE_HOST"),
    ("cache-dir", "UV_CACHE_DIR"),
    ("extra-index-url", "UV_EXTRA_INDEX_URL"),
    ("find-links", "UV_FIND_LINKS"),
    ("index-url", "UV_INDEX_URL"),
    ("keyring-provider", "UV_KEYRING_PROVIDER"),
    ("native-tls", "UV_NATIVE_TLS"),
    ("no-index", "UV_NO_INDEX"),
    ("offline", "UV_OFFLINE"),
    ("system-certs", "UV_SYSTEM_CERTS"),
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
pub(super) const SET: &[(&str, &str)] = &[
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

/// The variable of one of pip's settings.
pub(super) fn pip_variable(setting: &str) -> String {
    format!("PIP_{}", setting.to_uppercase().replace('-', "_"))
}

/// Whether a variable reaches the tools.
pub(super) fn passes(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    if let Some(setting) = lower.strip_prefix("npm_config_") {
        // Settings for one registry begin with its address: tokens and certificates.
        let setting = setting.replace('-', "_");
        return setting.starts_with("//")
            || setting.starts_with('@')
            || NPM_SETTINGS.contains(&setting.as_str());
    }
    PASSED.contains(&name)
        || GO.contains(&name)
        || PIP.iter().any(|setting| pip_variable(setting) == name)
        || UV.iter().any(|(_, variable)| *variable == name)
        || PROXIES.contains(&lower.as_str())
        || PASSED_PREFIXES
            .iter()
            .any(|prefix| name.starts_with(prefix))
}

/// Whether an option of a JVM says how to reach a registry.
pub(super) fn network_only(option: &&str) -> bool {
    JVM_NETWORK.iter().any(|prefix| option.starts_with(prefix))
}
