//! The way that most requests take: what is known is compared by its bytes, and only new messages are read.
//!
//! An agent's request is the one before it with new messages, and the first request of a run is another run's with another
//! number. So a request is, byte for byte:
//!
//! ```text
//! {"model":…,"messages":[…"Reading list 8: …"},{turn 0},{turn 1},{turn 2}],"tools":[…]}
//! └── opening ──────────┘│└── opening ────┘└── known ──────┘└─ new ─┘└─── opening ───┘
//!                    the run
//! ```
//!
//! The full check stays the judge, and the only one who says what is wrong. This way proposes an answer, which is given
//! only where the full check has given the same answer before: for the same opening, the same turn, another run, and
//! messages written in the same [`read::ways`]. Whatever is unusual has no proposal.

mod frame;
mod known;
mod opening;
mod read;
mod results;
mod run;
mod said;
mod scan;
mod write;

pub(super) use known::Fast;
pub(super) use opening::Facts;
