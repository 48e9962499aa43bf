//! The releases of a package that its registry has, and which of them are chosen.

use serde::{Deserialize, Serialize};

/// What registries add to the numbers of a release that is one: Maven's habits.
const FINAL: [&str; 3] = [".final", ".release", ".ga"];

/// A release that a registry has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Published {
    /// The version, as the registry spells it, without Go's `v`.
    pub version: String,
    /// The day of its publication in UTC, such as `2026-02-20`; `None` where the registry does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
}

/// Which releases are chosen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choice {
    /// Only the newest ones, that many; `None` for all.
    pub last: Option<usize>,
    /// Only the newest of each of these.
    pub every: Every,
    /// None older than this version.
    pub from: Option<String>,
    /// None newer than this version.
    pub to: Option<String>,
}

/// How close to each other releases are chosen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Every {
    /// Every release
    #[default]
    Release,
    /// The newest release of each minor version, such as 1.4.6 of 1.4
    Minor,
    /// The newest release of each major version
    Major,
}

impl Published {
    /// A version with the time of its publication, as RFC 3339 has it.
    pub(super) fn new(version: &str, time: Option<&str>) -> Published {
        let day = time.and_then(|time| time.get(..10));
        let day = day.and_then(|day| day.parse::<jiff::civil::Date>().ok());
        Published {
            version: version.to_owned(),
            date: day.map(|day| day.to_string()),
        }
    }
}

/// The stable ones of these, each once, the newest last.
pub fn in_order(found: impl IntoIterator<Item = Published>) -> Vec<Published> {
    let mut keyed: Vec<(Order, Published)> = found
        .into_iter()
        .filter_map(|release| Some((order(&release.version)?, release)))
        .collect();
    keyed.sort_by(|(one, _), (other, _)| one.cmp(other));
    keyed.dedup_by(|(later, _), (earlier, _)| later == earlier);
    keyed.into_iter().map(|(_, release)| release).collect()
}

/// The chosen ones of `published`, which are sorted.
pub fn choose(published: &[Published], choice: &Choice) -> Vec<Published> {
    let bound = |version: &Option<String>| version.as_deref().and_then(order);
    let (from, to) = (bound(&choice.from), bound(&choice.to));
    let mut chosen: Vec<(Order, &Published)> = Vec::new();
    for release in published {
        let Some(order) = order(&release.version) else {
            continue;
        };
        let is_older = from.as_ref().is_some_and(|from| order < *from);
        let is_newer = to.as_ref().is_some_and(|to| order > *to);
        if is_older || is_newer {
            continue;
        }
        let replaces = chosen
            .last()
            .is_some_and(|(last, _)| choice.every.is_one(last, &order));
        if replaces {
            chosen.pop();
        }
        chosen.push((order, release));
    }
    let excess = choice
        .last
        .map_or(0, |last| chosen.len().saturating_sub(last));
    let newest = chosen.into_iter().skip(excess);
    newest.map(|(_, release)| release.clone()).collect()
}

/// Whether a version is that of a stable release, so that it has a place among others.
pub fn is_stable(version: &str) -> bool {
    order(version).is_some()
}

impl Every {
    /// Whether only one of two releases is chosen.
    fn is_one(self, one: &Order, other: &Order) -> bool {
        let part = |order: &Order, place: usize| order.0.get(place).copied().unwrap_or_default();
        let is_same = |place: usize| part(one, place) == part(other, place);
        match self {
            Every::Release => false,
            Every::Minor => is_same(0) && is_same(1),
            Every::Major => is_same(0),
        }
    }
}

/// The numbers of a version without the zeros at its end, and that of a post-release (PEP 440).
type Order = (Vec<u64>, u64);

/// The place of a stable release among others; `None` for a pre-release, and for what is no version.
fn order(version: &str) -> Option<Order> {
    let version = version.trim_start_matches('v').to_lowercase();
    // What stands behind a plus is not part of the order; Go marks modules of old with it.
    let version = version.split('+').next().unwrap_or_default();
    let endings = FINAL.iter();
    let version = endings
        .filter_map(|ending| version.strip_suffix(ending))
        .next()
        .unwrap_or(version);
    let (numbers, post) = match version.split_once(".post") {
        Some((numbers, post)) => (numbers, post.parse::<u64>().ok()? + 1),
        None => (version, 0),
    };
    let numbers = numbers.split('.').map(|part| part.parse::<u64>().ok());
    let mut numbers = numbers.collect::<Option<Vec<u64>>>()?;
    while numbers.last() == Some(&0) {
        numbers.pop();
    }
    Some((numbers, post))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn published(versions: &[&str]) -> Vec<Published> {
        in_order(versions.iter().map(|version| Published::new(version, None)))
    }

    fn versions(releases: &[Published]) -> Vec<&str> {
        let versions = releases.iter().map(|release| release.version.as_str());
        versions.collect()
    }

    #[test]
    fn stable_releases_are_in_the_order_of_their_numbers_each_once() {
        let mixed = [
            "1.10.0",
            "1.9.0",
            "1.9.0.post1",
            "2.0.0rc1",
            "2.0.0-beta.1",
            "2.0.0a3",
            "1.9",
            "1.10.0.dev2",
            "0.3.0",
            "3.0.0.RELEASE",
            "2.0.0+incompatible",
            "0.0.0-20260101",
            "1.0.0-M1",
            "not a version",
            "",
        ];
        let expected = [
            "0.3.0",
            "1.9.0",
            "1.9.0.post1",
            "1.10.0",
            "2.0.0+incompatible",
            "3.0.0.RELEASE",
        ];
        assert_eq!(versions(&published(&mixed)), expected);
        assert!(is_stable("1.4.6") && !is_stable("1.4.6-rc.1"));
    }

    #[test]
    fn the_newest_are_chosen_and_of_each_minor_version_one() {
        let all = published(&[
            "1.0.0", "1.0.1", "1.1.0", "1.1.9", "1.1.10", "2.0.0", "2.1.0",
        ]);
        let chosen = |choice: &Choice| versions(&choose(&all, choice)).join(" ");
        let every = |every| Choice {
            every,
            ..Choice::default()
        };
        assert_eq!(versions(&choose(&all, &Choice::default())), versions(&all));
        assert_eq!(chosen(&every(Every::Minor)), "1.0.1 1.1.10 2.0.0 2.1.0");
        assert_eq!(chosen(&every(Every::Major)), "1.1.10 2.1.0");
        let last = Choice {
            last: Some(2),
            ..Choice::default()
        };
        assert_eq!(chosen(&last), "2.0.0 2.1.0");
        let three = Choice {
            last: Some(3),
            ..every(Every::Minor)
        };
        assert_eq!(chosen(&three), "1.1.10 2.0.0 2.1.0");
        let between = Choice {
            from: Some("1.0.1".to_owned()),
            to: Some("1.1.9".to_owned()),
            ..Choice::default()
        };
        assert_eq!(chosen(&between), "1.0.1 1.1.0 1.1.9");
        let many = Choice {
            last: Some(99),
            ..Choice::default()
        };
        assert_eq!(choose(&all, &many).len(), all.len());
    }

    #[test]
    fn a_date_is_the_day_of_the_publication() {
        let date = |time| Published::new("1.0", Some(time)).date;
        assert_eq!(
            date("2026-05-14T18:42:30.527Z").as_deref(),
            Some("2026-05-14")
        );
        assert_eq!(date("soon"), None);
        assert_eq!(Published::new("1.0", None).date, None);
    }
}
