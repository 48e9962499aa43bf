//! `--shard`: which part of a sweep this machine measures.

use std::str::FromStr;

use super::exit::UsageError;

/// The shard that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ShardChoice {
    /// What the scheduler's variables say.
    Auto,
    /// Number `index`, from 1, of `of`.
    Of { index: u32, of: u32 },
}

impl FromStr for ShardChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<ShardChoice, String> {
        if text == "auto" {
            return Ok(ShardChoice::Auto);
        }
        let wrong = || "expected <number>/<of>, such as 3/8, or auto".to_owned();
        let (index, of) = text.split_once('/').ok_or_else(wrong)?;
        let [index, of] = [index, of].map(str::parse::<u32>);
        match (index, of) {
            (Ok(index), Ok(of)) if (1..=of).contains(&index) => Ok(ShardChoice::Of { index, of }),
            (Ok(_), Ok(of)) => Err(format!("shards are numbered from 1 to {of}")),
            _ => Err(wrong()),
        }
    }
}

/// A scheduler: the variables that say which of its parallel jobs this is.
struct Scheduler {
    index: &'static str,
    /// The number of the first job.
    base: Base,
    /// How many jobs there are.
    of: &'static str,
}

enum Base {
    Number(u32),
    /// The variable that has it.
    Variable(&'static str),
}

/// Sets how many jobs there are, where the scheduler does not say so.
const OF: &str = "LOOPMARK_SHARDS";

const SCHEDULERS: [Scheduler; 6] = [
    // For those without variables of their own, such as GitHub's matrix.
    Scheduler {
        index: "LOOPMARK_SHARD_INDEX",
        base: Base::Number(0),
        of: OF,
    },
    // An Indexed Job of Kubernetes.
    Scheduler {
        index: "JOB_COMPLETION_INDEX",
        base: Base::Number(0),
        of: OF,
    },
    Scheduler {
        index: "SLURM_ARRAY_TASK_ID",
        base: Base::Variable("SLURM_ARRAY_TASK_MIN"),
        of: "SLURM_ARRAY_TASK_COUNT",
    },
    // GitLab.
    Scheduler {
        index: "CI_NODE_INDEX",
        base: Base::Number(1),
        of: "CI_NODE_TOTAL",
    },
    Scheduler {
        index: "CIRCLE_NODE_INDEX",
        base: Base::Number(0),
        of: "CIRCLE_NODE_TOTAL",
    },
    Scheduler {
        index: "BUILDKITE_PARALLEL_JOB",
        base: Base::Number(0),
        of: "BUILDKITE_PARALLEL_JOB_COUNT",
    },
];

/// An array of Slurm may leave numbers out.
const STEP: &str = "SLURM_ARRAY_TASK_STEP";

impl ShardChoice {
    /// The shard's number, from 1, and how many there are. `variable` reads the environment.
    pub fn resolve(
        self,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<(u32, u32), UsageError> {
        match self {
            ShardChoice::Of { index, of } => Ok((index, of)),
            ShardChoice::Auto => {
                let (index, of, name) = auto(&variable).map_err(UsageError)?;
                tell!("shard {index}/{of}, by {name}");
                Ok((index, of))
            }
        }
    }
}

/// The shard by the variables of a scheduler, and the variable that has its number.
fn auto(variable: &impl Fn(&str) -> Option<String>) -> Result<(u32, u32, &'static str), String> {
    let set: Vec<&Scheduler> = SCHEDULERS
        .iter()
        .filter(|scheduler| variable(scheduler.index).is_some())
        .collect();
    let scheduler = match set.as_slice() {
        [scheduler] => scheduler,
        [] => {
            let names = SCHEDULERS.map(|scheduler| scheduler.index).join(", ");
            return Err(format!("--shard auto: none of {names} is set"));
        }
        several => {
            let names: Vec<&str> = several.iter().map(|scheduler| scheduler.index).collect();
            let names = names.join(" and ");
            return Err(format!(
                "--shard auto: {names} are set; name the shard as <number>/<of>"
            ));
        }
    };
    let number = |name: &str| -> Result<u32, String> {
        let text = variable(name).ok_or(format!("--shard auto: {name} is not set"))?;
        let wrong = |_| format!("--shard auto: {name} is {text:?}, which is no number");
        text.trim().parse().map_err(wrong)
    };
    if variable(STEP).is_some() && number(STEP)? != 1 {
        return Err(format!("--shard auto: {STEP} must be 1"));
    }
    let (index, of) = (number(scheduler.index)?, number(scheduler.of)?);
    let base = match scheduler.base {
        Base::Number(base) => base,
        Base::Variable(name) => number(name)?,
    };
    match index.checked_sub(base).map(|index| index + 1) {
        Some(index) if index <= of => Ok((index, of, scheduler.index)),
        _ => Err(format!(
            "--shard auto: {} is {index}, which is none of {of} jobs from {base}",
            scheduler.index
        )),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn by(variables: &[(&str, &str)]) -> Result<(u32, u32), String> {
        let variables: BTreeMap<&str, &str> = variables.iter().copied().collect();
        let variable = |name: &str| variables.get(name).map(|value| (*value).to_owned());
        auto(&variable).map(|(index, of, _)| (index, of))
    }

    #[test]
    fn every_scheduler_numbers_its_jobs_its_own_way() {
        let github = [("LOOPMARK_SHARD_INDEX", "0"), ("LOOPMARK_SHARDS", "4")];
        assert_eq!(by(&github), Ok((1, 4)));
        let kubernetes = [("JOB_COMPLETION_INDEX", "3"), ("LOOPMARK_SHARDS", "4")];
        assert_eq!(by(&kubernetes), Ok((4, 4)));
        let slurm = |id, min, step| {
            [
                ("SLURM_ARRAY_TASK_ID", id),
                ("SLURM_ARRAY_TASK_MIN", min),
                ("SLURM_ARRAY_TASK_COUNT", "8"),
                ("SLURM_ARRAY_TASK_STEP", step),
            ]
        };
        assert_eq!(by(&slurm("12", "10", "1")), Ok((3, 8)));
        assert_eq!(by(&slurm("0", "0", "1")), Ok((1, 8)));
        assert!(by(&slurm("12", "10", "2")).is_err());
        let gitlab = [("CI_NODE_INDEX", "2"), ("CI_NODE_TOTAL", "5")];
        assert_eq!(by(&gitlab), Ok((2, 5)));
        let circle = [("CIRCLE_NODE_INDEX", "2"), ("CIRCLE_NODE_TOTAL", "5")];
        assert_eq!(by(&circle), Ok((3, 5)));
        let buildkite = [
            ("BUILDKITE_PARALLEL_JOB", "4"),
            ("BUILDKITE_PARALLEL_JOB_COUNT", "5"),
        ];
        assert_eq!(by(&buildkite), Ok((5, 5)));
    }

    #[test]
    fn what_does_not_say_which_job_this_is_is_refused() {
        assert!(
            by(&[])
                .unwrap_err()
                .contains("none of LOOPMARK_SHARD_INDEX")
        );
        let without_count = by(&[("JOB_COMPLETION_INDEX", "0")]).unwrap_err();
        assert!(
            without_count.contains("LOOPMARK_SHARDS is not set"),
            "{without_count}"
        );
        let two = by(&[("CI_NODE_INDEX", "1"), ("CIRCLE_NODE_INDEX", "0")]).unwrap_err();
        assert!(
            two.contains("CI_NODE_INDEX and CIRCLE_NODE_INDEX are set"),
            "{two}"
        );
        let beyond = [("CI_NODE_INDEX", "6"), ("CI_NODE_TOTAL", "5")];
        assert!(by(&beyond).is_err());
        let before = [("CI_NODE_INDEX", "0"), ("CI_NODE_TOTAL", "5")];
        assert!(by(&before).is_err());
        let words = [("CI_NODE_INDEX", "one"), ("CI_NODE_TOTAL", "5")];
        assert!(by(&words).unwrap_err().contains("no number"));
    }

    #[test]
    fn a_shard_is_written_as_number_of_how_many() {
        assert_eq!("auto".parse(), Ok(ShardChoice::Auto));
        assert_eq!("3/8".parse(), Ok(ShardChoice::Of { index: 3, of: 8 }));
        for wrong in ["0/8", "9/8", "3", "3/", "/8", "a/b", "1/0", "-1/2"] {
            assert!(wrong.parse::<ShardChoice>().is_err(), "{wrong}");
        }
    }
}
