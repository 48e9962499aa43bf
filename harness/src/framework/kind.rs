//! A row's language and kind.

use clap::ValueEnum;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A language, in the table's order.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    JsonSchema,
    ValueEnum,
)]
#[serde(rename_all = "lowercase")]
#[value(rename_all = "lower")]
pub enum Language {
    /// Rust.
    Rust,
    /// Python.
    Python,
    /// TypeScript, on Node.
    TypeScript,
    /// Go.
    Go,
    /// Java and Kotlin.
    Jvm,
}

impl Language {
    /// Whether the program that starts a runner comes with the language and not with the row.
    pub fn has_interpreter(self) -> bool {
        matches!(
            self,
            Language::Python | Language::TypeScript | Language::Jvm
        )
    }

    /// The language's own name.
    pub fn name(self) -> &'static str {
        match self {
            Language::Rust => "Rust",
            Language::Python => "Python",
            Language::TypeScript => "TypeScript",
            Language::Go => "Go",
            Language::Jvm => "JVM",
        }
    }
}

/// A choice of rows that a row's manifest says it is in.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    JsonSchema,
    ValueEnum,
)]
#[serde(rename_all = "lowercase")]
pub enum Set {
    /// The rows of the README's short table, which a plain `cargo bench` measures.
    Table,
    /// The floors, the project's own framework, and one framework a language, which every change is tried with.
    Quick,
}

/// What a row measures.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    JsonSchema,
    ValueEnum,
)]
#[serde(rename_all = "lowercase")]
#[value(rename_all = "lower")]
pub enum Kind {
    /// The framework that this project wrote: see `docs/BIAS.md`.
    Ours,
    /// An agent framework by others.
    Framework,
    /// A hand-written loop on the SDK of the model's vendor: what a framework built on that SDK starts from.
    Sdk,
    /// A hand-written loop without a framework.
    Floor,
}

impl Kind {
    /// How much lies between the model's API and what the row measures: in a table of a language's rows, the lowest is first.
    pub fn height(self) -> u8 {
        match self {
            Kind::Floor => 0,
            Kind::Sdk => 1,
            Kind::Ours | Kind::Framework => 2,
        }
    }

    /// The kind as manifests and the command line write it.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Ours => "ours",
            Kind::Framework => "framework",
            Kind::Sdk => "sdk",
            Kind::Floor => "floor",
        }
    }
}
