//! Collapsed stacks: one line per stack, its frames from the outermost in, parted by `;`, and how often it was seen.

use std::collections::BTreeMap;
use std::fmt;

/// Stacks and how often each was seen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stacks {
    counts: BTreeMap<Vec<String>, u64>,
}

impl Stacks {
    /// Reads collapsed stacks.
    ///
    /// # Errors
    ///
    /// The first line that is none, with its number.
    pub fn parse(text: &str) -> Result<Stacks, String> {
        let mut stacks = Stacks::default();
        for (number, line) in text.lines().enumerate() {
            if line.trim().is_empty() {
                continue;
            }
            let parts = line.rsplit_once(' ');
            let parts = parts.and_then(|(frames, count)| Some((frames, count.parse().ok()?)));
            let Some((frames, samples)) = parts else {
                let number = number + 1;
                return Err(format!(
                    "line {number} is not `frame;frame count`: write collapsed stacks, as `loopmark explain` does"
                ));
            };
            stacks.add(frames.split(';').map(str::to_owned).collect(), samples);
        }
        Ok(stacks)
    }

    /// Adds samples of a stack, whose frames come from the outermost in. The format's own signs are taken out of them.
    pub fn add(&mut self, frames: Vec<String>, samples: u64) {
        let clean = |frame: String| frame.replace(';', ",").replace(['\n', '\r'], " ");
        let frames: Vec<String> = frames.into_iter().map(clean).collect();
        if samples > 0 {
            *self.counts.entry(frames).or_default() += samples;
        }
    }

    /// Adds the samples of others.
    pub fn merge(&mut self, others: Stacks) {
        for (frames, samples) in others.counts {
            self.add(frames, samples);
        }
    }

    /// All samples.
    pub fn samples(&self) -> u64 {
        self.counts.values().sum()
    }

    /// The stacks and their samples, in the order of their frames.
    pub fn iter(&self) -> impl Iterator<Item = (&[String], u64)> {
        let counts = self.counts.iter();
        counts.map(|(frames, samples)| (frames.as_slice(), *samples))
    }

    /// Makes other stacks of these; those that become `None` are left out.
    pub fn map(&self, change: impl Fn(&[String]) -> Option<Vec<String>>) -> Stacks {
        let mut changed = Stacks::default();
        for (frames, samples) in self.iter() {
            if let Some(frames) = change(frames) {
                changed.add(frames, samples);
            }
        }
        changed
    }

    /// These stacks in at most `max_bytes` of text, if that is possible: what is seen rarely below a frame becomes one
    /// frame there, which `rare` names. No sample is lost.
    pub fn pruned(&self, max_bytes: usize, rare: impl Fn(&[String]) -> String) -> Stacks {
        let mut least = 1;
        let mut pruned = self.clone();
        while pruned.to_string().len() > max_bytes && least <= self.samples() {
            least *= 2;
            pruned = self.without_rarer_than(least, &rare);
        }
        pruned
    }

    fn without_rarer_than(&self, least: u64, rare: impl Fn(&[String]) -> String) -> Stacks {
        let mut below: BTreeMap<&[String], u64> = BTreeMap::new();
        for (frames, samples) in self.iter() {
            for depth in 1..=frames.len() {
                *below.entry(&frames[..depth]).or_default() += samples;
            }
        }
        self.map(|frames| {
            let is_often = |depth: &usize| below.get(&frames[..*depth]) >= Some(&least);
            let depth = (1..=frames.len()).take_while(is_often).last().unwrap_or(0);
            let mut kept = frames[..depth].to_vec();
            if depth < frames.len() {
                kept.push(rare(frames));
            }
            Some(kept)
        })
    }
}

impl fmt::Display for Stacks {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (frames, samples) in self.iter() {
            writeln!(to, "{} {samples}", frames.join(";"))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let text = "main;run (a.py:3);json 7\nmain;wait 2\n";
        let stacks = Stacks::parse(text).unwrap();
        assert_eq!(stacks.samples(), 9);
        assert_eq!(stacks.to_string(), text);
        let mut twice = stacks.clone();
        twice.merge(stacks);
        assert_eq!(
            twice.to_string(),
            "main;run (a.py:3);json 14\nmain;wait 4\n"
        );
        assert!(
            Stacks::parse("main;run x")
                .unwrap_err()
                .starts_with("line 1 ")
        );
    }

    #[test]
    fn a_frame_cannot_break_the_format() {
        let mut stacks = Stacks::default();
        stacks.add(vec!["a;b\nc".to_owned(), "d".to_owned()], 1);
        stacks.add(vec!["never".to_owned()], 0);
        assert_eq!(stacks.to_string(), "a,b c;d 1\n");
    }

    #[test]
    fn pruning_keeps_what_is_often_seen_and_every_sample() {
        let stacks = Stacks::parse("m;a;x 9\nm;a;y 1\nm;b;z 1\nm;b;w 1\n").unwrap();
        let rare = |frames: &[String]| format!("[rare {}]", frames.len());
        assert_eq!(stacks.pruned(1000, rare), stacks);
        let pruned = stacks.without_rarer_than(2, rare);
        assert_eq!(
            pruned.to_string(),
            "m;a;[rare 3] 1\nm;a;x 9\nm;b;[rare 3] 2\n"
        );
        assert_eq!(pruned.samples(), stacks.samples());
        // Where nothing fits, one stack is left.
        assert_eq!(stacks.pruned(1, rare).to_string(), "[rare 3] 12\n");
    }
}
