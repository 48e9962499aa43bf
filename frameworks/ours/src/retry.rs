//! When to send a request again, and how long to wait before.

use std::time::{Duration, SystemTime};

use http::{HeaderMap, StatusCode};

use crate::error::Error;

/// The wait before the first retry, if the server names none; each further one waits twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(500);
/// The longest wait, if the server names none.
const LONGEST_WAIT: Duration = Duration::from_secs(8);
/// Up to this share of a wait is taken off at random, so that clients do not return in step.
const JITTER: f64 = 0.25;

/// An attempt that failed.
#[derive(Debug)]
pub(crate) struct Failure {
    pub error: Error,
    pub verdict: Verdict,
}

/// Whether another attempt makes sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The same request would fail again.
    GiveUp,
    /// It may succeed, and not before the server's wait if it named one.
    Retry { after: Option<Duration> },
}

impl Failure {
    pub(crate) fn passing(error: Error) -> Self {
        Failure {
            error,
            verdict: Verdict::Retry { after: None },
        }
    }

    pub(crate) fn lasting(error: Error) -> Self {
        Failure {
            error,
            verdict: Verdict::GiveUp,
        }
    }
}

/// How often to try again, and how long to wait at most for a server that asks for it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Policy {
    pub max_retries: u32,
    pub max_retry_after: Duration,
}

impl Policy {
    /// Calls `attempt` until it succeeds, fails for good or has used up its retries.
    pub(crate) async fn run<T, F, Fut>(&self, attempt: F) -> Result<T, Error>
    where
        F: Fn() -> Fut,
        Fut: Future<Output = Result<T, Failure>>,
    {
        let mut retries = 0;
        loop {
            let failure = match attempt().await {
                Ok(value) => return Ok(value),
                Err(failure) => failure,
            };
            match self.wait(retries, failure.verdict, fastrand::f64()) {
                Some(wait) => tokio::time::sleep(wait).await,
                None => return Err(failure.error),
            }
            retries += 1;
        }
    }

    /// How long to wait before the next attempt after so many retries; `None` if there is none.
    ///
    /// A server that asks for more than the cap gets no further attempt: coming back earlier than
    /// it asked would be a request that is known to fail.
    fn wait(&self, retries: u32, verdict: Verdict, random: f64) -> Option<Duration> {
        let Verdict::Retry { after } = verdict else {
            return None;
        };
        if retries >= self.max_retries {
            return None;
        }
        match after {
            Some(after) => (after <= self.max_retry_after).then_some(after),
            None => {
                let doubled = FIRST_WAIT.saturating_mul(2_u32.saturating_pow(retries));
                Some(doubled.min(LONGEST_WAIT).mul_f64(1.0 - JITTER * random))
            }
        }
    }
}

/// What an error reply says about another attempt.
pub(crate) fn verdict(status: StatusCode, headers: &HeaderMap, now: SystemTime) -> Verdict {
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let retry = match header("x-should-retry") {
        Some("true") => true,
        Some("false") => false,
        _ => matches!(status.as_u16(), 408 | 409 | 429 | 500..),
    };
    if !retry {
        return Verdict::GiveUp;
    }
    let after = header("retry-after-ms")
        .and_then(|value| seconds(value, 1e-3))
        .or_else(|| header("retry-after").and_then(|value| seconds_or_date(value, now)));
    Verdict::Retry { after }
}

fn seconds(value: &str, unit: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(value.trim().parse::<f64>().ok()? * unit).ok()
}

fn seconds_or_date(value: &str, now: SystemTime) -> Option<Duration> {
    seconds(value, 1.0).or_else(|| {
        let date = httpdate::parse_http_date(value).ok()?;
        // A date that has passed means at once.
        Some(date.duration_since(now).unwrap_or_default())
    })
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use tokio::time::Instant;

    use super::*;

    const POLICY: Policy = Policy {
        max_retries: 2,
        max_retry_after: Duration::from_secs(60),
    };

    fn headers(name: &'static str, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(http::HeaderName::from_static(name), value.parse().unwrap())])
    }

    fn after(status: u16, headers: &HeaderMap) -> Verdict {
        verdict(
            StatusCode::from_u16(status).unwrap(),
            headers,
            SystemTime::UNIX_EPOCH,
        )
    }

    #[test]
    fn only_statuses_that_may_pass_are_retried() {
        for status in [408, 409, 429, 500, 502, 503, 504, 529] {
            assert_eq!(
                after(status, &HeaderMap::new()),
                Verdict::Retry { after: None },
                "{status}"
            );
        }
        for status in [400, 401, 403, 404, 413, 422] {
            assert_eq!(
                after(status, &HeaderMap::new()),
                Verdict::GiveUp,
                "{status}"
            );
        }
    }

    #[test]
    fn the_server_may_overrule_the_status() {
        let told = |value| headers("x-should-retry", value);
        assert_eq!(after(503, &told("false")), Verdict::GiveUp);
        assert_eq!(after(400, &told("true")), Verdict::Retry { after: None });
    }

    #[test]
    fn retry_after_is_read_as_seconds_as_a_date_and_in_milliseconds() {
        let wait = |headers: HeaderMap| match after(429, &headers) {
            Verdict::Retry { after } => after,
            Verdict::GiveUp => panic!("gave up"),
        };
        assert_eq!(
            wait(headers("retry-after", "7")),
            Some(Duration::from_secs(7))
        );
        assert_eq!(
            wait(headers("retry-after", "0.5")),
            Some(Duration::from_millis(500))
        );
        assert_eq!(
            wait(headers("retry-after-ms", "30")),
            Some(Duration::from_millis(30))
        );
        let date = "Thu, 01 Jan 1970 00:00:09 GMT";
        assert_eq!(
            wait(headers("retry-after", date)),
            Some(Duration::from_secs(9))
        );
        for nonsense in ["soon", "-1", "nan", "inf", "1e300"] {
            assert_eq!(wait(headers("retry-after", nonsense)), None, "{nonsense}");
        }
    }

    #[test]
    fn a_date_in_the_past_means_at_once() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(20);
        let headers = headers("retry-after", "Thu, 01 Jan 1970 00:00:09 GMT");
        let expected = Verdict::Retry {
            after: Some(Duration::ZERO),
        };
        assert_eq!(
            verdict(StatusCode::TOO_MANY_REQUESTS, &headers, now),
            expected
        );
    }

    #[test]
    fn waits_double_up_to_the_longest_and_lose_up_to_a_quarter() {
        let policy = Policy {
            max_retries: 100,
            ..POLICY
        };
        let wait = |retries, random| {
            policy
                .wait(retries, Verdict::Retry { after: None }, random)
                .unwrap()
                .as_millis()
        };
        assert_eq!(
            [0, 1, 2, 3, 4, 5, 99].map(|n| wait(n, 0.0)),
            [500, 1000, 2000, 4000, 8000, 8000, 8000]
        );
        assert_eq!(wait(0, 1.0), 375);
    }

    #[test]
    fn a_wait_beyond_the_cap_is_not_waited() {
        let asked = |seconds| Verdict::Retry {
            after: Some(Duration::from_secs(seconds)),
        };
        assert_eq!(
            POLICY.wait(0, asked(60), 0.5),
            Some(Duration::from_secs(60))
        );
        assert_eq!(POLICY.wait(0, asked(61), 0.5), None);
    }

    #[tokio::test(start_paused = true)]
    async fn an_attempt_waits_as_long_as_the_server_asked() {
        let (start, attempts) = (Instant::now(), Cell::new(0));
        let result = POLICY
            .run(|| async {
                attempts.set(attempts.get() + 1);
                if attempts.get() == 3 {
                    return Ok(start.elapsed());
                }
                let after = Some(Duration::from_secs(7));
                let verdict = Verdict::Retry { after };
                Err(Failure {
                    error: Error::malformed("busy"),
                    verdict,
                })
            })
            .await;
        assert_eq!(result.unwrap(), Duration::from_secs(14));
    }

    #[tokio::test(start_paused = true)]
    async fn the_last_error_is_returned_when_the_retries_are_used_up() {
        let attempts = Cell::new(0);
        let result: Result<(), Error> = POLICY
            .run(|| async {
                attempts.set(attempts.get() + 1);
                Err(Failure::passing(Error::TurnLimit {
                    limit: attempts.get(),
                }))
            })
            .await;
        assert!(
            matches!(result, Err(Error::TurnLimit { limit: 3 })),
            "{result:?}"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_lasting_failure_is_not_tried_again() {
        let attempts = Cell::new(0);
        let result: Result<(), Error> = POLICY
            .run(|| async {
                attempts.set(attempts.get() + 1);
                Err(Failure::lasting(Error::malformed("no")))
            })
            .await;
        assert!(result.is_err());
        assert_eq!(attempts.get(), 1);
    }
}
