//! What a row carries, as a figure.

use crate::capacity::Capacity;
use crate::report::format::format_figure;

/// Agents per core or per GiB; a lower bound where the level is one.
pub(in crate::report) fn agents(figure: Option<f64>, capacity: &Capacity) -> String {
    let text = format_figure(figure, 0);
    if figure.is_some() && capacity.level_is_least {
        format!("≥ {text}")
    } else {
        text
    }
}
