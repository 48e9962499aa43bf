//! The runs of a trial on disk, by columns.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::RunRecord;
use super::differences;

/// The measured runs of one trial, a column a figure, in the order of their numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Samples {
    /// The number of the first run; the others follow without a gap.
    pub first_run: u64,
    /// Starts since the batch's first: the first one, then each less the one before.
    pub start_us: Vec<i64>,
    /// The sums of the mock's holds.
    pub hold_us: Vec<u64>,
    /// Latencies less holds.
    pub overhead_us: Vec<i64>,
    /// Of each run, the times between the last byte of a reply and the whole next request.
    pub gaps_us: Vec<Vec<u64>>,
    /// From the start to the first text that the agent's caller saw, less the mock's holds; empty where no caller saw text
    /// before the answer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub first_text_us: Vec<Option<i64>>,
    /// LLM calls.
    pub llm_calls: Vec<u32>,
    /// Bytes of the requests' bodies.
    pub request_body_bytes: Vec<u64>,
    /// Why runs did not do the work, by their numbers; all others did.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub unverified: BTreeMap<u64, String>,
}

fn us(ms: f64) -> i64 {
    (ms * 1000.0).round() as i64
}

/// The nearest number of milliseconds: dividing is exact to the last digit, where multiplying by 0.001 is not.
fn ms(us: i64) -> f64 {
    us as f64 / 1000.0
}

impl Samples {
    /// Of runs whose numbers follow one another; `None` without a run.
    ///
    /// # Errors
    ///
    /// When a number does not follow the one before: the runs would be read back under other numbers.
    pub fn of(runs: &[RunRecord]) -> Result<Option<Samples>, String> {
        let Some(first_run) = runs.first().map(|run| run.run) else {
            return Ok(None);
        };
        if let Some((number, run)) = (first_run..)
            .zip(runs)
            .find(|(number, run)| *number != run.run)
        {
            return Err(format!("run {} stands where {number} belongs", run.run));
        }
        let starts = runs.iter().map(|run| us(run.start_ms).max(0) as u64);
        let gaps = |run: &RunRecord| {
            let gaps = run.gaps_us.split(';');
            gaps.filter_map(|gap| gap.parse().ok()).collect()
        };
        let mut first_text_us: Vec<Option<i64>> =
            runs.iter().map(|run| run.first_text_ms.map(us)).collect();
        if first_text_us.iter().all(Option::is_none) {
            first_text_us.clear();
        }
        let unverified = runs.iter().filter(|run| !run.verified);
        Ok(Some(Samples {
            first_run,
            start_us: differences::of(starts),
            hold_us: runs.iter().map(|run| us(run.hold_ms) as u64).collect(),
            overhead_us: runs.iter().map(|run| us(run.overhead_ms)).collect(),
            gaps_us: runs.iter().map(gaps).collect(),
            first_text_us,
            llm_calls: runs.iter().map(|run| run.llm_calls).collect(),
            request_body_bytes: runs.iter().map(|run| run.request_body_bytes).collect(),
            unverified: unverified
                .map(|run| (run.run, run.reason.clone()))
                .collect(),
        }))
    }

    /// How many runs there are.
    pub fn len(&self) -> usize {
        self.hold_us.len()
    }

    /// Whether there is no run.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Gives the runs to `take`, one after another, as those of this trial.
    ///
    /// # Errors
    ///
    /// In a sentence: columns that are not equally long, or a time that no clock gives.
    pub fn each(&self, trial: u32, take: &mut dyn FnMut(RunRecord)) -> Result<(), String> {
        self.require_equal_columns()?;
        let starts = differences::sums(&self.start_us).map_err(|why| format!("start_us: {why}"))?;
        let columns = (self.first_run..)
            .zip(starts)
            .zip(self.hold_us.iter().zip(&self.overhead_us))
            .zip(&self.gaps_us)
            .zip(self.llm_calls.iter().zip(&self.request_body_bytes));
        let mut first_text = self.first_text_us.iter().copied();
        for ((((run, start_us), (hold_us, overhead_us)), gaps), (llm_calls, bytes)) in columns {
            let hold = i64::try_from(*hold_us).ok();
            let latency_us = hold.and_then(|hold| hold.checked_add(*overhead_us));
            let latency_us = latency_us.filter(|latency| *latency >= 0).ok_or_else(|| {
                format!("run {run} has a hold of {hold_us} and an overhead of {overhead_us} us")
            })?;
            let reason = self.unverified.get(&run);
            let gaps: Vec<String> = gaps.iter().map(u64::to_string).collect();
            take(RunRecord {
                trial,
                run,
                start_ms: start_us as f64 / 1000.0,
                latency_ms: ms(latency_us),
                hold_ms: *hold_us as f64 / 1000.0,
                overhead_ms: ms(*overhead_us),
                gaps_us: gaps.join(";"),
                first_text_ms: first_text.next().flatten().map(ms),
                llm_calls: *llm_calls,
                request_body_bytes: *bytes,
                verified: reason.is_none(),
                reason: reason.cloned().unwrap_or_default(),
            });
        }
        Ok(())
    }

    fn require_equal_columns(&self) -> Result<(), String> {
        let columns = [
            ("start_us", self.start_us.len()),
            ("overhead_us", self.overhead_us.len()),
            ("gaps_us", self.gaps_us.len()),
            ("llm_calls", self.llm_calls.len()),
            ("request_body_bytes", self.request_body_bytes.len()),
        ];
        let runs = self.len();
        let first_texts = self.first_text_us.len();
        if first_texts != 0 && first_texts != runs {
            return Err(format!(
                "first_text_us has {first_texts} values, where hold_us has {runs}"
            ));
        }
        if let Some((name, length)) = columns.into_iter().find(|(_, length)| *length != runs) {
            return Err(format!(
                "{name} has {length} values, where hold_us has {runs}"
            ));
        }
        let is_here = |run: &u64| {
            let index = run.checked_sub(self.first_run);
            index.is_some_and(|index| index < runs as u64)
        };
        match self.unverified.keys().find(|run| !is_here(run)) {
            Some(run) => Err(format!("unverified names run {run}, which is not here")),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(run: u64, reason: &str) -> RunRecord {
        RunRecord {
            trial: 3,
            run,
            start_ms: 12.345,
            latency_ms: 2005.715,
            hold_ms: 2002.223,
            overhead_ms: 3.492,
            gaps_us: "950;808;661".to_owned(),
            first_text_ms: None,
            llm_calls: 4,
            request_body_bytes: 8192,
            verified: reason.is_empty(),
            reason: reason.to_owned(),
        }
    }

    #[test]
    fn runs_come_back_as_they_were() {
        let mut early = run(8, "clock");
        early.start_ms = 0.001;
        early.gaps_us = String::new();
        early.first_text_ms = Some(-0.25);
        let runs = [run(7, ""), early, run(9, "")];
        let samples = Samples::of(&runs).unwrap().unwrap();
        let mut back = Vec::new();
        samples.each(3, &mut |run| back.push(run)).unwrap();
        assert_eq!(back, runs);
        assert_eq!(Samples::of(&[]).unwrap(), None);
    }

    #[test]
    fn first_texts_are_of_every_run_or_of_none() {
        let mut samples = Samples::of(&[run(7, ""), run(8, "")]).unwrap().unwrap();
        assert_eq!(samples.first_text_us, []);
        samples.first_text_us = vec![Some(4)];
        let fault = samples.each(3, &mut |_| ()).unwrap_err();
        assert_eq!(fault, "first_text_us has 1 values, where hold_us has 2");
    }

    #[test]
    fn a_run_that_does_not_follow_the_one_before_is_refused() {
        for numbers in [[7, 9], [7, 7], [7, 6]] {
            let runs = numbers.map(|number| run(number, ""));
            let fault = Samples::of(&runs).unwrap_err();
            assert!(fault.ends_with("stands where 8 belongs"), "{fault}");
        }
    }
}
