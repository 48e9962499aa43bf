//! Which cell represents a row, and the word for an arrival.

use loopmark_protocol::Arrival;

use crate::plan::CellKey;

/// The word for an arrival in tables and files.
pub fn arrival_name(arrival: Arrival) -> String {
    match arrival {
        Arrival::Closed => "closed".to_owned(),
        Arrival::Burst => "burst".to_owned(),
        Arrival::Rate(rate) => format!("rate-{rate}"),
    }
}

/// The cell that represents a row where only one can be shown: the wave at its highest level, else the closed loop at its
/// highest level. `None` without a cell.
pub fn headline<'a>(keys: impl Iterator<Item = &'a CellKey> + Clone) -> Option<&'a CellKey> {
    let highest = |is_meant: fn(Arrival) -> bool| {
        let meant = keys.clone().filter(|key| is_meant(key.arrival));
        meant.reduce(|most, key| if key.level > most.level { key } else { most })
    };
    highest(|arrival| arrival == Arrival::Burst)
        .or_else(|| highest(|arrival| arrival == Arrival::Closed))
        .or_else(|| highest(|_| true))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_headline_is_the_wave_then_the_highest_level_of_the_closed_loop() {
        let key = |arrival, level| CellKey {
            arrival,
            level,
            ..crate::analysis::synthetic::cell()
        };
        let rate = key(Arrival::Rate(2.0), 900);
        let closed = [1, 100, 10].map(|level| key(Arrival::Closed, level));
        let bursts = [key(Arrival::Burst, 5), key(Arrival::Burst, 50)];
        let mut keys = Vec::new();
        assert_eq!(headline(keys.iter()), None);
        keys.push(rate);
        assert_eq!(headline(keys.iter()), keys.first());
        keys.extend(closed);
        assert_eq!(headline(keys.iter()).map(|key| key.level), Some(100));
        keys.extend(bursts);
        assert_eq!(headline(keys.iter()).map(|key| key.level), Some(50));
    }
}
