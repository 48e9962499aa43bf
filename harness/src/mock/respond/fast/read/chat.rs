//! A turn of the Chat Completions API: one message with all calls, then one for each result, in the calls' order.

use super::{TYPE, Turn, ways};
use crate::mock::respond::fast::said::SaidCall;
use crate::mock::respond::fast::scan::{Scan, once};

const PART_TYPE: &[u8] = b"\"text\"";

impl Turn<'_> {
    pub(super) fn chat(&mut self, scan: &mut Scan<'_>) -> Option<()> {
        scan.eat(b',')?;
        self.assistant(scan)?;
        let said = self.said;
        said.calls.iter().try_for_each(|call| {
            scan.eat(b',')?;
            self.tool(scan, call)
        })
    }

    fn assistant(&mut self, scan: &mut Scan<'_>) -> Option<()> {
        const ROLE: u32 = 1;
        const CONTENT: u32 = 1 << 1;
        const CALLS: u32 = 1 << 2;
        let mut seen = 0;
        scan.object(|scan, key| match key {
            b"\"role\"" => {
                once(&mut seen, ROLE)?;
                scan.exactly(b"\"assistant\"")
            }
            b"\"content\"" => {
                once(&mut seen, CONTENT)?;
                self.text(scan, PART_TYPE)
            }
            b"\"tool_calls\"" => {
                once(&mut seen, CALLS)?;
                self.calls(scan)
            }
            b"\"annotations\"" => {
                once(&mut seen, 1 << 3)?;
                self.is_way(ways::NULLS)?;
                scan.exactly(b"[]")
            }
            b"\"refusal\"" | b"\"audio\"" | b"\"function_call\"" => {
                once(&mut seen, 1 << key.len())?;
                self.is_way(ways::NULLS)?;
                scan.exactly(b"null")
            }
            _ => None,
        })?;
        if seen & CONTENT == 0 {
            self.no_text(ways::NO_CONTENT)?;
        }
        (seen & ROLE != 0 && seen & CALLS != 0).then_some(())
    }

    fn calls(&mut self, scan: &mut Scan<'_>) -> Option<()> {
        let said = self.said;
        let mut calls = said.calls.iter();
        scan.array(|scan| {
            let call = calls.next()?;
            let mut seen = 0;
            scan.object(|scan, key| match key {
                b"\"id\"" => {
                    once(&mut seen, 1)?;
                    scan.exactly(&call.id)
                }
                TYPE => {
                    once(&mut seen, 2)?;
                    scan.exactly(b"\"function\"")
                }
                b"\"function\"" => {
                    once(&mut seen, 4)?;
                    self.function(scan, call)
                }
                _ => None,
            })?;
            (seen == 7).then_some(())
        })?;
        calls.next().is_none().then_some(())
    }

    fn function(&mut self, scan: &mut Scan<'_>, call: &SaidCall) -> Option<()> {
        let mut seen = 0;
        scan.object(|scan, key| match key {
            b"\"name\"" => {
                once(&mut seen, 1)?;
                call.is_name(scan.string()?)
            }
            b"\"arguments\"" => {
                once(&mut seen, 2)?;
                let token = scan.string()?;
                self.arguments(token, call)
            }
            _ => None,
        })?;
        (seen == 3).then_some(())
    }

    fn tool(&mut self, scan: &mut Scan<'_>, call: &SaidCall) -> Option<()> {
        let mut seen = 0;
        scan.object(|scan, key| match key {
            b"\"role\"" => {
                once(&mut seen, 1)?;
                scan.exactly(b"\"tool\"")
            }
            b"\"tool_call_id\"" => {
                once(&mut seen, 2)?;
                scan.exactly(&call.id)
            }
            b"\"content\"" => {
                once(&mut seen, 4)?;
                self.result(scan, PART_TYPE, call)
            }
            b"\"name\"" => {
                once(&mut seen, 8)?;
                self.is_way(ways::NAMED_RESULTS)?;
                call.is_name(scan.string()?)
            }
            _ => None,
        })?;
        (seen & 7 == 7).then_some(())
    }
}
