//! `loopmark report --splice`.

use std::path::{Path, PathBuf};

use anyhow::Context;

use super::exit::{Exit, UsageError};
use crate::InputError;
use crate::layout::Layout;
use crate::splice::{Difference, Document, Filled, Splicer};

/// Fills the templates, or all of the checkout's if none is named. Writes nothing unless every one can be filled.
pub(super) fn splice(
    layout: &Layout,
    templates: &[PathBuf],
    results: Option<&Path>,
    is_check: bool,
) -> anyhow::Result<Exit> {
    let results = results.map(|folder| within(layout, folder)).transpose()?;
    let templates = match templates {
        [] => all(&layout.templates())?,
        some => some.to_vec(),
    };
    let mut splicer = Splicer::new(layout.root());
    let (mut filled, mut wrong) = (Vec::new(), Vec::new());
    for template in &templates {
        match splicer.fill(template, results.as_deref()) {
            Ok(document) => filled.push(document),
            Err(errors) => wrong.extend(errors),
        }
    }
    if !wrong.is_empty() {
        return Err(together(wrong).into());
    }
    match is_check {
        true => Ok(check(layout, &filled)),
        false => write(layout, &filled),
    }
}

/// A results folder as templates name it.
fn within(layout: &Layout, folder: &Path) -> anyhow::Result<String> {
    let whole = |path: &Path| {
        path.canonicalize()
            .with_context(|| path.display().to_string())
    };
    let (path, root) = (whole(folder)?, whole(layout.root())?);
    let within = path.strip_prefix(root).ok().and_then(Path::to_str);
    within.map(str::to_owned).ok_or_else(|| {
        let (folder, root) = (folder.display(), layout.root().display());
        UsageError(format!(
            "{folder} is not in {root}, so a document can't link to it; move it there"
        ))
        .into()
    })
}

fn all(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let is_template = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "md");
    let mut templates: Vec<PathBuf> = paths.filter(is_template).collect();
    templates.sort();
    match templates.is_empty() {
        true => Err(UsageError(format!("{} contains no template", folder.display())).into()),
        false => Ok(templates),
    }
}

/// All errors as one, one line per error.
fn together(wrong: Vec<InputError>) -> UsageError {
    let lines: Vec<String> = wrong.iter().map(ToString::to_string).collect();
    UsageError(lines.join("\nloopmark: "))
}

fn write(layout: &Layout, filled: &[Filled]) -> anyhow::Result<Exit> {
    for filled in filled {
        filled.write()?;
        let done = match filled.document.is_current() {
            true => "already up to date",
            false => "written",
        };
        tell!("{}: {done}", name(layout, &filled.document));
    }
    Ok(Exit::Good)
}

fn check(layout: &Layout, filled: &[Filled]) -> Exit {
    let mut exit = Exit::Good;
    for Filled { document, .. } in filled {
        let Some(difference) = document.difference() else {
            continue;
        };
        let Difference {
            line,
            is,
            should_be,
        } = difference;
        let shown = |text: Option<String>| {
            text.map_or("the end of the file".to_owned(), |line| format!("`{line}`"))
        };
        tell!(
            "{}:{line}: differs from what its template produces; use `loopmark report --splice`\n  it is:     {}\n  should be: {}",
            name(layout, document),
            shown(is),
            shown(should_be)
        );
        exit = Exit::Failed;
    }
    exit
}

fn name(layout: &Layout, document: &Document) -> String {
    document.name(layout.root()).display().to_string()
}
