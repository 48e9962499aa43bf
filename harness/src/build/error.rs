//! Why a row can't be built.

use std::path::PathBuf;

/// Why a row can't be measured here.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// A program is not on this machine.
    #[error("needs {command} {version} or later, which is not here: {get}")]
    Missing {
        /// The program.
        command: String,
        /// The least version.
        version: String,
        /// What a person does to get it.
        get: String,
    },
    /// A program is too old.
    #[error("needs {command} {version} or later, here is {found}: {get}")]
    TooOld {
        /// The program.
        command: String,
        /// The least version.
        version: String,
        /// What is here.
        found: String,
        /// What a person does to get it.
        get: String,
    },
    /// A person's JAVA_HOME is not that of a JDK.
    #[error(
        "JAVA_HOME is {home}, which has no bin/{program}: set it to the folder of a JDK, or unset it to use the newest \
         JDK found",
        home = home.display()
    )]
    JavaHome {
        /// What it is set to.
        home: PathBuf,
        /// The program that is not in it.
        program: String,
    },
    /// A step of the build failed.
    #[error("`{step}` failed ({status}); its last lines:\n{tail}")]
    Step {
        /// The command.
        step: String,
        /// How it ended.
        status: String,
        /// What it said last.
        tail: String,
    },
    /// A tool ended well, but what it said can't be understood.
    #[error("`{step}` does not say {what}")]
    Unclear {
        /// The command.
        step: String,
        /// What was looked for.
        what: String,
    },
    /// A person's settings would change what is compiled.
    #[error("{file} sets `{key}`, which would change this row: take it out, or build with another CARGO_HOME", file = file.display())]
    Bent {
        /// The file of settings.
        file: PathBuf,
        /// The key in it.
        key: String,
    },
    /// A row can't be moved to a release of its framework.
    #[error("{0}")]
    Release(String),
    /// A file or folder of the build can't be read or written.
    #[error("{path}: {source}", path = path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
}
