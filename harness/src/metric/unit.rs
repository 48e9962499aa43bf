//! Units: how a column names them, and how a reader is shown them.

/// The unit in which a metric is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Seconds.
    S,
    /// Milliseconds.
    Ms,
    /// Microseconds.
    Us,
    /// Bytes.
    Bytes,
    /// A number of things.
    Count,
}

const MIB: f64 = 1_048_576.0;

impl Unit {
    /// The end of a column's name: `_ms`.
    pub fn suffix(self) -> &'static str {
        match self {
            Unit::S => "_s",
            Unit::Ms => "_ms",
            Unit::Us => "_us",
            Unit::Bytes => "_bytes",
            Unit::Count => "",
        }
    }

    /// What a reader sees behind a value: bytes are shown as MiB. Empty for a count.
    pub fn shown(self) -> &'static str {
        match self {
            Unit::S => "s",
            Unit::Ms => "ms",
            Unit::Us => "µs",
            Unit::Bytes => "MiB",
            Unit::Count => "",
        }
    }

    /// A recorded value in the unit that a reader sees.
    pub fn to_shown(self, value: f64) -> f64 {
        match self {
            Unit::Bytes => value / MIB,
            _ => value,
        }
    }
}
