//! The template files of each language.

use crate::framework::Language;

/// A template file: its path in the row's folder, and its text with places such as `@name@`.
pub(super) type File = (&'static str, &'static str);

macro_rules! template {
    ($language:literal: $($file:literal),*) => {
        &[$(($file, include_str!(concat!("../../templates/", $language, "/", $file)))),*]
    };
}

const README: File = ("README.md", include_str!("../../templates/README.md"));

/// The files that pin Node are the floor's, so that every TypeScript row runs on the same version.
const NODE: &[File] = &[
    (
        ".npmrc",
        include_str!("../../../frameworks/floor-typescript/.npmrc"),
    ),
    (
        "package.json",
        include_str!("../../../frameworks/floor-typescript/package.json"),
    ),
    (
        "package-lock.json",
        include_str!("../../../frameworks/floor-typescript/package-lock.json"),
    ),
];

/// All files of a new row.
pub(super) fn files(language: Language) -> Vec<File> {
    let own: &[File] = match language {
        Language::Rust => template!("rust": "framework.toml", "Cargo.toml", "src/main.rs"),
        Language::Python => {
            template!("python": "framework.toml", "requirements.in", "requirements.txt", "runner.py")
        }
        Language::TypeScript => template!("typescript": "framework.toml", "runner.ts"),
        Language::Go => template!("go": "framework.toml", "go.mod", "main.go"),
        Language::Jvm => {
            template!("jvm": "framework.toml", "pom.xml", "dependencies.sha256", "src/Main.java")
        }
    };
    let more = match language {
        Language::TypeScript => NODE,
        _ => &[],
    };
    [&[README], own, more].concat()
}
