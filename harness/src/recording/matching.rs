//! Which conversation a request goes on with.

use std::time::Instant;

use super::notes::{Call, Conversation};
use super::request::Asked;

/// A conversation that has not ended.
#[derive(Debug)]
pub(super) struct Open {
    pub number: u64,
    /// Digests of the newest request's items.
    pub sent: Vec<u64>,
    pub request_bytes: usize,
    pub state: State,
    pub seen: Conversation,
}

/// What an open conversation waits for.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum State {
    /// The model's reply.
    Reply,
    /// The results of the calls of its newest turn, since that reply ended.
    Results {
        since: Instant,
        reply: Option<String>,
    },
    /// The same request again: the model's reply was an error or broke off.
    Retry,
}

/// The place of the conversation that a request goes on with; `None` where it begins one.
///
/// The strongest evidence comes first: the reply's id, then the calls' ids, then the same beginning. Of several that are alike,
/// the one that has waited longest is meant.
pub(super) fn continued(open: &[Open], asked: &Asked) -> Option<usize> {
    let place = |is_meant: &dyn Fn(&Open) -> bool| open.iter().position(is_meant);
    place(&|one| goes_on_by_id(one, asked))
        .or_else(|| place(&|one| answers(one, asked) && extends(one, asked)))
        .or_else(|| only(open, |one| answers(one, asked)))
        .or_else(|| place(&|one| waits(one) && extends(one, asked)))
        .or_else(|| place(&|one| one.state == State::Retry && one.sent == asked.items))
}

fn waits(open: &Open) -> bool {
    matches!(open.state, State::Results { .. })
}

fn goes_on_by_id(open: &Open, asked: &Asked) -> bool {
    match (&open.state, &asked.previous) {
        (
            State::Results {
                reply: Some(reply), ..
            },
            Some(previous),
        ) => reply == previous,
        _ => false,
    }
}

/// Whether the request brings the results of all calls that the conversation waits for.
fn answers(open: &Open, asked: &Asked) -> bool {
    let is_given = |call: &Call| asked.results.iter().any(|given| given.call == call.id);
    waits(open) && awaited(open).iter().all(is_given)
}

fn awaited(open: &Open) -> &[Call] {
    let newest = open.seen.turns.last();
    newest.map_or(&[], |turn| turn.reply.calls.as_slice())
}

fn extends(open: &Open, asked: &Asked) -> bool {
    asked.items.len() > open.sent.len() && asked.items.starts_with(&open.sent)
}

/// A server's ids may repeat, so that without the same beginning only one conversation may have them.
fn only(open: &[Open], is_meant: impl Fn(&Open) -> bool) -> Option<usize> {
    let mut meant = open.iter().enumerate().filter(|(_, one)| is_meant(one));
    match (meant.next(), meant.next()) {
        (Some((place, _)), None) => Some(place),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::notes::{Reply, Turn};
    use super::super::request::Given;
    use super::*;

    fn waiting(number: u64, sent: &[u64], call: &str, reply: Option<&str>) -> Open {
        let call = Call {
            id: call.to_owned(),
            ..Call::default()
        };
        let reply_with_call = Reply {
            calls: vec![call],
            ..Reply::default()
        };
        Open {
            number,
            sent: sent.to_vec(),
            request_bytes: 0,
            state: State::Results {
                since: Instant::now(),
                reply: reply.map(str::to_owned),
            },
            seen: Conversation {
                turns: vec![Turn {
                    reply: reply_with_call,
                    ..Turn::default()
                }],
                ..Conversation::default()
            },
        }
    }

    fn asked(items: &[u64], result_of: &str, previous: Option<&str>) -> Asked {
        let given = Given {
            call: result_of.to_owned(),
            bytes: 1,
        };
        Asked {
            items: items.to_vec(),
            results: vec![given],
            previous: previous.map(str::to_owned),
            ..Asked::default()
        }
    }

    #[test]
    fn conversations_with_the_same_beginning_are_told_apart_by_their_calls() {
        let open = [
            waiting(0, &[1, 2], "a", None),
            waiting(1, &[1, 2], "b", None),
        ];
        assert_eq!(continued(&open, &asked(&[1, 2, 3, 4], "b", None)), Some(1));
        assert_eq!(continued(&open, &asked(&[1, 2, 3, 4], "a", None)), Some(0));
        // An agent that gives calls names of its own: the one that has waited longest.
        assert_eq!(continued(&open, &asked(&[1, 2, 3, 4], "x", None)), Some(0));
    }

    #[test]
    fn an_agent_that_shortens_its_history_is_known_by_its_calls() {
        let open = [waiting(0, &[1, 2, 3], "a", None)];
        assert_eq!(continued(&open, &asked(&[9, 3], "a", None)), Some(0));
        assert_eq!(continued(&open, &asked(&[9, 3], "b", None)), None);
        let alike = [waiting(0, &[1], "a", None), waiting(1, &[2], "a", None)];
        assert_eq!(continued(&alike, &asked(&[9], "a", None)), None);
    }

    #[test]
    fn a_response_goes_on_from_the_one_that_it_names() {
        let open = [
            waiting(0, &[1], "a", Some("resp_1")),
            waiting(1, &[1], "a", Some("resp_2")),
        ];
        assert_eq!(continued(&open, &asked(&[7], "a", Some("resp_2"))), Some(1));
    }

    #[test]
    fn the_same_request_again_is_a_retry_only_after_a_failure() {
        let mut open = [waiting(0, &[1, 2], "a", None)];
        let again = asked(&[1, 2], "x", None);
        assert_eq!(continued(&open, &again), None);
        open[0].state = State::Reply;
        assert_eq!(continued(&open, &again), None);
        open[0].state = State::Retry;
        assert_eq!(continued(&open, &again), Some(0));
    }
}
