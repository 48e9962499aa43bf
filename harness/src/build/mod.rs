//! Installs the runners: what a row requires is looked for, its build steps are run, and what is up to date is skipped.

mod all;
mod cargo;
mod command;
mod environment;
mod error;
mod install;
mod jdk;
mod passed;
mod prune;
mod python;
pub mod release;
mod room;
mod settings;
mod size;
mod sources;
mod stamp;
mod step;
mod toolchain;

pub use all::{BuildResult, build_all};
pub use command::{check_requirements, command, installed_version, is_built, is_offered_here};
pub use error::BuildError;
pub use install::{Built, build};
pub use prune::{Pruned, prune};
pub use python::python_tool;
pub use size::installed_bytes;
pub use stamp::{BuiltStep, BuiltWith, Program};
