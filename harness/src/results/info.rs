//! `run.json`: what was measured, where, and with what.

use std::collections::BTreeMap;

use loopmark_protocol::{Api, Feature, Ready};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::calibration::Calibration;
use crate::capacity::CapacityPlan;
use crate::framework::{Colour, DEFAULT_VARIANT, Kind, Language, Limit};
use crate::measurement::Network;
use crate::mock::MockCheck;
use crate::plan::{CellKey, Plan, PlannedTrial, RowKey, Shard};
use crate::scenario::{Case, Expectation, ReportSpec, Scenario};
use crate::system::{Machine, Pinning};

/// The format of the files that are written, in `run.json`.
pub const FORMAT: u32 = 2;

/// `run.json`: what was measured, where, and with what.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RunInfo {
    /// [`FORMAT`], or the older one that was read.
    pub format: u32,
    /// The folder's name.
    pub id: String,
    /// The version of Loopmark.
    pub loopmark: String,
    /// The revision of the checkout, with `-dirty` where files were changed; `None` outside git.
    pub git_revision: Option<String>,
    /// The command that made it.
    pub command: Vec<String>,
    /// UTC, RFC 3339.
    pub started_at: String,
    /// UTC, RFC 3339; `None` while it lasts, and where it was ended.
    pub finished_at: Option<String>,
    /// Whether every planned trial was executed.
    pub complete: bool,
    /// Whether a debug build of the harness measured it, which bends figures.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub debug_build: bool,
    /// The machine.
    pub machine: Machine,
    /// Who ran on which of its processors; `None` where all had all.
    #[serde(default)]
    pub pinning: Option<Pinning>,
    /// Network access that runners had; `None` in records from before it was kept.
    #[serde(default)]
    pub network: Option<Network>,
    /// The scenarios, in the report's order.
    pub scenarios: Vec<ScenarioInfo>,
    /// The rows, in the table's order.
    pub rows: Vec<RowInfo>,
    /// How the mock did before the sweep; `None` where the check was left out.
    pub mock: Option<MockCheck>,
    /// How far off the harness was before the sweep; `None` where it was left out or failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calibration: Option<Calibration>,
    /// The trials, in their order.
    pub plan: Plan,
    /// Which of them this folder holds; `None` where it holds all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<Shard>,
    /// What is searched after the trials; `None` where no capacity is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<CapacityPlan>,
}

impl RunInfo {
    /// How many processors a runner had.
    pub fn runner_cpu_count(&self) -> usize {
        let pinned = self.pinning.as_ref();
        pinned.map_or(self.machine.cpus, |pinning| pinning.runner_cpus.count())
    }

    /// The trials of the plan that this folder is to hold, in their order.
    pub fn trials(&self) -> impl Iterator<Item = &PlannedTrial> {
        let shard = self.shard.as_ref();
        let trials = self.plan.trials.iter();
        trials.filter(move |trial| shard.is_none_or(|shard| shard.holds(trial)))
    }

    /// What is said of the scenario of this name.
    pub fn scenario(&self, name: &str) -> Option<&ScenarioInfo> {
        self.scenarios.iter().find(|scenario| scenario.name == name)
    }

    /// What is said of a row.
    pub fn row(&self, key: &RowKey) -> Option<&RowInfo> {
        self.rows.iter().find(|row| row.key == *key)
    }

    /// Why a cell's row does not do the cell's work, if its manifest says so.
    pub fn limit(&self, cell: &CellKey) -> Option<&Limit> {
        let mut limits = self.row(&cell.row)?.limits.iter();
        limits.find(|limit| cell.is_within(limit))
    }
}

/// A scenario of a sweep.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ScenarioInfo {
    /// Its name.
    pub name: String,
    /// The model's own time in one run.
    pub model_time_ms: f64,
    /// LLM calls per run.
    pub llm_calls: u32,
    /// Tool calls per run.
    pub tool_calls: u32,
    /// Its cases; empty where it has none. Then the figures above are of the first case.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cases: Vec<CaseInfo>,
    /// What its report is about; `None` for the report that every scenario has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<ReportSpec>,
    /// What is expected of its metrics.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expect: Vec<Expectation>,
    /// SHA-256 of the scenario's file and its data files.
    #[serde(default)]
    pub sha256: Option<String>,
}

/// A case of a scenario.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CaseInfo {
    /// Its name.
    pub name: String,
    /// The value of the scenario's parameter, where that is a number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<f64>,
    /// The model's own time in one run.
    pub model_time_ms: f64,
    /// LLM calls per run.
    pub llm_calls: u32,
    /// Tool calls per run.
    pub tool_calls: u32,
    /// A second agent takes over: the first one may ask once more when that one has answered.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_handoff: bool,
}

impl CaseInfo {
    /// The most LLM calls that a run takes in which nothing is asked twice.
    pub fn max_llm_calls(&self) -> u32 {
        self.llm_calls + u32::from(self.has_handoff)
    }

    fn of(case: &Case) -> Option<CaseInfo> {
        Some(CaseInfo {
            name: case.name.clone()?,
            at: case.at,
            model_time_ms: case.model_time().as_secs_f64() * 1000.0,
            llm_calls: case.turn_count() as u32,
            tool_calls: case.call_count() as u32,
            has_handoff: case.handoff_turn().is_some(),
        })
    }
}

impl ScenarioInfo {
    /// What is kept of a scenario.
    pub fn of(scenario: &Scenario) -> ScenarioInfo {
        let first = scenario.case_of(0);
        ScenarioInfo {
            name: scenario.name.clone(),
            model_time_ms: first.model_time().as_secs_f64() * 1000.0,
            llm_calls: first.turn_count() as u32,
            tool_calls: first.call_count() as u32,
            cases: scenario.cases().iter().filter_map(CaseInfo::of).collect(),
            report: scenario.report.clone(),
            expect: scenario.expect.clone(),
            sha256: Some(scenario.sha256.clone()),
        }
    }

    /// What distinguishes a scenario from another one of its name.
    pub fn digests(scenarios: &[ScenarioInfo]) -> BTreeMap<String, Option<String>> {
        let digest = |scenario: &ScenarioInfo| (scenario.name.clone(), scenario.sha256.clone());
        scenarios.iter().map(digest).collect()
    }
}

/// A row of a sweep.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RowInfo {
    /// The row.
    #[serde(rename = "row")]
    pub key: RowKey,
    /// As the table prints it.
    pub label: String,
    /// The language.
    pub language: Language,
    /// What the row stands for.
    pub kind: Kind,
    /// Its colour in charts, where its manifest asked for one; also `None` in records from before it was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub colour: Option<Colour>,
    /// The API that it speaks.
    pub api: Api,
    /// SHA-256 of manifest, sources, lock file and toolchain versions.
    pub sources_sha256: Option<String>,
    /// What is installed for it, without the language's runtime; `None` in records from before it was kept.
    #[serde(default)]
    pub install_bytes: Option<u64>,
    /// What the runner said of itself; `None` before its first trial.
    pub ready: Option<Ready>,
    /// The documentation whose idiom the runner follows; `None` in records from before it was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idiom: Option<String>,
    /// Declared differences on the wire, one sentence each; empty in records from before they were kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub wire: Vec<String>,
    /// Why its runner does not offer a feature.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub lacks: BTreeMap<Feature, String>,
    /// What it does not do, by its design.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<Limit>,
    /// Why it was not measured.
    pub skipped: Option<String>,
}

impl RowInfo {
    /// As tables and charts name it: by its label, and by its variant if that is not the default.
    pub fn name(&self) -> String {
        match self.key.variant.as_str() {
            DEFAULT_VARIANT => self.label.clone(),
            variant => format!("{}, {variant}", self.label),
        }
    }
}
