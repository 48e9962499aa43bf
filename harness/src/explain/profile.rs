//! A row's samples, by buckets.

use std::collections::BTreeMap;
use std::fmt;
use std::slice;

use super::buckets::{Bucket, Rules};
use super::stacks::Stacks;
use crate::framework::Language;

/// What was sampled. It is the outermost frame of every stack, so that a file of stacks says what it is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Title {
    /// The row, with its variant.
    pub row: String,
    /// The framework's installed version.
    pub version: String,
    /// The row's language.
    pub language: Language,
    /// How many runs were sampled.
    pub runs: u32,
}

/// The languages that a title can name.
const LANGUAGES: [Language; 5] = [
    Language::Rust,
    Language::Python,
    Language::TypeScript,
    Language::Go,
    Language::Jvm,
];

impl Title {
    /// Reads a title, such as `rig 0.44.0 (Rust, 4000 runs)`.
    pub fn parse(text: &str) -> Option<Title> {
        let (name, rest) = text.strip_suffix(" runs)")?.rsplit_once(" (")?;
        let (row, version) = name.rsplit_once(' ')?;
        let (language, runs) = rest.split_once(", ")?;
        Some(Title {
            row: row.to_owned(),
            version: version.to_owned(),
            language: LANGUAGES.into_iter().find(|one| one.name() == language)?,
            runs: runs.parse().ok().filter(|runs| *runs > 0)?,
        })
    }

    /// The row's name without its variant and release.
    pub fn framework(&self) -> &str {
        self.row.split(['@', '/']).next().unwrap_or_default()
    }
}

impl fmt::Display for Title {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (language, runs) = (self.language.name(), self.runs);
        write!(
            to,
            "{} {} ({language}, {runs} runs)",
            self.row, self.version
        )
    }
}

/// What a bucket got.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Share {
    /// Its samples.
    pub samples: u64,
    /// Its part of all samples, from 0 to 1.
    pub share: f64,
    /// The samples by the frame that decided for the bucket, the most frequent ones first.
    pub functions: Vec<(String, u64)>,
}

/// A row's samples, by buckets.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// What was sampled.
    pub title: Title,
    /// All stacks, without the title.
    pub stacks: Stacks,
    /// Every bucket, in the order of tables.
    pub shares: Vec<(Bucket, Share)>,
}

impl Profile {
    /// Counts the samples of every bucket.
    pub fn new(title: Title, stacks: Stacks, rules: &Rules) -> Profile {
        let mut counted: BTreeMap<Bucket, BTreeMap<&str, u64>> = BTreeMap::new();
        for (frames, samples) in stacks.iter() {
            let (bucket, function) = rules.bucket(frames);
            *counted
                .entry(bucket)
                .or_default()
                .entry(function)
                .or_default() += samples;
        }
        let all = stacks.samples().max(1) as f64;
        let share = |bucket: Bucket| {
            let functions = counted.get(&bucket).cloned().unwrap_or_default();
            let functions = functions.into_iter();
            let mut functions: Vec<(String, u64)> = functions
                .map(|(name, samples)| (name.to_owned(), samples))
                .collect();
            functions.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
            let samples = functions.iter().map(|(_, samples)| samples).sum();
            let share = samples as f64 / all;
            (
                bucket,
                Share {
                    samples,
                    share,
                    functions,
                },
            )
        };
        let shares = Bucket::ALL.map(share).into();
        Profile {
            title,
            stacks,
            shares,
        }
    }

    /// Samples of a bucket per 1,000 runs.
    pub fn per_1000_runs(&self, bucket: Bucket) -> f64 {
        let share = self.shares.iter().find(|(one, _)| *one == bucket);
        let samples = share.map_or(0, |(_, share)| share.samples);
        samples as f64 * 1000.0 / f64::from(self.title.runs)
    }

    /// The stacks as text with the title as their outermost frame, in at most `max_bytes`, if that is possible.
    pub fn collapsed(&self, rules: &Rules, max_bytes: usize) -> String {
        let title = self.title.to_string();
        let lines = self.stacks.iter().count() * (title.len() + 1);
        let room = max_bytes.saturating_sub(lines.min(max_bytes / 2));
        let pruned = self
            .stacks
            .pruned(room, |frames| rules.bucket(frames).0.rare());
        let titled = |frames: &[String]| Some([slice::from_ref(&title), frames].concat());
        pruned.map(titled).to_string()
    }

    /// Reads what [`Profile::collapsed`] wrote: the title and the stacks.
    ///
    /// # Errors
    ///
    /// If the text has no stacks, or they have no title.
    pub fn read(text: &str) -> Result<(Title, Stacks), String> {
        let stacks = Stacks::parse(text)?;
        let first = stacks.iter().next().and_then(|(frames, _)| frames.first());
        let title = first.and_then(|first| Title::parse(first));
        let title = title
            .ok_or("the outermost frame is not a row, as in `rig 0.44.0 (Rust, 4000 runs)`")?;
        Ok((title, stacks.map(|frames| Some(frames[1..].to_vec()))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ten samples of known shares: 4 framework, 2 HTTP, 1 JSON called by the framework, 1 import, 2 of no rule.
    const KNOWN: &str = "main;agents/run.py:run;agents/run.py:step 3\n\
        main;agents/run.py:run;copy.py:copy 1\n\
        main;agents/run.py:run;httpx/_client.py:send 2\n\
        main;agents/run.py:run;json/decoder.py:decode;re/__init__.py:match 1\n\
        main;<frozen importlib._bootstrap>:_load;agents/run.py:<module> 1\n\
        main;thing.py:unheard_of 2\n";

    fn title(runs: u32) -> Title {
        Title {
            row: "openai-agents".to_owned(),
            version: "0.24.0".to_owned(),
            language: Language::Python,
            runs,
        }
    }

    fn rules() -> Rules {
        Rules::with_own(Language::Python, &["agents/"])
    }

    fn known() -> Profile {
        Profile::new(title(100), Stacks::parse(KNOWN).unwrap(), &rules())
    }

    fn shares(profile: &Profile) -> Vec<f64> {
        profile
            .shares
            .iter()
            .map(|(_, share)| share.share)
            .collect()
    }

    #[test]
    fn shares_that_are_known_are_found_and_sum_to_one() {
        let profile = known();
        assert_eq!(
            shares(&profile),
            [0.4, 0.2, 0.1, 0.0, 0.0, 0.0, 0.1, 0.0, 0.2]
        );
        assert_eq!(
            profile
                .shares
                .iter()
                .map(|(_, share)| share.samples)
                .sum::<u64>(),
            10
        );
        assert!((shares(&profile).iter().sum::<f64>() - 1.0).abs() < 1e-12);
        let (bucket, framework) = &profile.shares[0];
        assert_eq!(*bucket, Bucket::Framework);
        let step = ("agents/run.py:step".to_owned(), 3);
        assert_eq!(
            framework.functions,
            [step, ("agents/run.py:run".to_owned(), 1)]
        );
        assert_eq!(profile.per_1000_runs(Bucket::Framework), 40.0);
    }

    #[test]
    fn a_written_profile_has_the_same_shares_when_it_is_read_even_pruned() {
        let profile = known();
        for max_bytes in [100_000, 400, 200, 1] {
            let text = profile.collapsed(&rules(), max_bytes);
            let (title, stacks) = Profile::read(&text).unwrap();
            assert_eq!(title, profile.title);
            let again = Profile::new(title, stacks, &rules());
            if max_bytes > 1 {
                assert_eq!(shares(&again), shares(&profile), "{max_bytes}: {text}");
            }
            assert_eq!(again.stacks.samples(), 10);
        }
    }

    #[test]
    fn a_large_profile_fits_into_its_bound_with_its_shares() {
        let mut stacks = Stacks::default();
        for number in 0..5000 {
            let frame = |depth: u32| format!("agents/run.py:function_{number}_{depth}");
            let mut frames: Vec<String> = (0..20).map(frame).collect();
            if number % 4 == 0 {
                frames.push("json/encoder.py:encode".to_owned());
            }
            stacks.add(frames, 1);
        }
        let profile = Profile::new(title(100), stacks, &rules());
        let text = profile.collapsed(&rules(), 200_000);
        assert!(text.len() <= 200_000, "{}", text.len());
        let (title, stacks) = Profile::read(&text).unwrap();
        assert_eq!(
            shares(&Profile::new(title, stacks, &rules())),
            shares(&profile)
        );
    }

    #[test]
    fn a_title_is_read_as_it_is_written() {
        let title = title(1400);
        assert_eq!(Title::parse(&title.to_string()), Some(title));
        let release = Title {
            row: "rig@0.43.0/chat-completions".to_owned(),
            ..super::tests::title(2)
        };
        assert_eq!(release.framework(), "rig");
        assert_eq!(Title::parse(&release.to_string()), Some(release));
        for wrong in [
            "",
            "rig",
            "rig 1 (Cobol, 3 runs)",
            "rig 1 (Rust, 0 runs)",
            "rig 1 (Rust, many runs)",
        ] {
            assert_eq!(Title::parse(wrong), None, "{wrong}");
        }
        assert!(
            Profile::read("main;f 3\n")
                .unwrap_err()
                .contains("the outermost frame")
        );
    }

    #[test]
    fn nothing_sampled_is_no_share() {
        let profile = Profile::new(title(1), Stacks::default(), &rules());
        assert_eq!(shares(&profile), [0.0; 9]);
    }
}
