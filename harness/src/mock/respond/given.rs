//! The responses that were given, for requests that continue one or refer to what it holds.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::ids::ResponseId;

/// At most twice as many are remembered, about 10 MB; the oldest are forgotten first.
const REMEMBERED: usize = 1 << 17;

/// What is remembered of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Response {
    /// The conversation that it continues holds the instructions as a message.
    pub keeps_instructions: bool,
}

/// The responses that were given and are to be stored. Clones share them: the threads of a mock are one model.
#[derive(Debug, Clone, Default)]
pub(super) struct Given(Arc<Mutex<Generations>>);

#[derive(Debug, Default)]
struct Generations {
    young: HashMap<ResponseId, Response>,
    old: HashMap<ResponseId, Response>,
}

impl Given {
    pub fn get(&self, id: ResponseId) -> Option<Response> {
        let generations = self.lock();
        let found = generations
            .young
            .get(&id)
            .or_else(|| generations.old.get(&id));
        found.copied()
    }

    pub fn insert(&self, id: ResponseId, response: Response) {
        let mut generations = self.lock();
        if generations.young.len() >= REMEMBERED {
            generations.old = std::mem::take(&mut generations.young);
        }
        generations.young.insert(id, response);
    }

    /// Nothing in here panics halfway.
    fn lock(&self) -> MutexGuard<'_, Generations> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_share_what_was_given_and_the_oldest_is_forgotten_first() {
        let given = Given::default();
        let response = Response {
            keeps_instructions: true,
        };
        let id = |run| ResponseId { run, turn: 3 };
        for run in 0..=2 * REMEMBERED as u64 {
            given.insert(id(run), response);
        }
        let other = given.clone();
        assert_eq!(other.get(id(0)), None);
        assert_eq!(other.get(id(REMEMBERED as u64)), Some(response));
        assert_eq!(other.get(id(2 * REMEMBERED as u64)), Some(response));
        assert_eq!(other.get(id(2 * REMEMBERED as u64 + 1)), None);
    }
}
