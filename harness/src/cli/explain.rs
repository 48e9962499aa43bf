//! `loopmark explain`: where a row's time goes.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Context;
use clap::Args;
use loopmark_protocol::{Answers, Arrival};

use super::drive::Drive;
use super::exit::{Exit, UsageError};
use super::measure::{interruption, runtime};
use super::messages::{MessageOptions, Messages};
use super::selection::{Private, releases};
use super::verdict::Verdict;
use crate::build::release::split_version;
use crate::explain::{self, Profile, Rules, Sampler, Stacks, Title};
use crate::framework::{DEFAULT_VARIANT, Framework, Variant};
use crate::layout::Layout;
use crate::measurement::{FailureKind, Outcome, TrialRecord};
use crate::plan::{CellKey, PlannedTrial, RowKey};
use crate::system::leave_the_runners_cpus;
use crate::trial::Bench;
use crate::words::thousands;

/// Samples that tell a bucket of a few percent; with fewer, the trial is repeated with more runs.
const ENOUGH: u64 = 300;
/// How often that is tried, and how many times as many runs a further trial may have.
const TRIALS: u32 = 3;
const MAX_FACTOR: u64 = 20;

/// What to explain.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// A row, or two parted by a comma for the difference; rig@0.43.0 is a row at another release of its framework, and a
    /// path is a stacks.txt that `explain` wrote
    #[arg(value_name = "ROW", value_delimiter = ',', required = true)]
    sides: Vec<String>,
    /// Keep L runs in flight
    #[arg(long, value_name = "L", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1000))]
    level: u32,
    /// Sample N runs [default: by language, and more if there are fewer than 300 samples]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    runs: Option<u32>,
    /// Explain this variant
    #[arg(long, value_name = "NAME", default_value = DEFAULT_VARIANT)]
    variant: String,
    /// Write to FOLDER [default: .loopmark/explain/<row>]
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    #[command(flatten)]
    private: Private,
    #[command(flatten)]
    drive: Drive,
}

pub(super) fn explain(options: &Options, layout: &Layout) -> anyhow::Result<Exit> {
    if options.sides.len() > 2 {
        let message = "explain takes one row, or two for the difference";
        return Err(UsageError(message.to_owned()).into());
    }
    let sides = options.sides.iter().map(|name| options.side(name, layout));
    let sides = sides.collect::<anyhow::Result<Vec<Side>>>()?;
    let mut bench = None;
    if sides.iter().any(|side| matches!(side, Side::Row { .. })) {
        // Once for both, and after the builds, which may use every processor: it gives up the runner's.
        let ready = options.bench(layout)?;
        leave_the_runners_cpus(ready.pinning.as_ref())?;
        bench = Some(ready);
    }
    let mut profiles = Vec::new();
    for side in sides {
        match (side, &bench) {
            (
                Side::Row {
                    row,
                    variant,
                    sampler,
                },
                Some(bench),
            ) => match options.sampled(&row, &variant, &sampler, bench)? {
                Ok(profile) => profiles.push(profile),
                Err(exit) => return Ok(exit),
            },
            (Side::Recorded(profile), _) => {
                put!("{}\n{}\n", profile.title, explain::shares(&profile))?;
                profiles.push(*profile);
            }
            (Side::Row { .. }, None) => {}
        }
    }
    if let [before, after] = profiles.as_slice() {
        options.difference(before, after, layout)?;
    }
    Ok(Exit::Good)
}

/// What a name on the command line stands for.
enum Side {
    /// Stacks that were taken earlier.
    Recorded(Box<Profile>),
    /// A row, built, and the sampler of its language.
    Row {
        row: Box<Framework>,
        variant: Box<Variant>,
        sampler: Sampler,
    },
}

impl Options {
    fn difference(&self, before: &Profile, after: &Profile, layout: &Layout) -> anyhow::Result<()> {
        if before.title.language != after.title.language {
            tell!(
                "warning: the two are in different languages, and different samplers took their samples"
            );
        }
        let folder = self.folder("difference", layout)?;
        explain::write_difference(before, after, &folder)?;
        let table = explain::difference(before, after);
        put!("\n{} after {}\n{table}\n", after.title, before.title)?;
        tell!("\n{}", folder.join("README.md").display());
        Ok(())
    }

    /// Reads stacks from a file, or finds a row and its sampler and builds the row.
    fn side(&self, name: &str, layout: &Layout) -> anyhow::Result<Side> {
        let path = Path::new(name);
        if path.is_file() {
            return self.recorded(path, layout);
        }
        let row = self.row(name, layout)?;
        let Some(variant) = row.variant(&self.variant).cloned() else {
            let message = format!(
                "{name} has no variant `{}`; `loopmark list` shows the variants",
                self.variant
            );
            return Err(UsageError(message).into());
        };
        let sampler = Sampler::of(row.language, layout)?;
        let messages: Messages = MessageOptions::default().open();
        let built = messages.build(vec![row], layout).into_iter().next();
        let (row, built) = built.context("nothing was built")?;
        built.map_err(|reason| anyhow::anyhow!("{}: {reason}", row.name))?;
        Ok(Side::Row {
            row: Box::new(row),
            variant: Box::new(variant),
            sampler,
        })
    }

    fn bench(&self, layout: &Layout) -> anyhow::Result<Bench> {
        let latency = Some(Duration::ZERO);
        let mut benches = self.drive.benches(layout, latency, Answers::Digest)?;
        match (benches.pop(), benches.is_empty()) {
            (Some(bench), true) => Ok(bench),
            _ => Err(UsageError("explain plays one scenario".to_owned()).into()),
        }
    }

    fn row(&self, name: &str, layout: &Layout) -> anyhow::Result<Framework> {
        if split_version(name).is_none() {
            return self.private.row(name, layout);
        }
        let rows = Framework::load_all(layout)?;
        let private = self.private.frameworks(&rows, layout)?;
        let releases = releases(&[name.to_owned()], &rows, &private, layout)?;
        releases.into_iter().next().context("no such release")
    }

    fn recorded(&self, path: &Path, layout: &Layout) -> anyhow::Result<Side> {
        let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
        let (title, stacks) = Profile::read(&text)
            .map_err(|reason| UsageError(format!("{}: {reason}", path.display())))?;
        let row = self.private.row(title.framework(), layout).ok();
        let rules = Rules::of(title.language, row.as_ref())?;
        let profile = Profile::new(title, stacks, &rules);
        Ok(Side::Recorded(Box::new(profile)))
    }

    /// A row's samples, written and printed; the exit code if its runs did not do the work.
    fn sampled(
        &self,
        row: &Framework,
        variant: &Variant,
        sampler: &Sampler,
        bench: &Bench,
    ) -> anyhow::Result<Result<Profile, Exit>> {
        let row_name = key(row, variant);
        let folder = self.folder(&row_name.replace('/', "."), &bench.layout)?;
        let sampling = Sampling {
            bench,
            row,
            variant,
            sampler,
            folder: &folder,
        };
        let (taken, runs) = sampling.sample_enough(self.runs, self.level)?;
        if let Some(exit) = taken.bad {
            return Ok(Err(exit));
        }
        let how = taken.how(&sampling, runs, self.level);
        let title = Title {
            row: row_name,
            version: taken.version,
            language: row.language,
            runs,
        };
        let rules = Rules::of(row.language, Some(row))?;
        let profile = Profile::new(title, taken.stacks, &rules);
        explain::write(&profile, &rules, &folder, &how)?;
        put!("{}\n{how}\n{}\n", profile.title, explain::shares(&profile))?;
        tell!("\n{}", folder.join("README.md").display());
        Ok(Ok(profile))
    }

    /// The folder that is written to, made if it is not there. Of two rows, each has its own.
    fn folder(&self, name: &str, layout: &Layout) -> anyhow::Result<PathBuf> {
        let folder = match (&self.out, self.sides.len()) {
            (Some(out), 1) => out.clone(),
            (Some(out), _) => out.join(name),
            (None, _) => layout.builds().join("explain").join(name),
        };
        let folder = std::path::absolute(folder)?;
        std::fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
        Ok(folder)
    }
}

/// `rig`, `rig/chat-completions`.
fn key(row: &Framework, variant: &Variant) -> String {
    match variant.name.as_str() {
        DEFAULT_VARIANT => row.name.clone(),
        variant => format!("{}/{variant}", row.name),
    }
}

/// The exit code of a trial that gives no samples.
fn exit(outcome: &Outcome, is_bad: bool) -> Exit {
    match outcome {
        Outcome::Failed {
            failure: FailureKind::Interrupted,
            ..
        } => Exit::Interrupted,
        _ if is_bad => Exit::Failed,
        _ => Exit::Environment,
    }
}

/// A row that is sampled.
struct Sampling<'a> {
    bench: &'a Bench,
    row: &'a Framework,
    variant: &'a Variant,
    sampler: &'a Sampler,
    folder: &'a Path,
}

/// What one trial gave.
struct Taken {
    stacks: Stacks,
    /// The installed version, without spaces.
    version: String,
    verdict: String,
    wall: Duration,
    /// The exit code, if the runs did not do the work.
    bad: Option<Exit>,
}

impl Sampling<'_> {
    /// Trials with more and more runs, until there are enough samples or a person has said how many runs there are to
    /// be. Gives the last one and its runs.
    fn sample_enough(&self, asked: Option<u32>, level: u32) -> anyhow::Result<(Taken, u32)> {
        let mut runs = asked.unwrap_or(self.sampler.runs()).max(level);
        let mut taken = self.sample(runs, level)?;
        for _ in 1..TRIALS {
            let samples = taken.stacks.samples();
            if samples >= ENOUGH || asked.is_some() || taken.bad.is_some() {
                break;
            }
            let factor = (2 * ENOUGH / samples.max(1)).clamp(2, MAX_FACTOR);
            runs = runs.saturating_mul(factor as u32);
            let more = thousands(&runs.to_string());
            tell!("{samples} samples are too few: again with {more} runs");
            taken = self.sample(runs, level)?;
        }
        Ok((taken, runs))
    }

    /// One trial under the sampler. What the sampler writes is removed once it is read: it may be large.
    fn sample(&self, runs: u32, level: u32) -> anyhow::Result<Taken> {
        let raw = tempfile::Builder::new()
            .prefix(".raw-")
            .tempdir_in(self.folder)?;
        let argv = crate::build::command(self.row, self.variant, &self.bench.layout);
        let variant = Variant {
            argv: Some(self.sampler.wrap(&argv, raw.path())),
            // Its `java` is in the command already.
            jdk: None,
            ..self.variant.clone()
        };
        tell!(
            "{}: {} runs under {}",
            key(self.row, self.variant),
            thousands(&runs.to_string()),
            self.sampler.description()
        );
        let began = Instant::now();
        let trial = self.trial(&variant, runs, level)?;
        let wall = began.elapsed();
        let verdict = Verdict::of(&trial, self.row);
        let is_offered = trial.outcome.not_offered().is_none();
        let mut taken = Taken {
            stacks: Stacks::default(),
            version: trial.ready.map_or("unknown".to_owned(), |ready| {
                ready.version.replace(' ', "-")
            }),
            verdict: verdict.text.clone(),
            wall,
            bad: None,
        };
        if verdict.is_bad || !is_offered {
            tell!(
                "{}: {}",
                key(self.row, self.variant),
                verdict.with_the_last_line()
            );
            for line in &verdict.log {
                tell!("  {}", crate::words::visible(line));
            }
            taken.bad = Some(exit(&trial.outcome, verdict.is_bad));
            return Ok(taken);
        }
        taken.stacks = self.sampler.stacks(&argv, raw.path())?;
        Ok(taken)
    }

    fn trial(&self, variant: &Variant, runs: u32, level: u32) -> anyhow::Result<TrialRecord> {
        let scenario = &self.bench.scenario;
        let planned = PlannedTrial {
            trial: 0,
            repetition: 0,
            cell: CellKey {
                row: RowKey::new(&self.row.name, &variant.name),
                api: variant.api,
                scenario: scenario.name.clone(),
                case: scenario.case_of(0).name.clone(),
                level,
                arrival: Arrival::Closed,
                aa_copy: false,
            },
            warm_up_runs: 0,
            measured_runs: runs,
        };
        let seed = jiff::Timestamp::now().as_millisecond() as u64;
        runtime()?.block_on(async {
            let mut interrupted = interruption()?;
            let trial = self
                .bench
                .run_trial(self.row, variant, &planned, seed, &mut interrupted);
            Ok(trial.await.0)
        })
    }
}

impl Taken {
    /// In a sentence or two, how many samples of what there are.
    fn how(&self, sampling: &Sampling<'_>, runs: u32, level: u32) -> String {
        format!(
            "{} samples in {:.0} s, start and end included, of {} runs of scenario `{}`, {level} in flight, with a model that \
             answers at once; the runs did the work: {}. Sampled by {}.",
            thousands(&self.stacks.samples().to_string()),
            self.wall.as_secs_f64(),
            thousands(&runs.to_string()),
            sampling.bench.scenario.name,
            self.verdict,
            sampling.sampler.description(),
        )
    }
}
