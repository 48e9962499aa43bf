//! The samplers: one per language.

use std::path::{Path, PathBuf};

use super::error::ExplainError;
use super::stacks::Stacks;
use super::{cpu_prof, jfr, perf, py_spy};
use crate::framework::Language;
use crate::layout::Layout;

/// A sampler that is here and may work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sampler {
    /// perf, for Rust (call chains by DWARF) and Go (by frame pointers).
    Perf(perf::Chains),
    /// py-spy, for Python.
    PySpy {
        /// Its program.
        program: PathBuf,
    },
    /// V8's own, for Node.
    CpuProf,
    /// The flight recorder, for the JVM.
    Jfr,
}

impl Sampler {
    /// The sampler of a language, installed if that is possible, and tried.
    ///
    /// # Errors
    ///
    /// If this machine has none or does not let it work; the error says what to do.
    pub fn of(language: Language, layout: &Layout) -> Result<Sampler, ExplainError> {
        match language {
            Language::Rust => perf::require().map(|()| Sampler::Perf(perf::Chains::Dwarf)),
            Language::Go => perf::require().map(|()| Sampler::Perf(perf::Chains::FramePointers)),
            Language::Python => py_spy::program(layout).map(|program| Sampler::PySpy { program }),
            Language::TypeScript => Ok(Sampler::CpuProf),
            Language::Jvm => Ok(Sampler::Jfr),
        }
    }

    /// What it is and how it samples.
    pub fn description(&self) -> &'static str {
        match self {
            Sampler::Perf(chains) => chains.description(),
            Sampler::PySpy { .. } => py_spy::DESCRIPTION,
            Sampler::CpuProf => cpu_prof::DESCRIPTION,
            Sampler::Jfr => jfr::DESCRIPTION,
        }
    }

    /// How many runs give at least some hundred samples of most rows.
    pub fn runs(&self) -> u32 {
        match self {
            Sampler::Perf(perf::Chains::Dwarf) => 4000,
            Sampler::Perf(perf::Chains::FramePointers) => 1000,
            Sampler::PySpy { .. } => 200,
            Sampler::CpuProf => 500,
            Sampler::Jfr => 2000,
        }
    }

    /// A runner's command, changed such that the sampler watches it and writes to `folder`.
    pub fn wrap(&self, argv: &[String], folder: &Path) -> Vec<String> {
        match self {
            Sampler::Perf(chains) => perf::wrap(*chains, argv, folder),
            Sampler::PySpy { program } => py_spy::wrap(program, argv, folder),
            Sampler::CpuProf => cpu_prof::wrap(argv, folder),
            Sampler::Jfr => jfr::wrap(argv, folder),
        }
    }

    /// What the sampler wrote for a runner that was started with `argv`, as collapsed stacks.
    ///
    /// # Errors
    ///
    /// If it wrote nothing, or what can't be understood.
    pub fn stacks(&self, argv: &[String], folder: &Path) -> Result<Stacks, ExplainError> {
        match self {
            Sampler::Perf(_) => perf::stacks(folder),
            Sampler::PySpy { .. } => py_spy::stacks(folder),
            Sampler::CpuProf => cpu_prof::stacks(folder),
            Sampler::Jfr => jfr::stacks(argv, folder),
        }
    }
}
