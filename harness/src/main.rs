//! The `loopmark` command.

fn main() {}
