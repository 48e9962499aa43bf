//! What a row's cells say together: how metrics go along with the scenario's parameter.

use std::collections::BTreeMap;

use super::{CellResult, Estimate};
use crate::metric::{Across, Source, catalogue};
use crate::stats;

/// The fewest cases that an exponent is fitted to.
const MIN_CASES: usize = 3;

/// Gives each row's cell of the largest parameter the metrics that are made from all of its cases. `parameters` is the
/// value of each case that has one.
pub(super) fn fill(cells: &mut [CellResult], parameters: &BTreeMap<String, f64>) {
    for place in 0..cells.len() {
        let Some(points) = cells
            .get(place)
            .and_then(|last| cases(cells, last, parameters))
        else {
            continue;
        };
        for metric in catalogue::ALL {
            let Source::Across { of, by } = metric.source else {
                continue;
            };
            let values = points.iter();
            let values = values.filter_map(|(at, cell)| Some((*at, cells.get(*cell)?.value(of)?)));
            let found = across(by, &values.collect::<Vec<_>>());
            if let Some(last) = cells.get_mut(place) {
                last.set(metric, found.map(Estimate::of));
            }
        }
    }
}

/// Parameter and place of each cell that differs from `last` by its case alone, in the parameter's order; `None` unless
/// `last` has the largest one.
fn cases(
    cells: &[CellResult],
    last: &CellResult,
    parameters: &BTreeMap<String, f64>,
) -> Option<Vec<(f64, usize)>> {
    let at = |cell: &CellResult| parameters.get(cell.key.case.as_ref()?).copied();
    let is_same = |cell: &CellResult| {
        let mut key = cell.key.clone();
        key.case.clone_from(&last.key.case);
        key == last.key
    };
    let found = cells.iter().enumerate();
    let found = found.filter(|(_, cell)| is_same(cell));
    let mut found: Vec<(f64, usize)> = found
        .filter_map(|(place, cell)| Some((at(cell)?, place)))
        .collect();
    found.sort_by(|one, other| one.0.total_cmp(&other.0));
    let largest = found.last()?.0;
    (at(last)? >= largest).then_some(found)
}

fn across(by: Across, points: &[(f64, f64)]) -> Option<f64> {
    match by {
        Across::Growth => {
            let [(_, first), .., (_, last)] = points else {
                return None;
            };
            (*first > 0.0).then(|| last / first)
        }
        Across::Exponent => exponent(points),
        Across::Slope { per } => stats::slope(points).map(|slope| slope * per),
    }
}

/// The slope of ln y over ln x.
fn exponent(points: &[(f64, f64)]) -> Option<f64> {
    let positive = points.iter().filter(|(x, y)| *x > 0.0 && *y > 0.0);
    let logarithms: Vec<(f64, f64)> = positive.map(|(x, y)| (x.ln(), y.ln())).collect();
    if logarithms.len() < MIN_CASES {
        return None;
    }
    stats::slope(&logarithms)
}

#[cfg(test)]
mod tests {
    use super::super::synthetic::cell;
    use super::*;
    use crate::plan::{CellKey, RowKey};

    #[test]
    fn an_exponent_is_the_power_that_the_values_were_made_with() {
        let of_power = |power: f64| {
            let points = [1.0, 10.0, 50.0, 200.0].map(|x: f64| (x, 7.0 * x.powf(power)));
            exponent(&points).unwrap()
        };
        for power in [-1.0, 0.0, 1.0, 2.0] {
            assert!((of_power(power) - power).abs() < 1e-9, "{power}");
        }
        // Worked out by hand: ln 1, ln e, ln e² against 0, 1, 1.
        let e = std::f64::consts::E;
        let found = exponent(&[(1.0, 1.0), (e, e), (e * e, e)]).unwrap();
        assert!((found - 0.5).abs() < 1e-9);
        assert_eq!(exponent(&[(1.0, 1.0), (2.0, 2.0)]), None, "two cases");
        assert_eq!(
            exponent(&[(3.0, 1.0), (3.0, 2.0), (3.0, 5.0)]),
            None,
            "one x"
        );
    }

    #[test]
    fn a_slope_is_what_the_parameter_adds() {
        let slope = |per, points: &[(f64, f64)]| across(Across::Slope { per }, points);
        // 300 at one agent, 1,299 at a thousand: 1 for each, 1,000 for a thousand.
        let points = [(1.0, 300.0), (1000.0, 1299.0)];
        assert_eq!(slope(1.0, &points), Some(1.0));
        assert_eq!(slope(1000.0, &points), Some(1000.0));
        assert_eq!(slope(1.0, &points[..1]), None);
    }

    #[test]
    fn only_the_largest_case_of_each_row_has_what_is_made_from_all() {
        let case = |row: &str, case: &str, cpu: f64| {
            let mut result = CellResult::empty(CellKey {
                row: RowKey::new(row, "default"),
                case: Some(case.to_owned()),
                ..cell()
            });
            result.set(&catalogue::CPU_PER_TURN, Some(Estimate::of(cpu)));
            result
        };
        let mut cells = [
            case("slow", "ten", 20.0),
            case("slow", "one", 2.0),
            case("slow", "five", 10.0),
            case("slow", "unnumbered", 99.0),
            case("flat", "one", 4.0),
            case("flat", "ten", 4.0),
        ];
        let parameters = [("one", 1.0), ("five", 5.0), ("ten", 10.0)];
        let parameters = parameters.map(|(name, at)| (name.to_owned(), at));
        fill(&mut cells, &parameters.into());
        let growth = |cell: &CellResult| cell.value(&catalogue::CPU_PER_TURN_GROWTH);
        let found: Vec<Option<f64>> = cells.iter().map(growth).collect();
        assert_eq!(found, [Some(10.0), None, None, None, None, Some(1.0)]);
        let exponent = |cell: &CellResult| cell.value(&catalogue::CPU_PER_TURN_EXPONENT);
        assert!((exponent(&cells[0]).unwrap() - 1.0).abs() < 1e-9);
        assert_eq!(exponent(&cells[5]), None, "two cases tell no exponent");
    }
}
