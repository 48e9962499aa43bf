//! How long the model takes for a turn: always the same, or drawn from a distribution.

use std::f64::consts::PI;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;

/// The longest time that a model may take, in ms: sums of it stay numbers.
pub(super) const MAX_MS: u64 = 86_400_000;
/// The 95th percentile of the standard normal distribution.
const Z_P95: f64 = 1.644_853_626_951_472_2;

/// How long the model takes for a turn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Latency {
    /// Always the same.
    Fixed(Duration),
    /// Log-normal: the logarithm of the latency is normally distributed.
    LogNormal {
        /// Half of the latencies are shorter.
        median: Duration,
        /// The standard deviation of the logarithm.
        sigma: f64,
    },
}

/// As a scenario file has it: `500`, or `{ median = 500, p95 = 1500 }`.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "expected a whole number of ms, or { median = 500, p95 = 1500 }"
)]
pub(super) enum WireLatency {
    Fixed(u64),
    Drawn(Percentiles),
}

/// Two percentiles, in ms, that a log-normal distribution follows from.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Percentiles {
    median: u64,
    p95: u64,
}

impl WireLatency {
    /// # Errors
    ///
    /// What is wrong, and what to write instead.
    pub fn check(self) -> Result<Latency, String> {
        match self {
            WireLatency::Fixed(ms) if ms > MAX_MS => {
                Err(format!("latency-ms must be at most {MAX_MS}, a day"))
            }
            WireLatency::Fixed(ms) => Ok(Latency::Fixed(Duration::from_millis(ms))),
            WireLatency::Drawn(Percentiles { median, p95 }) => {
                if median == 0 || p95 < median || p95 > MAX_MS {
                    return Err(format!(
                        "latency-ms needs 0 < median <= p95 <= {MAX_MS}, a day"
                    ));
                }
                let median_ms = median as f64;
                Ok(Latency::LogNormal {
                    median: Duration::from_millis(median),
                    sigma: (p95 as f64 / median_ms).ln() / Z_P95,
                })
            }
        }
    }
}

impl Latency {
    /// The latency of turn `turn` of run `run`: the same however often it is asked for.
    pub fn draw(self, run: u64, turn: u32) -> Duration {
        match self {
            Latency::Fixed(latency) => latency,
            Latency::LogNormal { median, sigma } => {
                let drawn = median.as_secs_f64() * (sigma * standard_normal(run, turn)).exp();
                Duration::from_micros((drawn * 1e6).round() as u64)
            }
        }
    }

    /// The expected value: exp(μ + σ²/2) of a log-normal distribution.
    pub fn mean(self) -> Duration {
        match self {
            Latency::Fixed(latency) => latency,
            Latency::LogNormal { median, sigma } => median.mul_f64((sigma * sigma / 2.0).exp()),
        }
    }
}

/// A draw from the standard normal distribution that follows from run and turn alone (Box and Muller, 1958).
fn standard_normal(run: u64, turn: u32) -> f64 {
    let mut random = fastrand::Rng::with_seed(run ^ (u64::from(turn) << 48));
    // 0 has no logarithm.
    let (radius, angle) = (1.0 - random.f64(), random.f64());
    (-2.0 * radius.ln()).sqrt() * (2.0 * PI * angle).cos()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spread() -> Latency {
        let percentiles = Percentiles {
            median: 500,
            p95: 1500,
        };
        WireLatency::Drawn(percentiles).check().unwrap()
    }

    #[test]
    fn half_of_the_draws_are_below_the_median_and_a_twentieth_above_p95() {
        let latency = spread();
        let draws = (0..5_000).flat_map(|run| (0..4).map(move |turn| latency.draw(run, turn)));
        let draws: Vec<Duration> = draws.collect();
        let share = |is_meant: &dyn Fn(&Duration) -> bool| {
            draws.iter().filter(|draw| is_meant(draw)).count() as f64 / draws.len() as f64
        };
        // Of 20,000 draws: five standard errors are 0.018 and 0.008.
        let below = share(&|draw| *draw < Duration::from_millis(500));
        let above = share(&|draw| *draw > Duration::from_millis(1500));
        assert!((below - 0.5).abs() < 0.018, "{below}");
        assert!((above - 0.05).abs() < 0.008, "{above}");
        let mean = draws.iter().sum::<Duration>().as_secs_f64() / draws.len() as f64;
        // exp(σ²/2) = 1.2499 with σ = ln(3) / 1.6449.
        assert!((latency.mean().as_secs_f64() - 0.6249).abs() < 0.0001);
        assert!(
            (mean / latency.mean().as_secs_f64() - 1.0).abs() < 0.03,
            "{mean}"
        );
    }

    #[test]
    fn a_draw_follows_from_run_and_turn() {
        assert_eq!(spread().draw(7, 2), spread().draw(7, 2));
        assert_ne!(spread().draw(7, 2), spread().draw(7, 3));
        assert_ne!(spread().draw(7, 2), spread().draw(8, 2));
        let fixed = WireLatency::Fixed(500).check().unwrap();
        assert_eq!(fixed.draw(7, 2), fixed.mean());
    }

    #[test]
    fn percentiles_out_of_order_are_refused() {
        for (median, p95) in [(0, 5), (500, 400), (500, MAX_MS + 1)] {
            let drawn = WireLatency::Drawn(Percentiles { median, p95 });
            assert!(drawn.check().unwrap_err().contains("median <= p95"));
        }
        assert!(WireLatency::Fixed(MAX_MS + 1).check().is_err());
    }
}
