//! A row's manifest, `framework.toml`, read and checked.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use loopmark_protocol::{Api, Feature};
use schemars::{JsonSchema, Schema};
use serde::Deserialize;

use super::colour::Colour;
use super::deviation::{Addition, Deviation, Omission};
use super::kind::{Kind, Language, Set};
use super::limit::Limit;
use crate::input::{self, Fault, InputError, Spanned, TomlFile, fault};
use crate::layout::Layout;

/// The name of every row's first variant: the framework as shipped.
pub const DEFAULT_VARIANT: &str = "default";

/// One row of the table.
#[derive(Debug, Clone)]
pub struct Framework {
    /// The folder's name.
    pub name: String,
    /// The row's name in tables and charts.
    pub label: String,
    /// The language that the framework is used from.
    pub language: Language,
    /// What the row measures.
    pub kind: Kind,
    /// Its colour in charts; `None` if it follows from language and name.
    pub colour: Option<Colour>,
    /// The framework's repository.
    pub upstream: String,
    /// The documentation whose idiom the runner follows.
    pub idiom: String,
    /// The framework's package by its registry's name; `None` if it comes with the toolchain.
    pub package: Option<String>,
    /// The choices of rows that it is in.
    pub sets: Vec<Set>,
    /// Declared differences on the wire, one sentence each.
    pub wire: Vec<String>,
    /// The programs that must be installed.
    pub requires: Vec<Requirement>,
    /// The steps that install the runner, in order.
    pub build: Vec<BuildStep>,
    /// A command that prints `<package> <version>`.
    pub version: Vec<String>,
    /// The command that starts the runner.
    pub run: Command,
    /// The variants, of which the first is [`DEFAULT_VARIANT`]; no two share a name.
    pub variants: Vec<Variant>,
    /// What the framework offers.
    pub features: Features,
    /// Why its runner does not offer a feature.
    pub lacks: BTreeMap<Feature, String>,
    /// What it does not do, by its design.
    pub limits: Vec<Limit>,
    /// The row's folder.
    pub dir: PathBuf,
}

/// A program that must be installed.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// The program, which is called with `--version`.
    pub command: String,
    /// The minimum version, such as `3.11`.
    pub version: String,
    /// How a person gets it.
    pub get: String,
}

/// One step of a build.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, untagged)]
pub enum BuildStep {
    /// A program and its arguments.
    Argv {
        /// The program and its arguments, with places such as `{dir}`.
        argv: Vec<String>,
        /// The files that it reads; empty if it may read any.
        #[serde(default)]
        from: Vec<PathBuf>,
        /// What it makes in the build folder; empty if that is not declared.
        #[serde(default)]
        makes: Vec<String>,
    },
    /// A Rust package, compiled in release mode; its programs are copied to `{build}/bin`.
    Cargo {
        /// Its Cargo.toml, in the row's folder.
        cargo: PathBuf,
    },
    /// A Python virtual environment at `{build}/venv` from a requirements file with hashes.
    Venv {
        /// The requirements file, in the row's folder.
        venv: PathBuf,
    },
}

/// A program to run.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Command {
    /// The program and its arguments, with places such as `{build}`.
    pub argv: Vec<String>,
    /// Variables that are added to the scrubbed environment.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
}

/// One way to use the framework.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Variant {
    /// Its name.
    pub name: String,
    /// The API that it uses.
    pub api: Api,
    /// The runner if it is not the row's: a program that contains only what this variant uses.
    #[serde(default)]
    pub argv: Option<Vec<String>>,
    /// Variables that are added to the runner's environment.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// The feature release of the JDK whose `java` runs it, such as 17, if it is not the row's; where none is here, the
    /// variant is not offered.
    #[serde(default)]
    pub jdk: Option<u64>,
    /// How the variant differs from the default, and why.
    #[serde(default)]
    pub note: Option<String>,
    /// What its requests leave out; `wire` describes it.
    #[serde(default)]
    pub leaves_out: Vec<Omission>,
    /// Where its requests contain more than the scenario's text; `wire` describes it.
    #[serde(default)]
    pub adds_to: Vec<Addition>,
}

impl Variant {
    /// All that it declares.
    pub fn deviations(&self) -> impl Iterator<Item = Deviation> + '_ {
        let omissions = self.leaves_out.iter().copied().map(Deviation::LeavesOut);
        omissions.chain(self.adds_to.iter().copied().map(Deviation::AddsTo))
    }
}

/// What a framework offers.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Features {
    /// Whether it streams replies.
    pub streaming: bool,
    /// Whether it runs several tool calls of a turn at once.
    pub parallel_tools: bool,
}

/// The JSON schema of manifests.
pub fn manifest_schema() -> Schema {
    input::schema::<Wire>()
}

/// A row's manifest: how it is installed and run, and what sets its variants apart.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "Framework")]
#[serde(deny_unknown_fields)]
struct Wire {
    /// The folder's name.
    name: Spanned<String>,
    /// The row's name in tables and charts.
    label: String,
    language: Language,
    kind: Kind,
    #[serde(default)]
    colour: Option<Colour>,
    /// The framework's repository.
    upstream: String,
    /// The documentation whose idiom the runner follows.
    idiom: String,
    /// The framework's package by its registry's name.
    #[serde(default)]
    package: Option<String>,
    /// The choices of rows that it is in, for `--set`.
    #[serde(default)]
    sets: Vec<Set>,
    /// Differences on the wire, one sentence each.
    #[serde(default)]
    wire: Vec<String>,
    #[serde(default)]
    requires: Vec<Requirement>,
    #[serde(default)]
    build: Vec<BuildStep>,
    version: WireVersion,
    run: Spanned<Command>,
    variant: Spanned<Vec<Variant>>,
    features: Features,
    #[serde(default)]
    lack: Vec<Lack>,
    #[serde(default)]
    limit: Vec<Limit>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct WireVersion {
    /// A command that prints `<package> <version>`.
    argv: Vec<String>,
}

/// A feature that the runner does not offer: the framework has none, or the row does not use it yet.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Lack {
    feature: Feature,
    /// Why not.
    reason: String,
}

impl Lack {
    fn into_pair(self) -> (Feature, String) {
        (self.feature, self.reason)
    }
}

impl Framework {
    /// Reads and checks a manifest.
    ///
    /// # Errors
    ///
    /// The first error, with file, line and what to change.
    pub fn load(manifest: &Path) -> Result<Framework, InputError> {
        Framework::from_text(manifest, input::read(manifest)?)
    }

    /// Checks the text of the manifest at `manifest`.
    ///
    /// # Errors
    ///
    /// As [`Framework::load`].
    pub fn from_text(manifest: &Path, text: String) -> Result<Framework, InputError> {
        let file = TomlFile::new(manifest, text);
        let wire: Wire = file.parse()?;
        let dir = manifest.parent().unwrap_or(Path::new("."));
        let dir = std::path::absolute(dir).unwrap_or_else(|_| dir.to_owned());
        check(wire, dir).map_err(|fault| file.invalid(fault))
    }

    /// Every row of a checkout, in the table's order: by language, and in each the floor, SDK loops, frameworks by name.
    ///
    /// # Errors
    ///
    /// The first error of any manifest.
    pub fn load_all(layout: &Layout) -> Result<Vec<Framework>, InputError> {
        let folder = layout.frameworks();
        let unreadable = |source| InputError::Read {
            path: folder.clone(),
            source,
        };
        let mut frameworks = Vec::new();
        for entry in std::fs::read_dir(&folder).map_err(unreadable)? {
            let manifest = entry.map_err(unreadable)?.path().join("framework.toml");
            if manifest.is_file() {
                frameworks.push(Framework::load(&manifest)?);
            }
        }
        Framework::sort(&mut frameworks);
        Ok(frameworks)
    }

    /// Puts rows in the table's order.
    pub fn sort(rows: &mut [Framework]) {
        rows.sort_by_key(|row| (row.language, row.kind.height(), row.name.clone()));
    }

    /// The variant of this name.
    pub fn variant(&self, name: &str) -> Option<&Variant> {
        self.variants.iter().find(|variant| variant.name == name)
    }

    /// The runner of a variant, before its places are filled in.
    pub fn runner<'a>(&'a self, variant: &'a Variant) -> &'a [String] {
        variant.argv.as_deref().unwrap_or(&self.run.argv)
    }

    /// `text` with `{dir}`, `{build}`, `{cargo-target}` and `{root}` filled in.
    pub fn expand(&self, text: &str, layout: &Layout) -> String {
        text.replace("{dir}", &self.dir.to_string_lossy())
            .replace("{build}", &layout.build(&self.name).to_string_lossy())
            .replace("{cargo-target}", &layout.cargo_target().to_string_lossy())
            .replace("{root}", &layout.root().to_string_lossy())
    }
}

fn check(wire: Wire, dir: PathBuf) -> Result<Framework, Fault> {
    let folder = dir.file_name().unwrap_or_default().to_string_lossy();
    if folder != wire.name.as_ref().as_str() {
        return fault(
            wire.name.span(),
            format!("name must be the folder's name, {folder:?}"),
        );
    }
    if wire.run.as_ref().argv.is_empty() {
        return fault(wire.run.span(), "argv must name a program");
    }
    check_variants(&wire.variant, wire.run.as_ref())?;
    Ok(Framework {
        name: wire.name.into_inner(),
        label: wire.label,
        language: wire.language,
        kind: wire.kind,
        colour: wire.colour,
        upstream: wire.upstream,
        idiom: wire.idiom,
        package: wire.package,
        sets: wire.sets,
        wire: wire.wire,
        requires: wire.requires,
        build: wire.build,
        version: wire.version.argv,
        run: wire.run.into_inner(),
        variants: wire.variant.into_inner(),
        features: wire.features,
        lacks: wire.lack.into_iter().map(Lack::into_pair).collect(),
        limits: wire.limit,
        dir,
    })
}

fn check_variants(variants: &Spanned<Vec<Variant>>, run: &Command) -> Result<(), Fault> {
    let (span, variants) = (variants.span(), variants.as_ref());
    let first = variants.first().map(|first| first.name.as_str());
    if first != Some(DEFAULT_VARIANT) {
        return fault(span, "the first [[variant]] must be named \"default\"");
    }
    for (index, variant) in variants.iter().enumerate() {
        let Variant { name, argv, .. } = variant;
        let program = argv.as_ref().unwrap_or(&run.argv).first();
        let Some(program) = program else {
            return fault(span, "argv must name a program");
        };
        if variant.jdk.is_some() && (program != "java" || name == DEFAULT_VARIANT) {
            return fault(
                span,
                "jdk is for a variant beside the default whose program is java",
            );
        }
        let mut earlier = variants.iter().take(index);
        if earlier.any(|earlier| earlier.name == *name) {
            return fault(span, format!("two variants are named {name:?}; rename one"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
