//! A turn of the Responses API: its text, its calls in their order, and each result after its call.

use super::{TYPE, Turn, ways};
use crate::mock::respond::fast::said::SaidCall;
use crate::mock::respond::fast::scan::Scan;
use crate::mock::respond::fast::write::number;

/// An item's values, where they stand.
#[derive(Default)]
struct Item<'a> {
    kind: Option<&'a [u8]>,
    role: Option<&'a [u8]>,
    id: Option<&'a [u8]>,
    call_id: Option<&'a [u8]>,
    name: Option<&'a [u8]>,
    arguments: Option<&'a [u8]>,
    content: Option<Scan<'a>>,
    output: Option<Scan<'a>>,
}

impl Turn<'_> {
    pub(super) fn responses(&mut self, scan: &mut Scan<'_>) -> Option<()> {
        let said = self.said;
        let (mut made, mut answered, mut has_text) = (0, 0, false);
        while answered < said.calls.len() {
            scan.eat(b',')?;
            let item = self.item(scan)?;
            match item.kind {
                Some(b"\"function_call\"") => {
                    self.function_call(&item, said.calls.get(made)?)?;
                    made += 1;
                }
                Some(b"\"function_call_output\"") => {
                    if made < said.calls.len() {
                        self.is_way(ways::INTERLEAVED)?;
                    }
                    let call = said.calls.get(answered).filter(|_| answered < made)?;
                    self.output(&item, call)?;
                    answered += 1;
                }
                kind => {
                    (made == 0 && !has_text).then_some(())?;
                    has_text = true;
                    self.message(&item, kind)?;
                }
            }
        }
        if !has_text {
            self.no_text(0)?;
        }
        Some(())
    }

    fn item<'a>(&mut self, scan: &mut Scan<'a>) -> Option<Item<'a>> {
        let mut item = Item::default();
        let mut has_status = false;
        scan.object(|scan, key| {
            let value = match key {
                TYPE => &mut item.kind,
                b"\"role\"" => &mut item.role,
                b"\"id\"" => &mut item.id,
                b"\"call_id\"" => &mut item.call_id,
                b"\"name\"" => &mut item.name,
                b"\"arguments\"" => &mut item.arguments,
                b"\"status\"" => {
                    (!std::mem::replace(&mut has_status, true)).then_some(())?;
                    self.is_way(ways::STATUS)?;
                    return scan.exactly(b"\"completed\"");
                }
                b"\"content\"" => return later(&mut item.content, scan),
                b"\"output\"" => return later(&mut item.output, scan),
                _ => return None,
            };
            value.is_none().then_some(())?;
            *value = Some(scan.string()?);
            Some(())
        })?;
        Some(item)
    }

    fn message(&mut self, item: &Item<'_>, kind: Option<&[u8]>) -> Option<()> {
        match kind {
            Some(b"\"message\"") => {}
            Some(_) => return None,
            None => self.is_way(ways::NO_TYPE)?,
        }
        (item.role? == b"\"assistant\"" && self.said.text.is_some()).then_some(())?;
        if let Some(id) = item.id {
            let (run, turn) = self.place;
            let mut want = b"\"msg_".to_vec();
            number(&mut want, run);
            want.push(b'_');
            number(&mut want, turn.into());
            want.push(b'"');
            self.is_id(id, &want)?;
        }
        let others = [item.call_id, item.name, item.arguments];
        (others.iter().all(Option::is_none) && item.output.is_none()).then_some(())?;
        self.text(&mut item.content?, b"\"output_text\"")
    }

    fn function_call(&mut self, item: &Item<'_>, call: &SaidCall) -> Option<()> {
        if let Some(id) = item.id {
            let want = [b"\"fc_", call.number(), b"\""].concat();
            self.is_id(id, &want)?;
        }
        let has_others = item.role.is_some() || item.content.is_some() || item.output.is_some();
        (!has_others && item.call_id? == call.id).then_some(())?;
        call.is_name(item.name?)?;
        self.arguments(item.arguments?, call)
    }

    fn output(&mut self, item: &Item<'_>, call: &SaidCall) -> Option<()> {
        let others = [item.role, item.id, item.name, item.arguments];
        let has_others = others.iter().any(Option::is_some) || item.content.is_some();
        (!has_others && item.call_id? == call.id).then_some(())?;
        self.result(&mut item.output?, b"\"input_text\"", call)
    }

    fn is_id(&mut self, id: &[u8], want: &[u8]) -> Option<()> {
        (id == want).then_some(())?;
        self.is_way(ways::ITEM_IDS)
    }
}

/// Notes where a value stands, which is read when its item's type is known.
fn later<'a>(value: &mut Option<Scan<'a>>, scan: &mut Scan<'a>) -> Option<()> {
    value.is_none().then_some(())?;
    *value = Some(*scan);
    scan.skip()
}
