//! Why charts cannot be drawn.

use std::path::PathBuf;

/// Why charts could not be drawn.
#[derive(Debug, thiserror::Error)]
pub enum ChartError {
    /// The font that is built in is damaged.
    #[error("the built-in font cannot be read: rebuild loopmark from a clean checkout")]
    Font,
    /// The list of charts that is built in is damaged.
    #[error("the built-in list of charts cannot be read: {0}")]
    Specs(#[from] toml::de::Error),
    /// A chart of a scenario can't be drawn as its spec says.
    #[error("a [[report.chart]] of a scenario cannot be drawn: {0}")]
    Scenario(serde_json::Error),
    /// plotters failed.
    #[error("cannot draw a chart: {0}")]
    Draw(String),
    /// A PNG file could not be made.
    #[error("cannot encode a chart: {0}")]
    Encode(#[from] png::EncodingError),
    /// A file could not be written.
    #[error("cannot write {path}: {source}", path = path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
}
