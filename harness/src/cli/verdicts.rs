//! The progress and the table of `verify`.

use comfy_table::{Table, presets::UTF8_HORIZONTAL_ONLY};
use loopmark_protocol::Feature;

use super::exit::Exit;
use super::messages::Messages;
use super::verdict::{Row, Verdict};
use crate::event::{Event, Verified, WhatVerified};
use crate::framework::Framework;

/// The table that `verify` prints, and the receiver of its progress.
pub(super) struct Verdicts<'a> {
    pub table: Table,
    messages: &'a Messages,
    pub exit: Exit,
}

impl<'a> Verdicts<'a> {
    pub fn new(messages: &'a Messages, rows: usize) -> Verdicts<'a> {
        let mut table = Table::new();
        table.load_style(UTF8_HORIZONTAL_ONLY);
        table.set_header(["Row", "Variant", "Installed", "Did the work"]);
        messages.tell(&Event::VerifyBegins { rows });
        Verdicts {
            table,
            messages,
            exit: Exit::Good,
        }
    }

    pub fn skip(&mut self, framework: &Framework, reason: &str) {
        let reason = format!("skipped: {reason}");
        self.table.add_row([&framework.name, "", "", &reason]);
        self.exit = self.exit.max(Exit::Environment);
    }

    pub fn begin(&self, row: &Row, feature: Option<Feature>) {
        let row = row.key();
        self.messages.tell(&Event::VerifyStep { row, feature });
    }

    /// Reports a verdict, with the runner's last lines if it is bad.
    pub fn tell(&mut self, row: &Row, what: WhatVerified, verdict: &Verdict) {
        let mut log = Vec::new();
        if verdict.is_bad {
            self.exit = self.exit.max(Exit::Failed);
            log.clone_from(&verdict.log);
        }
        self.messages.tell(&Event::Verified(Verified {
            row: row.key(),
            what,
            is_good: !verdict.is_bad,
            said: verdict.text.clone(),
            log,
        }));
    }

    pub fn print(self) -> anyhow::Result<Exit> {
        self.messages.clear();
        if self.messages.is_human() {
            put!("{}\n", self.table)?;
        }
        Ok(self.exit)
    }
}
