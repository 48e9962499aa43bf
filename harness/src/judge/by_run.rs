//! A ledger's requests by the runs that they belong to.

use std::collections::BTreeMap;

use crate::mock::Entry;

/// The requests of each run, in their order.
pub(super) fn by_run<'a>(
    ledger: impl IntoIterator<Item = &'a Entry>,
) -> BTreeMap<u64, Vec<&'a Entry>> {
    let mut by_run: BTreeMap<u64, Vec<&Entry>> = BTreeMap::new();
    for entry in ledger {
        if let Some(run) = entry.run {
            by_run.entry(run).or_default().push(entry);
        }
    }
    for calls in by_run.values_mut() {
        calls.sort_by_key(|entry| entry.first_byte_ns);
    }
    by_run
}
