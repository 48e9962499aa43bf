//! A sweep whose shards were measured on machines of several kinds: each machine's own figures, and what can be said of all
//! of them together, which is CPU per run as a multiple of the floor's.

use std::collections::BTreeMap;
use std::ops::Range;

use super::change::{cells, values};
use super::over_floor::multiples;
use crate::metric::catalogue;
use crate::plan::CellKey;
use crate::results::Recorded;
use crate::stats;

const SEED: u64 = 1;

/// A cell on every machine that measured it.
#[derive(Debug, Clone)]
pub struct OnMachines {
    /// The cell.
    pub cell: CellKey,
    /// By the machines' names.
    pub machines: BTreeMap<String, OnMachine>,
    /// The median of the multiples of all machines' trials; `None` of a floor, and where no trial has its floor's beside it.
    pub multiple: Option<f64>,
    /// Its 95 % interval over machines and their trials (drawn in that order); `None` with one machine.
    pub interval: Option<Range<f64>>,
    /// Whether the machines' multiples lie further apart than the trials of any one of them: then the row is dearer on one
    /// machine than on another, and one figure can't stand for both.
    pub is_apart: bool,
}

/// A cell on one machine, by its trials.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct OnMachine {
    /// CPU per run, in ms.
    pub cpu_per_run_ms: Vec<f64>,
    /// CPU per run over that of the floor in the same repetition; empty of a floor.
    pub multiples: Vec<f64>,
}

/// Every cell of these sweeps, in the order of the first one's rows.
pub fn on_machines(sweeps: &[Recorded]) -> Vec<OnMachines> {
    let Some(first) = sweeps.first() else {
        return Vec::new();
    };
    let mut found: Vec<OnMachines> = Vec::new();
    for row in &first.info.rows {
        for sweep in sweeps {
            for cell in cells(sweep, row) {
                if !found.iter().any(|one| one.cell == *cell) {
                    found.push(of_cell(sweeps, cell));
                }
            }
        }
    }
    found
}

fn of_cell(sweeps: &[Recorded], cell: &CellKey) -> OnMachines {
    let mut machines: BTreeMap<String, OnMachine> = BTreeMap::new();
    for sweep in sweeps {
        let cpu = values(sweep, cell, &catalogue::CPU_PER_RUN);
        if !cpu.is_empty() {
            let machine = machines.entry(sweep.info.machine.id()).or_default();
            machine.cpu_per_run_ms.extend(cpu);
            machine.multiples.extend(multiples(sweep, cell));
        }
    }
    let of_machine: Vec<&[f64]> = machines
        .values()
        .map(|machine| machine.multiples.as_slice())
        .filter(|multiples| !multiples.is_empty())
        .collect();
    OnMachines {
        cell: cell.clone(),
        multiple: stats::median(of_machine.concat()),
        interval: stats::interval(&of_machine, 0.5, SEED),
        is_apart: is_apart(&of_machine),
        machines,
    }
}

fn is_apart(machines: &[&[f64]]) -> bool {
    let medians = machines.iter().filter_map(|of| stats::median(of.to_vec()));
    let within = machines.iter().map(|of| width(of.iter().copied()));
    let widest = within.fold(0.0, f64::max);
    width(medians) > widest
}

/// How far apart the least and the most are.
fn width(values: impl Iterator<Item = f64> + Clone) -> f64 {
    let least = values.clone().fold(f64::INFINITY, f64::min);
    let most = values.fold(f64::NEG_INFINITY, f64::max);
    (most - least).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::is_apart;

    #[test]
    fn machines_are_apart_where_no_one_of_them_varies_as_much() {
        assert!(is_apart(&[&[2.0, 2.1], &[3.0, 3.1]]));
        assert!(!is_apart(&[&[2.0, 3.1], &[3.0, 3.1]]));
        assert!(!is_apart(&[&[2.0, 2.1]]), "one machine is not apart");
        assert!(!is_apart(&[]));
    }
}
