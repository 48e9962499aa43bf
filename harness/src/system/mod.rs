//! Queries and settings of the operating system: processors, network namespaces, limits, the machine.

mod cgroup;
mod cpu_list;
mod limits;
mod machine;
mod namespace;
mod pinning;
mod processes;
mod processors;
mod revision;
mod traits;

pub use cgroup::{Throttling, cpu_quota, throttling};
pub use cpu_list::{CpuList, NoCpuList};
pub use limits::{
    TooFewFiles, allows_connections, most_level, raise_open_files_to_the_limit, require_open_files,
};
pub use machine::Machine;
pub use namespace::{create as create_namespace, enter as enter_namespace};
pub use pinning::{
    HoldError, Pinning, PinningError, Processors, keep_to_the_runners_cpus, leave_the_runners_cpus,
    runner_cpus,
};
pub use processes::{children, tree};
pub use processors::{choose_processors, slower_processors};
pub use revision::git_revision;
pub use traits::Traits;
