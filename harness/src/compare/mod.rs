//! Two sweeps of one machine, or two rows of one sweep, cell by cell: what is better, what is worse, what can't be told
//! apart, and whether a rule of a gate is kept. Two machines, by multiples of their floors.
//!
//! The process (a trial) is the unit of evidence. A difference counts where chance alone would make one as large in less
//! than 5 % of such comparisons, all comparisons together ([`crate::stats::holm`]). The floors are the control: what
//! they do is the machine's doing.

mod accept;
mod change;
mod control;
mod machines;
mod needed;
mod over_floor;
mod rule;
mod verdict;
mod within;

pub use accept::{AcceptError, Acceptance, Acceptances};
pub use change::{Change, Question, Scope, changes, missing};
pub use control::{MOVED, NoFloor, moved};
pub use machines::{OnMachine, OnMachines, on_machines};
pub use needed::{MOST, Needed, POWER, Widest, fewest, needed};
pub use over_floor::over_floors;
pub use rule::{Rule, RuleError};
pub use verdict::{ALPHA, Judged, Outcome, judge, judge_at};
pub use within::{beside_floors, of_row};
