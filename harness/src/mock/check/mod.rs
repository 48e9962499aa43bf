//! The mock measures itself before a sweep: how late its holds and its streamed chunks are, how many requests it can
//! take, and whether its replies meet delayed acknowledgements.

mod bench;
mod ceiling;
mod delayed_ack;
mod held;
mod memory;
mod pace;
mod plan;
mod run;
mod stream;
mod timer;

pub use ceiling::Ceiling;
pub use delayed_ack::{DelayedAckCheck, Stalls};
pub use held::{LevelCheck, OpenConnectionsCheck};
pub use memory::{MemoryCheck, MemoryPoint, check_memory};
pub use pace::{NumberedCheck, PaceCheck};
pub use plan::{CheckPlan, OPEN_CONNECTIONS};
pub use run::{MockCheck, check_mock};
pub use stream::StreamCheck;
pub use timer::{BareTimer, bare_timer};
