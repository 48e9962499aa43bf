//! Which framework, runtime and HTTP client a runner is made of.

use loopmark_protocol::{Feature, Ready};

/// The rustc that compiled this library, and so the runner.
const RUSTC: &str = env!("LOOPMARK_RUSTC");

/// What the runner's `ready` line says: names, each with the version that is compiled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The framework's crate.
    pub framework: String,
    /// The framework's version.
    pub version: String,
    /// The compiler and the async runtime.
    pub runtime: String,
    /// The HTTP client's crate and version.
    pub http_client: String,
}

/// The lock file does not tell a crate's version.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// No such crate.
    #[error("the lock file has no package `{0}`")]
    Absent(String),
    /// Two versions of the crate.
    #[error("the lock file has several versions of `{0}`: {1}; name one as `{0}@1.2`")]
    Several(String, String),
}

impl Identity {
    /// Reads the versions from the runner's `Cargo.lock`, which `cargo build --locked` keeps to.
    ///
    /// A crate that is locked in several versions is named with the beginning of the one that is
    /// compiled in, as in `reqwest@0.13`.
    ///
    /// # Errors
    ///
    /// When the lock file does not hold exactly one version of a named crate and of tokio.
    pub fn from_lock(
        lock: &str,
        framework: &str,
        http_client: &str,
    ) -> Result<Identity, IdentityError> {
        Ok(Identity {
            framework: crate_name(framework).to_owned(),
            version: locked_version(lock, framework)?.to_owned(),
            runtime: format!("rustc {RUSTC}, tokio {}", locked_version(lock, "tokio")?),
            http_client: format!(
                "{} {}",
                crate_name(http_client),
                locked_version(lock, http_client)?
            ),
        })
    }

    pub(crate) fn into_ready(self, offers: &[Feature]) -> Ready {
        Ready {
            framework: self.framework,
            version: self.version,
            runtime: self.runtime,
            http_client: self.http_client,
            offers: offers.to_vec(),
        }
    }
}

/// `reqwest` of `reqwest@0.13`.
fn crate_name(package: &str) -> &str {
    package.split_once('@').map_or(package, |(name, _)| name)
}

/// The version of a package (`reqwest` or `reqwest@0.13`) in the text of a `Cargo.lock`.
fn locked_version<'lock>(lock: &'lock str, package: &str) -> Result<&'lock str, IdentityError> {
    let (name, beginning) = package.split_once('@').unwrap_or((package, ""));
    let versions: Vec<&str> = packages(lock)
        .filter(|(locked, version)| *locked == name && version.starts_with(beginning))
        .map(|(_, version)| version)
        .collect();
    match versions[..] {
        [version] => Ok(version),
        [] => Err(IdentityError::Absent(package.to_owned())),
        _ => Err(IdentityError::Several(
            package.to_owned(),
            versions.join(", "),
        )),
    }
}

/// Names and versions of a lock file: cargo writes the two on adjacent lines.
fn packages(lock: &str) -> impl Iterator<Item = (&str, &str)> {
    lock.lines()
        .zip(lock.lines().skip(1))
        .filter_map(|(line, next)| {
            let name = line.strip_prefix("name = \"")?.strip_suffix('"')?;
            let version = next.strip_prefix("version = \"")?.strip_suffix('"')?;
            Some((name, version))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = include_str!("../Cargo.lock");

    const TWO_REQWESTS: &str = r#"
[[package]]
name = "reqwest"
version = "0.12.9"

[[package]]
name = "reqwest"
version = "0.13.1"
"#;

    #[test]
    fn versions_come_from_the_lock_file() {
        let identity = Identity::from_lock(LOCK, "loopmark-runner", "serde_json").unwrap();
        assert_eq!(identity.framework, "loopmark-runner");
        assert_eq!(identity.version, env!("CARGO_PKG_VERSION"));
        assert!(
            identity.runtime.starts_with("rustc 1."),
            "{}",
            identity.runtime
        );
        assert!(
            identity.runtime.contains(", tokio 1."),
            "{}",
            identity.runtime
        );
        assert!(
            identity.http_client.starts_with("serde_json 1."),
            "{}",
            identity.http_client
        );
    }

    #[test]
    fn a_crate_that_is_not_locked_is_named() {
        let error = Identity::from_lock(LOCK, "rig", "reqwest").unwrap_err();
        assert_eq!(error.to_string(), "the lock file has no package `rig`");
    }

    #[test]
    fn of_several_versions_one_has_to_be_named() {
        let error = locked_version(TWO_REQWESTS, "reqwest").unwrap_err();
        assert!(error.to_string().contains("0.12.9, 0.13.1"), "{error}");
        assert_eq!(
            locked_version(TWO_REQWESTS, "reqwest@0.13").unwrap(),
            "0.13.1"
        );
    }
}
