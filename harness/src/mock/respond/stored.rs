//! Replies of the Responses API that a client asks for again by their ids, from which they follow.

use std::time::Duration;

use super::answer::{ApiFault, internal};
use super::ids::Place;
use super::ids::ResponseId;
use super::reply::{Content, Reply};
use super::request::Settings;
use super::responder::Responder;
use super::responses;

impl Responder {
    /// The reply of this id again and the time between two of its moments, as the API's defaults shape it: what the request wished for is not kept. None for an id
    /// that was not given, or not to be stored.
    ///
    /// # Errors
    ///
    /// The reply can't be written.
    pub fn retrieve(
        &self,
        id: &str,
        is_streamed: bool,
    ) -> Option<Result<(Reply, Duration), ApiFault>> {
        let id = ResponseId::parse(id)?;
        self.given.get(id)?;
        let ResponseId { run, turn } = id;
        let count = (turn as usize).saturating_add(1);
        if count > self.scenario.case_of(run).turn_count() {
            return None;
        }
        let script = self.scripts.get(&self.scenario, run, count);
        let scripted = script.get(turn as usize)?;
        let mut content = Content::new(Place { run, turn }, scripted, &self.scenario.model);
        let streaming = self.scenario.case_of(run).streaming;
        content.chunk_chars = is_streamed.then_some(streaming.chunk_chars);
        let before = turn.checked_sub(1).map(|turn| ResponseId { run, turn });
        let before = before.map(|id| id.to_string());
        let reply = responses::reply(&content, &Settings::default(), before.as_deref());
        let reply = reply.map_err(|error| internal(&error.to_string()));
        Some(reply.map(|reply| (reply, streaming.chunk_interval)))
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::Value;

    use super::*;
    use crate::mock::respond::given::Response;
    use crate::scenario::Scenario;

    #[test]
    fn a_response_is_given_again_by_its_id_and_none_that_the_script_lacks() {
        let scenario = Scenario::load(Path::new("../scenarios/seed.toml")).unwrap();
        let responder = Responder::new(scenario);
        assert!(responder.retrieve("resp_7_3", false).is_none(), "not given");
        for turn in 0..4 {
            let keeps_instructions = true;
            let response = Response { keeps_instructions };
            responder
                .given
                .insert(ResponseId { run: 7, turn }, response);
        }
        let Some(Ok((Reply::Whole(body), _))) = responder.retrieve("resp_7_3", false) else {
            panic!("no whole reply");
        };
        let body: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(body["id"], "resp_7_3");
        assert_eq!(body["previous_response_id"], "resp_7_2");
        let answer = responder.scenario().script(7).answer;
        assert_eq!(body["output"][0]["content"][0]["text"], answer.as_str());
        let streamed = responder.retrieve("resp_7_0", true);
        assert!(matches!(streamed, Some(Ok((Reply::Moments(_), _)))));
        for id in [
            "resp_7_4",
            "resp_7_4294967295",
            "resp_x_0",
            "call_7_0_0",
            "",
        ] {
            assert!(responder.retrieve(id, false).is_none(), "{id}");
        }
    }
}
