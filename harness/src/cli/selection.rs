//! Which rows and variants a command is about.

use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{Args, ValueEnum};

use super::exit::UsageError;
use crate::build::is_offered_here;
use crate::build::release::{at_version, split_version};
use crate::framework::{DEFAULT_VARIANT, Framework, Kind, Language, Set, Variant};
use crate::layout::Layout;
use crate::sweep::chosen_variants;
use crate::words::fits;

/// Which rows.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct Rows {
    /// Select only these rows, by name; `*` matches any text, and rig@0.43.0 is the row at another release of its
    /// framework [default: all]
    #[arg(short, long = "framework", value_name = "NAME", value_delimiter = ',')]
    pub frameworks: Vec<String>,
    /// Select only rows in these languages
    #[arg(long, value_name = "LANGUAGE", value_delimiter = ',')]
    pub language: Vec<Language>,
    /// Select only rows of these kinds
    #[arg(long, value_name = "KIND", value_delimiter = ',')]
    pub kind: Vec<Kind>,
    /// Select only rows of these sets: `table` (the README's short table), `quick` (the floors, ours, and one framework
    /// a language), all of a language or of a kind, or `all`
    #[arg(long = "set", value_name = "SET", value_delimiter = ',', value_parser = PossibleValuesParser::new(sets()), hide_possible_values = true)]
    pub sets: Vec<String>,
    #[command(flatten)]
    pub private: Private,
}

/// The set of all rows.
const ALL: &str = "all";

/// What `--set` accepts.
fn sets() -> impl Iterator<Item = PossibleValue> {
    std::iter::once(PossibleValue::new(ALL))
        .chain(values_of::<Set>())
        .chain(values_of::<Language>())
        .chain(values_of::<Kind>())
}

fn values_of<T: ValueEnum + 'static>() -> impl Iterator<Item = PossibleValue> {
    let values = T::value_variants().iter();
    values.filter_map(ValueEnum::to_possible_value)
}

/// A value as the command line has it.
fn name_of<T: ValueEnum>(value: &T) -> Option<String> {
    Some(value.to_possible_value()?.get_name().to_owned())
}

/// Rows that are not the checkout's.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct Private {
    /// Add a row from outside the checkout, by the path of its framework.toml; if no other rows are selected, use it
    /// alone
    #[arg(long = "runner", value_name = "FILE")]
    pub runners: Vec<PathBuf>,
}

/// Which rows and variants.
#[derive(Debug, Clone, Args)]
pub(super) struct Selection {
    #[command(flatten)]
    pub rows: Rows,
    /// Select each row's variant NAME; `all` selects all its variants
    #[arg(long, value_name = "NAME", default_value = DEFAULT_VARIANT)]
    pub variants: String,
}

impl Rows {
    /// The selected rows, in the table's order.
    pub fn frameworks(&self, layout: &Layout) -> anyhow::Result<Vec<Framework>> {
        let mut rows = Framework::load_all(layout)?;
        let private = self.private.frameworks(&rows, layout)?;
        let releases = releases(&self.frameworks, &rows, &private, layout)?;
        if let Some(pattern) = self.unknown_name(&rows) {
            return Err(no_such_row(pattern, &rows));
        }
        if self.chooses_all() && !private.is_empty() {
            return Ok(private);
        }
        rows.retain(|row| self.is_meant(row));
        rows.extend(private);
        rows.extend(releases);
        if rows.is_empty() {
            let message = "no row matches all of these options; `loopmark list` shows the rows";
            return Err(UsageError(message.to_owned()).into());
        }
        Framework::sort(&mut rows);
        Ok(rows)
    }

    pub(super) fn chooses_all(&self) -> bool {
        self.frameworks.is_empty()
            && self.language.is_empty()
            && self.kind.is_empty()
            && self.sets.is_empty()
    }

    /// Whether a row is in one of the chosen sets.
    fn is_in_a_set(&self, row: &Framework) -> bool {
        let mut names: Vec<String> = row.sets.iter().filter_map(name_of).collect();
        names.extend(
            [name_of(&row.language), name_of(&row.kind)]
                .into_iter()
                .flatten(),
        );
        names.push(ALL.to_owned());
        self.sets.is_empty() || self.sets.iter().any(|set| names.contains(set))
    }

    fn is_meant(&self, row: &Framework) -> bool {
        let is_named = |pattern: &String| fits(pattern, &row.name);
        (self.frameworks.is_empty() || self.frameworks.iter().any(is_named))
            && (self.language.is_empty() || self.language.contains(&row.language))
            && (self.kind.is_empty() || self.kind.contains(&row.kind))
            && self.is_in_a_set(row)
    }

    fn unknown_name(&self, rows: &[Framework]) -> Option<&str> {
        let is_unknown = |pattern: &&String| {
            split_version(pattern).is_none() && !rows.iter().any(|row| fits(pattern, &row.name))
        };
        self.frameworks.iter().find(is_unknown).map(String::as_str)
    }
}

impl Private {
    /// The private rows, which must not clash with `rows`, the checkout's.
    pub fn frameworks(
        &self,
        rows: &[Framework],
        layout: &Layout,
    ) -> anyhow::Result<Vec<Framework>> {
        let mut private: Vec<Framework> = Vec::new();
        for manifest in &self.runners {
            let row = Framework::load(manifest)?;
            let at = manifest.display();
            if row.dir.starts_with(layout.frameworks()) {
                let name = &row.name;
                let message = format!("{at} is a row of the checkout; choose it with -f {name}");
                return Err(UsageError(message).into());
            }
            if rows
                .iter()
                .chain(&private)
                .any(|other| other.name == row.name)
            {
                let name = &row.name;
                let message = format!(
                    "{at}: a row named `{name}` already exists; rename the folder and change `name`"
                );
                return Err(UsageError(message).into());
            }
            private.push(row);
        }
        Ok(private)
    }

    /// The row with exactly this name, private or from the checkout.
    pub fn row(&self, name: &str, layout: &Layout) -> anyhow::Result<Framework> {
        let mut rows = Framework::load_all(layout)?;
        rows.extend(self.frameworks(&rows, layout)?);
        match rows.iter().position(|row| row.name == name) {
            Some(at) => Ok(rows.swap_remove(at)),
            None => Err(no_such_row(name, &rows)),
        }
    }
}

/// The rows at other releases that are among `names`, such as `rig@0.43.0`: each is locked first, unless it was before.
pub(super) fn releases(
    names: &[String],
    rows: &[Framework],
    private: &[Framework],
    layout: &Layout,
) -> anyhow::Result<Vec<Framework>> {
    let named = names.iter().filter_map(|name| split_version(name));
    let release = |(name, version): (&str, &str)| {
        let mut rows = rows.iter().chain(private);
        let Some(row) = rows.find(|row| row.name == name) else {
            let message = format!("no row is named `{name}`; a release is named <row>@<version>");
            return Err(UsageError(message).into());
        };
        tell!("{name}: locking {version}, unless it was before");
        Ok(at_version(row, version, layout)?)
    };
    named.map(release).collect()
}

fn no_such_row(name: &str, rows: &[Framework]) -> anyhow::Error {
    let names: Vec<&str> = rows.iter().map(|row| row.name.as_str()).collect();
    let names = names.join(", ");
    UsageError(format!("no row is named `{name}`; the rows are {names}")).into()
}

/// The file of the scenario `name`. The error for an unknown name lists the known ones.
pub(super) fn scenario_file(name: &str, layout: &Layout) -> Result<PathBuf, UsageError> {
    let path = layout.scenario(name);
    if path.is_file() {
        return Ok(path);
    }
    let names = layout.scenario_names().join(", ");
    Err(UsageError(format!(
        "no scenario is named `{name}`; the scenarios are {names}"
    )))
}

impl Selection {
    /// The selected rows, in the table's order.
    pub fn frameworks(&self, layout: &Layout) -> anyhow::Result<Vec<Framework>> {
        let rows = self.rows.frameworks(layout)?;
        let is_known = |framework: &Framework| framework.variant(&self.variants).is_some();
        if self.variants != "all" && !rows.iter().any(is_known) {
            let message = format!(
                "none of these rows has a variant `{}`; `loopmark list` shows the variants",
                self.variants
            );
            return Err(UsageError(message).into());
        }
        let named = rows.iter().filter_map(|row| row.variant(&self.variants));
        let lacking = named.filter(|variant| !is_offered_here(variant));
        match lacking.filter_map(|variant| variant.jdk).next() {
            Some(release) => Err(UsageError(format!(
                "the variant `{}` needs a JDK {release}, which is not here: install one, or set JAVA_HOME to it",
                self.variants
            ))
            .into()),
            None => Ok(rows),
        }
    }

    /// The selected variants of a row.
    pub fn variants<'a>(&self, framework: &'a Framework) -> Vec<&'a Variant> {
        chosen_variants(framework, &self.variants)
    }
}
