//! An axis with its ticks and title.

use super::page::SMALL;
use crate::chart::draw::font::Fonts;
use crate::chart::number::tick;
use crate::chart::scale::{Scale, is_power_of_ten};

/// The minimum distance between the texts of two ticks.
const BETWEEN_TICKS: f64 = 12.0;

pub struct Axis {
    pub title: String,
    pub scale: Scale,
    /// Values and their texts.
    pub ticks: Vec<(f64, String)>,
}

impl Axis {
    /// Of numbers. The title says if the axis is logarithmic.
    pub fn of((scale, ticks): (Scale, Vec<f64>), title: &str) -> Axis {
        let title = match scale.is_log() {
            true => format!("{title} (logarithmic)"),
            false => title.to_owned(),
        };
        let ticks = ticks.into_iter().map(|value| (value, tick(value)));
        Axis {
            title,
            scale,
            ticks: ticks.collect(),
        }
    }

    /// The ticks that have room along an axis between two pixels: all, else every second or third and so on; of a
    /// logarithmic axis, powers of ten.
    pub fn fitted(&self, fonts: &Fonts, ends: (f64, f64)) -> Vec<(f64, &str)> {
        let mut ticks: Vec<&(f64, String)> = self.ticks.iter().collect();
        if self.scale.is_log() && !self.has_room(&ticks, 1, fonts, ends) {
            ticks.retain(|(value, _)| is_power_of_ten(*value));
        }
        let mut steps = 1..ticks.len();
        let step = steps.find(|step| self.has_room(&ticks, *step, fonts, ends));
        let kept = ticks.iter().step_by(step.unwrap_or(ticks.len().max(1)));
        kept.map(|(value, text)| (self.scale.place(*value, ends), text.as_str()))
            .collect()
    }

    /// Whether every `step`th of the ticks can be written.
    fn has_room(
        &self,
        ticks: &[&(f64, String)],
        step: usize,
        fonts: &Fonts,
        ends: (f64, f64),
    ) -> bool {
        let place = |(value, text): &&(f64, String)| {
            let x = self.scale.place(*value, ends);
            let half = fonts.width(text, SMALL) / 2.0;
            (x - half, x + half)
        };
        let places: Vec<(f64, f64)> = ticks.iter().step_by(step).map(place).collect();
        let gaps = places.iter().zip(places.iter().skip(1));
        gaps.map(|((_, end), (start, _))| start - end)
            .all(|gap| gap >= BETWEEN_TICKS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_that_would_touch_are_thinned_out() {
        let fonts = Fonts::load().unwrap();
        let axis = Axis::of(Scale::from_zero(8000.0), "things");
        let texts = |end| -> Vec<&str> {
            let ticks = axis.fitted(&fonts, (0.0, end));
            ticks.into_iter().map(|(_, text)| text).collect()
        };
        assert_eq!(texts(900.0).len(), 9);
        assert_eq!(texts(250.0), ["0", "2,000", "4,000", "6,000", "8,000"]);
        assert_eq!(texts(10.0), ["0"]);
        let axis = Axis::of(Scale::log_over([3.0, 2000.0].into_iter()).unwrap(), "");
        let texts: Vec<&str> = axis
            .fitted(&fonts, (0.0, 200.0))
            .into_iter()
            .map(|(_, text)| text)
            .collect();
        assert_eq!(texts, ["10", "100", "1,000"]);
    }

    #[test]
    fn a_logarithmic_axis_says_so() {
        let log = Scale::over(&[1.0, 1.0, 31.0], &[]).unwrap();
        assert_eq!(Axis::of(log, "CPU, s").title, "CPU, s (logarithmic)");
        assert_eq!(Axis::of(Scale::from_zero(1.0), "CPU, s").title, "CPU, s");
    }
}
