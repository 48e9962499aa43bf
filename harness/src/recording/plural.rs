//! Numbers with their nouns.

/// Such as `1 reply` and `2 replies`.
pub(super) fn counted(count: u64, of: &str) -> String {
    match (count, of.strip_suffix('y')) {
        (1, _) => format!("1 {of}"),
        (count, Some(of)) => format!("{count} {of}ies"),
        (count, None) => format!("{count} {of}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_one_and_others_are_several() {
        assert_eq!(counted(1, "reply"), "1 reply");
        assert_eq!(counted(0, "reply"), "0 replies");
        assert_eq!(counted(2, "turn"), "2 turns");
    }
}
