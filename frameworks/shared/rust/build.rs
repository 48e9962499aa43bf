//! Hands the compiler's version to the library, which tells it as the runner's runtime.

use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // Cargo sets RUSTC for build scripts.
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = Command::new(rustc).arg("--version").output();
    let version = version.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    // `rustc 1.95.0 (59807616e 2026-04-14)`: the second word is the version.
    let version = version
        .ok()
        .and_then(|line| line.split(' ').nth(1).map(str::to_owned));
    println!(
        "cargo::rustc-env=LOOPMARK_RUSTC={}",
        version.unwrap_or_else(|| "unknown".into())
    );
}
