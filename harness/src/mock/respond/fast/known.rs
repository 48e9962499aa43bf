//! What is known of clients and their runs, and the answers that follow from it.

use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use loopmark_protocol::Api;

use super::frame::{Frame, Words};
use super::opening::{Facts, Opened, Opening};
use super::read;
use super::results::Results;
use super::run::{Run, Turn};
use super::said::Said;
use super::scan::Scan;
use crate::mock::respond::Answer;
use crate::mock::respond::given::Response;
use crate::mock::respond::usage::tokens;
use crate::scenario::Scenario;

/// Run *n* has place *n* modulo [`PLACES`]; a later run takes an earlier one's.
const PLACES: usize = 1024;
/// Clients that are known at once: one row at a time asks a mock, with a request for each of its variants.
const OPENINGS: usize = 8;
/// Once this many openings were not used by a second run, the mock tries few more.
const FRUITLESS: u32 = 64;

/// What is known of clients and their runs. All threads of a mock share it.
#[derive(Debug)]
pub(in crate::mock::respond) struct Fast {
    /// The youngest first.
    openings: RwLock<Arc<[Arc<Opening>]>>,
    runs: Box<[Mutex<Run>]>,
    results: Results,
    /// Bytes of all runs' histories.
    kept: AtomicUsize,
    /// Openings that were learned since one was trusted.
    fruitless: AtomicU32,
    answers: AtomicU64,
}

/// An answer that the full check may give as well.
#[derive(Debug)]
pub(in crate::mock::respond) struct Proposal {
    pub answer: Answer,
    /// The full check has given answers like this one before.
    pub is_trusted: bool,
    opening: Arc<Opening>,
    ways: u32,
}

impl Proposal {
    /// What is kept in mind of the response.
    pub fn stored(&self) -> Option<Response> {
        self.opening.stored
    }
}

impl Default for Fast {
    fn default() -> Fast {
        Fast {
            openings: RwLock::new(Arc::new([])),
            runs: (0..PLACES).map(|_| Mutex::default()).collect(),
            results: Results::default(),
            kept: AtomicUsize::new(0),
            fruitless: AtomicU32::new(0),
            answers: AtomicU64::new(0),
        }
    }
}

impl Fast {
    /// An answer to a request that differs from known ones only as expected.
    pub fn propose(&self, scenario: &Scenario, api: Api, body: &[u8]) -> Option<Proposal> {
        let openings = self.openings();
        let (opening, opened) = openings
            .iter()
            .find_map(|opening| Some((opening, opening.read(api, body)?)))?;
        let Opened { run, added, bytes } = opened;
        if !opening.is_of_case(scenario, run) {
            return None;
        }
        let mut place = self.place(run)?;
        place.begin(run, opening, &self.kept);
        let (known, mut last) = place.known(added);
        let new = self.read_new(scenario, (api, run), (known, &mut last), added, &mut place)?;
        let turn = known + new.len();
        let (said, _) = place.said(scenario, turn)?;
        let words = words(scenario, (run, turn as u32), said, bytes + last.read.bytes);
        let answer = Answer {
            run,
            turn: turn as u32,
            latency: said.latency,
            problem: None,
            leaves_out_text: last.read.ways & read::ways::TEXT_LEFT_OUT != 0,
            other_words: opening.other_words.clone(),
            is_told: None,
            reply: opening.frame.reply(words),
            interval: scenario.case_of(run).streaming.chunk_interval,
        };
        let is_trusted = opening.trusts(turn, last.read.ways);
        if is_trusted {
            self.answers.fetch_add(1, Ordering::Relaxed);
            if turn + 1 == scenario.case_of(run).turn_count() {
                place.forget(&self.kept);
            } else {
                place.keep(added, known, &new, &self.kept);
            }
        }
        Some(Proposal {
            answer,
            is_trusted,
            opening: Arc::clone(opening),
            ways: last.read.ways,
        })
    }

    /// Reads the turns that a run has added since its last request; `last` is its last known one, then its last one.
    fn read_new(
        &self,
        scenario: &Scenario,
        (api, run): (Api, u64),
        (known, last): (usize, &mut Turn),
        added: &[u8],
        place: &mut Run,
    ) -> Option<Vec<Turn>> {
        let known_end = last.end;
        let mut scan = Scan::new(added.get(known_end..)?);
        let mut new: Vec<Turn> = Vec::new();
        while !scan.is_at_end() {
            let turn = known + new.len();
            let said = place.said(scenario, turn)?;
            let read = read::turn(api, &mut scan, said, (run, turn as u32), &self.results)?;
            last.read.ways |= read.ways;
            last.read.bytes += read.bytes;
            last.end = known_end + scan.at();
            new.push(*last);
        }
        Some(new)
    }

    /// How many answers were given without the full check.
    pub fn answers(&self) -> u64 {
        self.answers.load(Ordering::Relaxed)
    }

    /// Compares a proposal with the answer of the full check, or learns how a new client begins.
    pub fn learn(
        &self,
        scenario: &Scenario,
        (api, body): (Api, &[u8]),
        (answer, facts): (&Answer, Facts),
        proposal: Option<Proposal>,
    ) {
        match proposal {
            Some(proposal) if proposal.answer == *answer => {
                let (run, turn) = (answer.run, answer.turn as usize);
                proposal.opening.trust(run, turn, proposal.ways);
                self.fruitless.store(0, Ordering::Relaxed);
            }
            Some(_) => {}
            None if answer.turn == 0 && answer.problem.is_none() && !facts.is_continued => {
                self.open(scenario, (api, body), answer, facts);
            }
            None => {}
        }
    }

    /// Learns the beginning of a client whose requests have not been seen before.
    fn open(
        &self,
        scenario: &Scenario,
        (api, body): (Api, &[u8]),
        answer: &Answer,
        facts: Facts,
    ) -> Option<()> {
        let fruitless = self.fruitless.fetch_add(1, Ordering::Relaxed);
        if fruitless > FRUITLESS && !fruitless.is_multiple_of(FRUITLESS) {
            return None;
        }
        let mut run = Vec::new();
        scenario.write_turns(answer.run, 1, &mut run);
        let said = Said::new(answer.run, 0, run.first()?);
        let words = words(scenario, (answer.run, 0), &said, facts.prompt_bytes);
        let frame = Frame::of(api, &answer.reply, words)?;
        let turns = scenario.most_turns();
        let mut opening = Opening::of(
            api,
            scenario.prompt(),
            (answer.run, turns),
            body,
            (facts, frame),
        )?;
        opening.other_words = answer.other_words.clone();
        let known = self.openings();
        let kept = known.iter().take(OPENINGS - 1).cloned();
        let openings = std::iter::once(Arc::new(opening)).chain(kept).collect();
        *self
            .openings
            .write()
            .unwrap_or_else(PoisonError::into_inner) = openings;
        Some(())
    }

    fn openings(&self) -> Arc<[Arc<Opening>]> {
        let openings = self.openings.read();
        Arc::clone(&openings.unwrap_or_else(PoisonError::into_inner))
    }

    fn place(&self, run: u64) -> Option<MutexGuard<'_, Run>> {
        let place = self.runs.get((run % PLACES as u64) as usize)?;
        Some(place.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn words<'a>(
    scenario: &Scenario,
    (run, turn): (u64, u32),
    said: &'a Said,
    prompt_bytes: usize,
) -> Words<'a> {
    Words {
        run,
        turn,
        said,
        input_tokens: tokens(prompt_bytes),
        output_tokens: tokens(said.bytes()),
        chunk_chars: scenario.case_of(run).streaming.chunk_chars,
    }
}
