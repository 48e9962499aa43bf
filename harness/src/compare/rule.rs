//! A rule of a gate: `cpu_per_run_ms > 10% & 0.5 ms`.

use std::str::FromStr;

use super::change::Change;
use crate::metric::{Metric, catalogue};

/// How much worse a metric may get: by a share, and by an amount where one is named; it has to be worse by both.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// The metric.
    pub metric: &'static Metric,
    /// The share, such as 0.1 for 10 %.
    pub share: f64,
    /// The amount, in the unit that readers see.
    pub amount: f64,
}

/// A rule that can't be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{rule}` is no rule: {why}; a rule is such as `cpu_per_run_ms > 10%` or `p95_ms > 10% & 20 ms`"
)]
pub struct RuleError {
    rule: String,
    why: String,
}

impl FromStr for Rule {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<Rule, RuleError> {
        let because = |why: String| RuleError {
            rule: text.to_owned(),
            why,
        };
        let (metric, margins) = text
            .split_once('>')
            .ok_or_else(|| because("it has no `>`".to_owned()))?;
        let metric = catalogue::named(metric.trim()).map_err(&because)?;
        let (share, amount) = match margins.split_once('&') {
            Some((share, amount)) => (share, Some(amount)),
            None => (margins, None),
        };
        let digits = share
            .trim()
            .strip_suffix('%')
            .ok_or_else(|| because("behind `>` there is no share in %".to_owned()))?;
        let share = self::share(share).ok_or_else(|| because(format!("`{digits}` is no share")))?;
        let unit = metric.unit.shown();
        let amount = amount.map(|amount| {
            let digits = amount.trim().strip_suffix(unit).and_then(number);
            digits.ok_or_else(|| because(format!("`{}` is no amount in {unit}", amount.trim())))
        });
        Ok(Rule {
            metric,
            share,
            amount: amount.transpose()?.unwrap_or_default(),
        })
    }
}

/// `10%` as 0.1.
pub(super) fn share(text: &str) -> Option<f64> {
    Some(number(text.trim().strip_suffix('%')?)? / 100.0)
}

/// A number that is not negative.
fn number(text: &str) -> Option<f64> {
    let number: f64 = text.trim().parse().ok()?;
    (number.is_finite() && number >= 0.0).then_some(number)
}

impl Rule {
    /// The share by which a change may be worse: the larger of the two margins. Multiples of a floor have no unit, so an
    /// amount says nothing of them.
    pub fn margin(&self, change: &Change) -> f64 {
        if change.is_over_floor {
            return self.share;
        }
        let before = change
            .medians()
            .map(|[before, _]| self.metric.unit.to_shown(before));
        let of_amount = before
            .filter(|before| *before > 0.0)
            .map(|before| self.amount / before);
        self.share.max(of_amount.unwrap_or_default())
    }
}

impl std::fmt::Display for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Rule {
            metric,
            share,
            amount,
        } = self;
        write!(f, "{} > {}%", metric.name, share * 100.0)?;
        match *amount > 0.0 {
            true => write!(f, " & {amount} {}", metric.unit.shown()),
            false => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::change::tests::change;
    use super::*;

    #[test]
    fn a_rule_is_read_and_written_alike() {
        for text in [
            "cpu_per_run_ms > 10%",
            "p95_ms > 15% & 20 ms",
            "llm_calls_per_run > 0%",
        ] {
            let rule: Rule = text.parse().unwrap();
            assert_eq!(rule.to_string(), text);
        }
        let memory: Rule = "peak_rss_bytes>3%&2MiB".parse().unwrap();
        assert_eq!(memory.to_string(), "peak_rss_bytes > 3% & 2 MiB");
    }

    #[test]
    fn what_is_no_rule_is_told() {
        let wrong = [
            ("cpu_per_run_ms", "it has no `>`"),
            ("cpu_per_fun > 1%", "cpu_per_run_ms"),
            ("cpu_per_run_ms > 10", "no share in %"),
            ("cpu_per_run_ms > -1%", "`-1` is no share"),
            ("p95_ms > 10% & 20 s", "`20 s` is no amount in ms"),
        ];
        for (text, why) in wrong {
            let error = text.parse::<Rule>().unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        }
    }

    #[test]
    fn the_larger_of_two_margins_holds() {
        let rule: Rule = "cpu_per_run_ms > 10% & 5 ms".parse().unwrap();
        let cpu = &catalogue::CPU_PER_RUN;
        assert_eq!(rule.margin(&change(cpu, &[100.0], &[100.0])), 0.1);
        let small = change(cpu, &[10.0], &[10.0]);
        assert_eq!(rule.margin(&small), 0.5);
        let multiple = Change {
            is_over_floor: true,
            ..small
        };
        assert_eq!(rule.margin(&multiple), 0.1);
    }
}
