//! The progress and the table of `verify`.

use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use comfy_table::{ContentArrangement, Table};
use loopmark_protocol::Feature;

use super::exit::Exit;
use super::messages::Messages;
use super::verdict::{Row, Verdict};
use super::words;
use crate::event::{Event, Verified, WhatVerified};
use crate::framework::Framework;

/// What the table may take up: a tool's own words can have lines of thousands of characters.
const COLUMNS: u16 = 120;

/// The table that `verify` prints, and the receiver of its progress.
pub(super) struct Verdicts<'a> {
    table: Table,
    has_scenarios: bool,
    /// What was wrong, said again below the table: the end of a log is what people see of it.
    wrong: Vec<String>,
    messages: &'a Messages,
    pub exit: Exit,
}

impl<'a> Verdicts<'a> {
    pub fn new(messages: &'a Messages, rows: usize, scenarios: usize) -> Verdicts<'a> {
        let mut table = Table::new();
        table
            .load_style(UTF8_HORIZONTAL_ONLY)
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(COLUMNS);
        table.set_header(["Row", "Variant", "Installed", "Did the work"]);
        messages.tell(&Event::VerifyBegins { rows, scenarios });
        Verdicts {
            table,
            has_scenarios: scenarios > 1,
            wrong: Vec::new(),
            messages,
            exit: Exit::Good,
        }
    }

    pub fn skip(&mut self, framework: &Framework, reason: &str) {
        let reason = format!("skipped: {reason}");
        self.table.add_row([&framework.name, "", "", &reason]);
        self.wrong.push(format!("{}: {reason}", framework.name));
        self.exit = self.exit.max(Exit::Environment);
    }

    /// Ends a row's line in the table.
    pub fn add_row(&mut self, row: &Row, version: &str, words: &str) {
        let (framework, variant) = (&row.framework.name, &row.variant.name);
        self.table.add_row([framework, variant, version, words]);
    }

    pub fn begin(&self, row: &Row, feature: Option<Feature>) {
        self.messages.tell(&Event::VerifyStep {
            row: row.key(),
            scenario: row.bench.scenario.name.clone(),
            feature,
        });
    }

    /// Reports a verdict, with the runner's last lines if it is bad.
    pub fn tell(&mut self, row: &Row, what: WhatVerified, verdict: &Verdict) {
        let mut log = Vec::new();
        if verdict.is_bad {
            self.exit = self.exit.max(Exit::Failed);
            log.clone_from(&verdict.log);
            let scenario = &row.bench.scenario.name;
            let scenario = self.has_scenarios.then_some(scenario.as_str());
            let step = words::verified(&row.key(), scenario, what.feature());
            self.wrong
                .push(format!("{step}: {}", verdict.with_the_last_line()));
        }
        self.messages.tell(&Event::Verified(Verified {
            row: row.key(),
            scenario: row.bench.scenario.name.clone(),
            what,
            is_good: !verdict.is_bad,
            said: verdict.text.clone(),
            installed: verdict.installed.clone(),
            log,
        }));
    }

    pub fn print(self) -> anyhow::Result<Exit> {
        self.messages.clear();
        if self.messages.is_human() {
            put!("{}\n", self.table)?;
            for line in &self.wrong {
                put!("{line}\n")?;
            }
        }
        Ok(self.exit)
    }
}
