//! When the caller of an agent sees the first text of a run.

use std::cell::Cell;

use loopmark_protocol::monotonic_ns;

tokio::task_local! {
    /// 0 until there is a text.
    static SEEN_NS: Cell<u64>;
}

/// Notes that the agent's caller sees text of the run that this task does; of several calls the first one counts. For
/// agents whose answers are streamed: wherever a user would be shown the text.
pub fn text_seen() {
    // A task that the framework has spawned belongs to no run.
    let _ = SEEN_NS.try_with(|seen_ns| {
        if seen_ns.get() == 0 {
            seen_ns.set(monotonic_ns());
        }
    });
}

/// Does a run, and says when its caller saw the first text, if it saw any.
pub(crate) async fn noting<R>(run: impl Future<Output = R>) -> (R, Option<u64>) {
    let noted = async {
        let result = run.await;
        let seen_ns = SEEN_NS.with(Cell::get);
        (result, (seen_ns > 0).then_some(seen_ns))
    };
    SEEN_NS.scope(Cell::new(0), noted).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_first_text_of_each_run_counts() {
        let before_ns = monotonic_ns();
        let run = async {
            text_seen();
            let after_ns = monotonic_ns();
            text_seen();
            after_ns
        };
        let (after_ns, seen_ns) = noting(run).await;
        let seen_ns = seen_ns.unwrap();
        assert!(before_ns <= seen_ns && seen_ns <= after_ns);
        assert_eq!(noting(async {}).await, ((), None));
        // Outside of a run there is nothing to note.
        text_seen();
    }
}
