//! RSS and CPU over time.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::differences;

/// One point of the RSS and CPU series (sysinfo), summed over the runner's process tree.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SeriesPoint {
    /// Since the runner was spawned.
    pub at_ms: u32,
    /// Resident memory.
    pub rss_bytes: u64,
    /// CPU time so far.
    pub cpu_ms: u64,
}

/// A series on disk, by columns: each holds its first value, then every value less the one before.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SeriesColumns {
    at_ms: Vec<i64>,
    rss_bytes: Vec<i64>,
    cpu_ms: Vec<i64>,
}

impl SeriesColumns {
    /// # Errors
    ///
    /// The serializer's own.
    pub fn serialize<S: Serializer>(
        points: &[SeriesPoint],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let column = |of: fn(&SeriesPoint) -> u64| differences::of(points.iter().map(of));
        let columns = SeriesColumns {
            at_ms: column(|point| point.at_ms.into()),
            rss_bytes: column(|point| point.rss_bytes),
            cpu_ms: column(|point| point.cpu_ms),
        };
        Serialize::serialize(&columns, serializer)
    }

    /// # Errors
    ///
    /// When the columns are not equally long, or a value is less than nothing.
    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<SeriesPoint>, D::Error> {
        let columns = <SeriesColumns as Deserialize>::deserialize(deserializer)?;
        columns.points().map_err(serde::de::Error::custom)
    }

    fn points(&self) -> Result<Vec<SeriesPoint>, String> {
        let lengths = [&self.at_ms, &self.rss_bytes, &self.cpu_ms].map(Vec::len);
        if lengths.iter().any(|length| *length != lengths[0]) {
            return Err(format!("the columns of series have {lengths:?} values"));
        }
        let [at_ms, rss_bytes, cpu_ms] =
            [&self.at_ms, &self.rss_bytes, &self.cpu_ms].map(|column| differences::sums(column));
        let columns = at_ms?.into_iter().zip(rss_bytes?).zip(cpu_ms?);
        let point = |((at_ms, rss_bytes), cpu_ms)| {
            Ok(SeriesPoint {
                at_ms: u32::try_from(at_ms).map_err(|_| format!("{at_ms} ms is too long"))?,
                rss_bytes,
                cpu_ms,
            })
        };
        columns.map(point).collect()
    }
}
