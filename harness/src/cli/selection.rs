//! Which rows and variants a command is about.

use clap::Args;

use super::exit::UsageError;
use crate::framework::{DEFAULT_VARIANT, Framework, Variant};
use crate::layout::Layout;

/// Which rows and variants.
#[derive(Debug, Clone, Args)]
pub(super) struct Selection {
    /// Only these rows, by name; `*` stands for anything [default: all]
    #[arg(short, long = "framework", value_name = "NAME", value_delimiter = ',')]
    pub frameworks: Vec<String>,
    /// The variants: `default`, `all`, or a name
    #[arg(long, value_name = "NAME", default_value = DEFAULT_VARIANT)]
    pub variants: String,
}

impl Selection {
    /// The rows that are meant, in the table's order.
    pub fn frameworks(&self, layout: &Layout) -> anyhow::Result<Vec<Framework>> {
        let mut all = Framework::load_all(layout)?;
        for pattern in &self.frameworks {
            if !all
                .iter()
                .any(|framework| matches(pattern, &framework.name))
            {
                let names: Vec<&str> = all
                    .iter()
                    .map(|framework| framework.name.as_str())
                    .collect();
                let message = format!(
                    "no row is called `{pattern}`; there are {}",
                    names.join(", ")
                );
                return Err(UsageError(message).into());
            }
        }
        if !self.frameworks.is_empty() {
            all.retain(|framework| {
                self.frameworks
                    .iter()
                    .any(|pattern| matches(pattern, &framework.name))
            });
        }
        let is_known = |framework: &Framework| framework.variant(&self.variants).is_some();
        if self.variants != "all" && !all.iter().any(is_known) {
            let message = format!("none of these rows has a variant `{}`", self.variants);
            return Err(UsageError(message).into());
        }
        Ok(all)
    }

    /// The variants of a row that are meant.
    pub fn variants<'a>(&self, framework: &'a Framework) -> Vec<&'a Variant> {
        let is_meant = |variant: &&Variant| self.variants == "all" || variant.name == self.variants;
        framework.variants.iter().filter(is_meant).collect()
    }
}

/// Whether `name` fits `pattern`, in which `*` stands for any text.
fn matches(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((before, after)) => name.strip_prefix(before).is_some_and(|rest| {
            (0..=rest.len())
                .filter_map(|at| rest.get(at..))
                .any(|end| matches(after, end))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_star_stands_for_any_text() {
        assert!(matches("floor-*", "floor-rust"));
        assert!(matches("*lang*", "langchain"));
        assert!(matches("rig", "rig"));
        assert!(!matches("rig", "rigs"));
        assert!(!matches("floor-*", "langchain"));
    }
}
