//! Whether two sweeps are the same experiment: the same rows, scenarios, processors, network and machine.
//!
//! Pure: compares the current setting with the recorded one.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use loopmark_protocol::Api;

use super::{RowInfo, RunInfo, ScenarioInfo};
use crate::measurement::Network;
use crate::plan::RowKey;
use crate::system::{Machine, Pinning, Traits};

/// What two sweeps must share before any of their rows are compared.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    /// The scenarios: by name the SHA-256 of the file and its data files; `None` in records from before it was kept.
    pub scenarios: BTreeMap<String, Option<String>>,
    /// The machine.
    pub machine: Machine,
    /// Whether a debug build of the harness measured.
    pub debug_build: bool,
    /// Processors and network.
    pub place: Place,
}

/// Who runs on which processors, and what runners can reach; written as the options of `run` that ask for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// `None` leaves all processors to all.
    pub pinning: Option<Pinning>,
    /// Network access for runners.
    pub network: Network,
}

/// What makes a row the same row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Framework and variant.
    pub key: RowKey,
    /// The API that it speaks.
    pub api: Api,
    /// SHA-256 of manifest, sources, lock file and toolchain versions; `None` where it could not be built.
    pub sources_sha256: Option<String>,
}

/// A difference between two sweeps.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Difference {
    /// The scenario's files.
    #[error("the scenario `{0}` has changed")]
    Scenario(String),
    /// The machine, in one respect.
    #[error("it is another machine ({what}: was {was}, is {is})")]
    Machine {
        /// In which respect.
        what: &'static str,
        /// What the record has.
        was: String,
        /// What it is now.
        is: String,
    },
    /// A debug build of the harness measured one of them.
    #[error(
        "it was measured by {} of loopmark, this is {}", build_name(*.was_debug), build_name(!*.was_debug)
    )]
    Build {
        /// Whether it was the recorded one.
        was_debug: bool,
    },
    /// Processors or network.
    #[error("it ran with {was}, now it would with {is}")]
    Place {
        /// What the record has.
        was: Box<Place>,
        /// What it is now.
        is: Box<Place>,
    },
    /// A recorded framework that the checkout lacks.
    #[error("there is no row `{0}` (a private one is named by --runner again)")]
    NoRow(String),
    /// A row whose sources differ.
    #[error("{0} changed: its manifest, sources, lock file or toolchain")]
    Row(String),
}

impl Setting {
    /// The setting of a recorded sweep.
    pub fn of(info: &RunInfo) -> Setting {
        Setting {
            scenarios: ScenarioInfo::digests(&info.scenarios),
            machine: info.machine.clone(),
            debug_build: info.debug_build,
            place: Place {
                pinning: info.pinning.clone(),
                // Records from before it was kept shared the machine's network.
                network: info.network.unwrap_or(Network::Shared),
            },
        }
    }

    /// The differences between this setting and `now`.
    pub fn differences(&self, now: &Setting) -> Vec<Difference> {
        let mut found = Vec::new();
        let names: BTreeSet<&String> = [self, now]
            .iter()
            .flat_map(|of| of.scenarios.keys())
            .collect();
        let changed = names
            .into_iter()
            .filter(|name| self.scenarios.get(*name) != now.scenarios.get(*name));
        found.extend(changed.map(|name| Difference::Scenario(name.clone())));
        found.extend(machine_differences(&self.machine, &now.machine));
        if self.debug_build != now.debug_build {
            let was_debug = self.debug_build;
            found.push(Difference::Build { was_debug });
        }
        if self.place != now.place {
            let [was, is] = [self, now].map(|setting| Box::new(setting.place.clone()));
            found.push(Difference::Place { was, is });
        }
        found
    }
}

impl Row {
    /// The rows that were measured in a recorded sweep.
    pub fn measured(info: &RunInfo) -> Vec<Row> {
        let measured = info.rows.iter().filter(|row| row.skipped.is_none());
        let row = |row: &RowInfo| Row {
            key: row.key.clone(),
            api: row.api,
            sources_sha256: row.sources_sha256.clone(),
        };
        measured.map(row).collect()
    }
}

/// The rows that `now` lacks or whose sources differ there.
pub fn row_differences(then: &[Row], now: &[Row]) -> Vec<Difference> {
    let changed = then.iter().filter(|row| !now.contains(row));
    changed
        .map(|row| Difference::Row(row.key.framework.clone()))
        .collect()
}

/// The frameworks that `now` lacks.
pub fn missing_frameworks(then: &BTreeSet<&str>, now: &[&str]) -> Vec<Difference> {
    let missing = then.iter().filter(|name| !now.contains(name));
    missing
        .map(|name| Difference::NoRow((*name).to_owned()))
        .collect()
}

fn machine_differences(then: &Machine, now: &Machine) -> Vec<Difference> {
    // Every field by name: a new one must be compared too.
    let parts = |machine: &Machine| {
        let Machine {
            cpu,
            cpus,
            memory_bytes,
            os,
            kernel,
            arch,
            frequency_governor,
            cpu_quota,
            slower_cpus,
            traits: _,
        } = machine.clone();
        [
            ("processor", cpu),
            ("processors", cpus.to_string()),
            ("memory", memory_bytes.to_string()),
            ("system", os),
            ("kernel", kernel),
            ("architecture", arch),
            ("governor", format!("{frequency_governor:?}")),
            // Records from before these were kept have neither, as most machines.
            ("quota of CPU time", format!("{cpu_quota:?}")),
            ("slower processors", format!("{slower_cpus:?}")),
        ]
    };
    // They are compared where both records have them.
    let traits = |machine: &Machine| {
        machine.traits.clone().map(|traits| {
            let Traits {
                allowed_cpus,
                memory_limit_bytes,
                huge_pages,
                page_bytes,
                smt,
                libc,
                is_virtual,
            } = traits;
            [
                ("allowed processors", format!("{allowed_cpus:?}")),
                ("memory limit", format!("{memory_limit_bytes:?}")),
                ("huge pages", format!("{huge_pages:?}")),
                ("page size", page_bytes.to_string()),
                ("threads of a core", format!("{smt:?}")),
                ("C library", format!("{libc:?}")),
                ("virtual machine", format!("{is_virtual:?}")),
            ]
        })
    };
    let traits = traits(then)
        .into_iter()
        .flatten()
        .zip(traits(now).into_iter().flatten());
    let pairs = parts(then).into_iter().zip(parts(now)).chain(traits);
    let different = pairs.filter(|((_, was), (_, is))| was != is);
    different
        .map(|((what, was), (_, is))| Difference::Machine { what, was, is })
        .collect()
}

fn build_name(is_debug: bool) -> &'static str {
    match is_debug {
        true => "a debug build",
        false => "a release build",
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.pinning {
            None => write!(f, "--no-pinning")?,
            Some(Pinning {
                runner_cpus,
                mock_cpus,
            }) => {
                write!(f, "--runner-cpus {runner_cpus} --mock-cpus {mock_cpus}")?;
            }
        }
        write!(f, " --network {}", self.network)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setting() -> Setting {
        Setting {
            scenarios: [("seed".to_owned(), Some("1".to_owned()))].into(),
            machine: Machine::here(),
            debug_build: false,
            place: Place {
                pinning: None,
                network: Network::Shared,
            },
        }
    }

    fn said(now: &Setting) -> Vec<String> {
        let found = setting().differences(now).into_iter();
        found.map(|difference| difference.to_string()).collect()
    }

    #[test]
    fn a_setting_is_the_same_as_itself_and_every_part_of_it_can_differ() {
        assert_eq!(said(&setting()), [""; 0]);
        let scenario = Setting {
            scenarios: [("seed".to_owned(), Some("2".to_owned()))].into(),
            ..setting()
        };
        assert_eq!(said(&scenario), ["the scenario `seed` has changed"]);
        let build = Setting {
            debug_build: true,
            ..setting()
        };
        let sentence = "it was measured by a release build of loopmark, this is a debug build";
        assert_eq!(said(&build), [sentence]);
        let pinning = Pinning {
            runner_cpus: "0".parse().unwrap(),
            mock_cpus: "1".parse().unwrap(),
        };
        let place = Place {
            pinning: Some(pinning),
            network: Network::Namespace,
        };
        let sentence = "it ran with --no-pinning --network shared, \
                        now it would with --runner-cpus 0 --mock-cpus 1 --network namespace";
        assert_eq!(said(&Setting { place, ..setting() }), [sentence]);
    }

    #[test]
    fn another_kernel_is_another_machine_and_all_that_differs_is_listed() {
        let machine = Machine {
            kernel: "0.1".to_owned(),
            cpus: 1_000,
            ..Machine::here()
        };
        let here = Machine::here();
        let now = Setting {
            machine,
            debug_build: true,
            ..setting()
        };
        let found = setting().differences(&now);
        let machine = |what, was, is: &str| Difference::Machine {
            what,
            was,
            is: is.to_owned(),
        };
        assert_eq!(
            found,
            [
                machine("processors", here.cpus.to_string(), "1000"),
                machine("kernel", here.kernel, "0.1"),
                Difference::Build { was_debug: false }
            ]
        );
    }

    #[test]
    fn traits_count_where_both_records_have_them_and_name_the_machine() {
        let with = |libc: &str| {
            let traits = Machine::here().traits.map(|traits| Traits {
                libc: Some(libc.to_owned()),
                ..traits
            });
            Machine {
                traits,
                ..Machine::here()
            }
        };
        let differ = |then: &Machine, now: &Machine| machine_differences(then, now).len();
        assert_eq!(differ(&with("glibc 2.36"), &with("glibc 2.36")), 0);
        assert_eq!(differ(&with("glibc 2.36"), &with("glibc 2.41")), 1);
        let older = Machine {
            traits: None,
            ..Machine::here()
        };
        assert_eq!(differ(&older, &with("glibc 2.41")), 0);
        assert_eq!(with("glibc 2.36").id(), with("glibc 2.36").id());
        assert_ne!(with("glibc 2.36").id(), with("glibc 2.41").id());
    }

    #[test]
    fn a_row_is_the_same_by_its_variant_its_api_and_what_it_is_made_from() {
        let row = |variant: &str, api, sources: &str| Row {
            key: RowKey::new("toy", variant),
            api,
            sources_sha256: Some(sources.to_owned()),
        };
        let then = [row("default", Api::Responses, "1")];
        let differ =
            |now: &[Row]| row_differences(&then, now) == [Difference::Row("toy".to_owned())];
        assert!(!differ(&[
            row("chat", Api::ChatCompletions, "1"),
            then[0].clone()
        ]));
        assert!(differ(&[]));
        assert!(differ(&[row("other", Api::Responses, "1")]));
        assert!(differ(&[row("default", Api::ChatCompletions, "1")]));
        assert!(differ(&[row("default", Api::Responses, "2")]));
        let gone = missing_frameworks(&["rig", "toy"].into(), &["rig", "ours"]);
        assert_eq!(gone, [Difference::NoRow("toy".to_owned())]);
    }
}
