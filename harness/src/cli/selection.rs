//! Which rows and variants a command is about.

use std::path::PathBuf;

use clap::Args;

use super::exit::UsageError;
use crate::framework::{DEFAULT_VARIANT, Framework, Kind, Language, Variant};
use crate::layout::Layout;
use crate::sweep::chosen_variants;
use crate::words::fits;

/// Which rows.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct Rows {
    /// Select only these rows, by name; `*` matches any text [default: all]
    #[arg(short, long = "framework", value_name = "NAME", value_delimiter = ',')]
    pub frameworks: Vec<String>,
    /// Select only rows in these languages
    #[arg(long, value_name = "LANGUAGE", value_delimiter = ',')]
    pub language: Vec<Language>,
    /// Select only rows of these kinds
    #[arg(long, value_name = "KIND", value_delimiter = ',')]
    pub kind: Vec<Kind>,
    #[command(flatten)]
    pub private: Private,
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
        if let Some(pattern) = self.unknown_name(&rows) {
            return Err(no_such_row(pattern, &rows));
        }
        if self.chooses_all() && !private.is_empty() {
            return Ok(private);
        }
        rows.retain(|row| self.is_meant(row));
        rows.extend(private);
        if rows.is_empty() {
            let message = "no row matches all of these options; `loopmark list` shows the rows";
            return Err(UsageError(message.to_owned()).into());
        }
        Framework::sort(&mut rows);
        Ok(rows)
    }

    fn chooses_all(&self) -> bool {
        self.frameworks.is_empty() && self.language.is_empty() && self.kind.is_empty()
    }

    fn is_meant(&self, row: &Framework) -> bool {
        let is_named = |pattern: &String| fits(pattern, &row.name);
        (self.frameworks.is_empty() || self.frameworks.iter().any(is_named))
            && (self.language.is_empty() || self.language.contains(&row.language))
            && (self.kind.is_empty() || self.kind.contains(&row.kind))
    }

    fn unknown_name(&self, rows: &[Framework]) -> Option<&str> {
        let is_unknown = |pattern: &&String| !rows.iter().any(|row| fits(pattern, &row.name));
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
        Ok(rows)
    }

    /// The selected variants of a row.
    pub fn variants<'a>(&self, framework: &'a Framework) -> Vec<&'a Variant> {
        chosen_variants(framework, &self.variants)
    }
}
