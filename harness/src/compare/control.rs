//! The floors as the control group: nobody changed them, so what moved them is the machine.

use super::change::Change;
use crate::framework::Kind;
use crate::metric::catalogue;
use crate::stats;

/// How far the floors' CPU time may lie apart in two sweeps, as a ratio less 1.
pub const MOVED: f64 = 0.05;

/// The median ratio of the floors' CPU time per run, if it has moved by more than [`MOVED`] either way; `Err` where no
/// floor was measured in both sweeps, so that nothing says that the machine is the same.
pub fn moved(changes: &[Change]) -> Result<Option<f64>, NoFloor> {
    let floors = changes.iter().filter(|change| {
        change.kind == Kind::Floor && change.metric.name == catalogue::CPU_PER_RUN.name
    });
    let ratios: Vec<f64> = floors.filter_map(Change::ratio).collect();
    let ratio = stats::median(ratios).ok_or(NoFloor)?;
    let is_moved = ratio.ln().abs() > (1.0 + MOVED).ln();
    Ok(is_moved.then_some(ratio))
}

/// No floor was measured in both sweeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoFloor;

#[cfg(test)]
mod tests {
    use super::super::change::tests::change;
    use super::*;

    #[test]
    fn floors_that_moved_are_the_machines_doing() {
        let cpu = &catalogue::CPU_PER_RUN;
        let floor = |after: f64| Change {
            kind: Kind::Floor,
            ..change(cpu, &[1.0], &[after])
        };
        assert_eq!(moved(&[floor(1.04), floor(0.98)]), Ok(None));
        let ratio = moved(&[floor(1.2), floor(1.1), floor(1.0)]).unwrap();
        assert!(
            ratio.is_some_and(|ratio| (ratio - 1.1).abs() < 1e-9),
            "{ratio:?}"
        );
        assert!(moved(&[floor(0.9)]).unwrap().is_some());
        // A framework's own change says nothing of the machine.
        assert_eq!(moved(&[change(cpu, &[1.0], &[9.0])]), Err(NoFloor));
    }
}
