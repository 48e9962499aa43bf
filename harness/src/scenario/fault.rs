//! What a model's server does wrong, on a schedule that follows from run, turn and attempt.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The longest stall.
const MAX_STALL_S: u32 = 120;
/// More than any client tries.
const MAX_ATTEMPTS: u32 = 1000;
/// A client that is told to wait longer may as well give up.
const MAX_RETRY_AFTER_S: u32 = 3600;

/// Something that goes wrong with the requests for one turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    /// The turn, from 0.
    turn: u32,
    /// How many requests for it of one run meet the fault.
    attempts: u32,
    /// Only runs meet it whose number within the case is a multiple of this.
    every: u64,
    what: Faulty,
}

/// What a faulty reply is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Faulty {
    /// An error status.
    Status {
        /// Which, 400 to 599.
        status: u16,
        /// What the reply's `Retry-After` says.
        retry_after: Option<Duration>,
    },
    /// The connection is reset before a byte of the reply.
    Reset,
    /// Nothing comes for so long; then the connection is closed.
    Stall(Duration),
    /// The connection is closed half way through the reply.
    Truncate,
}

/// The kind of a faulty reply, as the ledger has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FaultKind {
    /// An error status.
    Status,
    /// The connection was reset before a byte of the reply.
    Reset,
    /// Nothing came for a time; then the connection was closed.
    Stall,
    /// The connection was closed half way through the reply.
    Truncate,
}

/// As a scenario file has it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct WireFault {
    turn: u32,
    #[serde(default = "one")]
    attempts: u32,
    #[serde(default = "one")]
    every: u32,
    kind: FaultKind,
    status: Option<u16>,
    retry_after_s: Option<u32>,
    stall_s: Option<u32>,
}

fn one() -> u32 {
    1
}

impl WireFault {
    /// # Errors
    ///
    /// What is wrong, and what to write instead.
    pub fn check(&self, turns: usize) -> Result<Fault, String> {
        let is_turn = (self.turn as usize) < turns;
        let is_status = self.kind == FaultKind::Status;
        let status = self.status.filter(|status| (400..600).contains(status));
        let stall_s = self
            .stall_s
            .filter(|stall| (1..=MAX_STALL_S).contains(stall));
        let faults = [
            (!is_turn, "[[fault]] needs a `turn` of the run, from 0"),
            (
                !(1..=MAX_ATTEMPTS).contains(&self.attempts),
                "`attempts` must be from 1 to 1000",
            ),
            (self.every == 0, "`every` must be at least 1"),
            (
                is_status != status.is_some(),
                "a fault of kind \"status\", and no other, needs a `status` from 400 to 599",
            ),
            (
                !is_status && self.retry_after_s.is_some(),
                "`retry-after-s` is for a fault of kind \"status\"",
            ),
            (
                self.retry_after_s
                    .is_some_and(|wait| wait > MAX_RETRY_AFTER_S),
                "`retry-after-s` must be at most 3600",
            ),
            (
                (self.kind == FaultKind::Stall) != stall_s.is_some(),
                "a fault of kind \"stall\", and no other, needs a `stall-s` from 1 to 120",
            ),
        ];
        if let Some((_, fault)) = faults.iter().find(|(is_wrong, _)| *is_wrong) {
            return Err((*fault).to_owned());
        }
        let seconds = |s: u32| Duration::from_secs(s.into());
        Ok(Fault {
            turn: self.turn,
            attempts: self.attempts,
            every: self.every.into(),
            what: match self.kind {
                FaultKind::Status => Faulty::Status {
                    status: status.unwrap_or_default(),
                    retry_after: self.retry_after_s.map(seconds),
                },
                FaultKind::Reset => Faulty::Reset,
                FaultKind::Stall => Faulty::Stall(seconds(stall_s.unwrap_or_default())),
                FaultKind::Truncate => Faulty::Truncate,
            },
        })
    }
}

impl Fault {
    /// What the request for `turn` meets that is number `attempt` of its kind, from 0; `run` is the number within the case.
    pub fn meets(&self, run: u64, turn: u32, attempt: u32) -> Option<Faulty> {
        let is_met = self.turn == turn && run.is_multiple_of(self.every) && attempt < self.attempts;
        is_met.then_some(self.what)
    }

    /// How many requests of a run meet it when each is repeated until it is answered.
    pub fn requests(&self, run: u64) -> u32 {
        if run.is_multiple_of(self.every) {
            self.attempts
        } else {
            0
        }
    }

    /// How long the fault holds up a run whose client waits it out each time, and as long as it is told to.
    pub fn time(&self) -> Duration {
        self.attempts * self.what.time()
    }
}

impl Faulty {
    fn time(self) -> Duration {
        match self {
            Faulty::Status { retry_after, .. } => retry_after.unwrap_or_default(),
            Faulty::Stall(time) => time,
            Faulty::Reset | Faulty::Truncate => Duration::ZERO,
        }
    }

    /// As the ledger has it.
    pub fn kind(self) -> FaultKind {
        match self {
            Faulty::Status { .. } => FaultKind::Status,
            Faulty::Reset => FaultKind::Reset,
            Faulty::Stall(_) => FaultKind::Stall,
            Faulty::Truncate => FaultKind::Truncate,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(keys: &str) -> Result<Fault, String> {
        let wire: WireFault = toml::from_str(keys).map_err(|error| error.message().to_owned())?;
        wire.check(4)
    }

    #[test]
    fn a_fault_is_met_by_the_first_attempts_of_the_runs_that_it_is_for() {
        let fault = fault("turn = 1\nkind = \"reset\"\nattempts = 2\nevery = 3").unwrap();
        assert_eq!(fault.meets(6, 1, 0), Some(Faulty::Reset));
        assert_eq!(fault.meets(6, 1, 1), Some(Faulty::Reset));
        for (run, turn, attempt) in [(6, 1, 2), (6, 0, 0), (7, 1, 0)] {
            assert_eq!(fault.meets(run, turn, attempt), None);
        }
        assert_eq!((fault.requests(6), fault.requests(7)), (2, 0));
    }

    #[test]
    fn a_fault_takes_the_time_of_its_stalls_or_waits() {
        let time = |keys| fault(keys).unwrap().time();
        let stall = "turn = 0\nkind = \"stall\"\nstall-s = 20\nattempts = 3";
        assert_eq!(time(stall), Duration::from_secs(60));
        let limit = "turn = 0\nkind = \"status\"\nstatus = 429\nretry-after-s = 2\nattempts = 2";
        assert_eq!(time(limit), Duration::from_secs(4));
        assert_eq!(time("turn = 0\nkind = \"reset\""), Duration::ZERO);
    }

    #[test]
    fn wrong_faults_are_refused_with_what_to_write_instead() {
        let wrong = [
            ("turn = 4\nkind = \"reset\"", "a `turn` of the run"),
            ("turn = 0\nkind = \"reset\"\nattempts = 0", "from 1 to 1000"),
            (
                "turn = 0\nkind = \"reset\"\nattempts = 1001",
                "from 1 to 1000",
            ),
            ("turn = 0\nkind = \"reset\"\nevery = 0", "at least 1"),
            (
                "turn = 0\nkind = \"status\"\nstatus = 429\nretry-after-s = 3601",
                "at most 3600",
            ),
            ("turn = 0\nkind = \"status\"", "needs a `status`"),
            (
                "turn = 0\nkind = \"status\"\nstatus = 200",
                "needs a `status`",
            ),
            (
                "turn = 0\nkind = \"reset\"\nstatus = 500",
                "and no other, needs a `status`",
            ),
            (
                "turn = 0\nkind = \"reset\"\nretry-after-s = 1",
                "`retry-after-s` is for",
            ),
            ("turn = 0\nkind = \"stall\"\nstall-s = 121", "from 1 to 120"),
            ("turn = 0\nkind = \"melt\"", "unknown variant `melt`"),
        ];
        for (keys, message) in wrong {
            let error = fault(keys).unwrap_err();
            assert!(error.contains(message), "{keys}: {error}");
        }
        let limited =
            fault("turn = 0\nkind = \"status\"\nstatus = 429\nretry-after-s = 1").unwrap();
        let retry_after = Some(Duration::from_secs(1));
        let status = Faulty::Status {
            status: 429,
            retry_after,
        };
        assert_eq!(limited.meets(5, 0, 0), Some(status));
    }
}
