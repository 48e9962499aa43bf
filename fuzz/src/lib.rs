//! Fuzz targets: whatever Loopmark reads from outside.

pub mod targets;
