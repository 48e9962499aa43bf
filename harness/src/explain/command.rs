//! A runner's command with a sampler's options in it.

/// A program's command with `options` for the program itself.
pub(super) fn with_options(argv: &[String], options: &[String]) -> Vec<String> {
    let (program, arguments) = argv.split_at(argv.len().min(1));
    [program, options, arguments].concat()
}
