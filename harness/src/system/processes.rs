//! Process trees.

use procfs::process::Process;

/// The children of a process, whichever thread started them; empty if the process has ended.
pub fn children(pid: u32) -> Vec<u32> {
    let process = i32::try_from(pid).ok().map(Process::new);
    let Some(Ok(tasks)) = process.map(|process| process.and_then(|process| process.tasks())) else {
        return Vec::new();
    };
    // A thread may have ended since it was listed; then it has no children.
    let of_tasks = tasks.flatten().filter_map(|task| task.children().ok());
    of_tasks.flatten().collect()
}

/// A process and its descendants, each after its parent.
pub fn tree(root: u32) -> Vec<u32> {
    let mut tree = vec![root];
    let mut next = 0;
    while let Some(pid) = tree.get(next).copied() {
        next += 1;
        tree.extend(children(pid));
    }
    tree
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::{Command, Stdio};

    #[test]
    fn a_tree_has_the_children_of_every_thread_and_an_ended_process_has_none() {
        let own = std::process::id();
        let mut cat = Command::new("cat");
        cat.stdin(Stdio::piped()).stdout(Stdio::null());
        // This test runs on a thread that is not the main one.
        let mut child = cat.spawn().unwrap();
        assert!(children(own).contains(&child.id()));
        let tree_then = tree(own);
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(tree_then.first(), Some(&own));
        assert!(tree_then.contains(&child.id()));
        assert!(!children(own).contains(&child.id()));
        assert_eq!(tree(child.id()), [child.id()]);
        assert!(children(u32::MAX).is_empty());
    }
}
