//! The revision of the checkout.

use std::path::Path;

/// The revision as 12 digits, with `-dirty` if files outside `results/` are changed; `None` outside git.
pub fn git_revision(root: &Path) -> Option<String> {
    let git = |arguments: &[&str]| {
        let output = std::process::Command::new("git")
            .args(arguments)
            .current_dir(root)
            .output();
        let output = output.ok().filter(|output| output.status.success())?;
        Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let revision = git(&["rev-parse", "--short=12", "HEAD"])?;
    let changes = git(&["status", "--porcelain", "--", ".", ":!results"])?;
    Some(if changes.is_empty() {
        revision
    } else {
        format!("{revision}-dirty")
    })
}
