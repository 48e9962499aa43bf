//! The model's texts, as they are sent back.

use super::{Step, Turn, Walk};
use crate::framework::Addition;
use crate::mock::respond::difference::cut;
use crate::mock::respond::ids::ResponseId;
use crate::mock::respond::text::Content;

impl Walk<'_> {
    /// A text of the Responses API, which begins its turn, or follows its calls: a client may sort the items of a reply.
    pub(super) fn text(&mut self, content: &Content) -> Step {
        let said = content.joined();
        if said.is_empty() {
            return Ok(());
        }
        if self.is_next_part(&said) {
            return Ok(());
        }
        if let Some(turn) = self.turn_without_its_text() {
            return self.compare_text(turn, &said);
        }
        self.begin_next()?;
        self.compare_text(self.next_turn - 1, &said)
    }

    /// The turn that is being sent back, where its calls have come, no result yet, and its text is due.
    fn turn_without_its_text(&self) -> Option<u32> {
        let turn = self.turn.as_ref()?;
        let has_text = self.script.get(turn.number as usize)?.text.is_some();
        let is_due = has_text && !turn.is_text_said;
        let is_before_results = turn.made > 0 && !turn.answered.contains(&true);
        (is_due && is_before_results).then_some(turn.number)
    }

    /// A reference to the text of a turn.
    pub(super) fn text_of(&mut self, id: ResponseId) -> Step {
        self.begin_next()?;
        let turn = self.next_turn - 1;
        if id.turn != turn {
            let refers = id.turn;
            return Err(format!(
                "the text of turn {refers} comes where turn {turn} is due"
            ));
        }
        if let Some(turn) = &mut self.turn {
            turn.is_text_said = true;
        }
        Ok(())
    }

    pub(super) fn compare_text(&mut self, turn: u32, said: &str) -> Step {
        let scripted = self.script.get(turn as usize);
        let want = scripted.and_then(|turn| turn.text.as_deref());
        if want == Some(said) {
            if let Some(turn) = &mut self.turn {
                turn.is_text_said = true;
            }
            return Ok(());
        }
        if want.is_some_and(|want| without_breaks(want) == without_breaks(said)) {
            if let Some(turn) = &mut self.turn {
                turn.is_text_said = true;
            }
            self.note_other_text(turn, said);
            return Ok(());
        }
        if self.is_part(said) {
            return Ok(());
        }
        Err(match want {
            Some(want) => format!(
                "the text of turn {turn} comes back changed: it is {:?}, not {:?}",
                cut(said),
                cut(want)
            ),
            None => format!(
                "turn {turn} had no text and comes back with {:?}",
                cut(said)
            ),
        })
    }

    /// Whether a text goes on with that of the turn, of which a part has come.
    fn is_next_part(&mut self, said: &str) -> bool {
        let has_begun = |turn: &Turn| turn.said_bytes > 0 && !turn.is_text_said;
        self.turn.as_ref().is_some_and(has_begun) && self.is_part(said)
    }

    /// Whether a text is the next part of that of the turn. A framework may send it back so, if its row declares it.
    fn is_part(&mut self, said: &str) -> bool {
        let Some(turn) = &mut self.turn else {
            return false;
        };
        let scripted = self.script.get(turn.number as usize);
        let want = scripted.and_then(|turn| turn.text.as_deref());
        let rest = want.and_then(|want| want.get(turn.said_bytes..));
        let is_part = !said.is_empty() && rest.is_some_and(|rest| rest.starts_with(said));
        if is_part {
            turn.said_bytes += said.len();
            turn.is_text_said = want.is_some_and(|want| want.len() == turn.said_bytes);
            let number = turn.number;
            self.note_other_text(number, said);
        }
        is_part
    }

    fn note_other_text(&mut self, turn: u32, said: &str) {
        let what = format!("the text of turn {turn} comes back in parts or with line breaks");
        self.other_words.beside(&what, said, Addition::ReplyText);
    }
}

fn without_breaks(text: &str) -> String {
    text.replace('\n', "")
}
