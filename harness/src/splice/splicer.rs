//! Fills templates.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::block;
use super::document::Document;
use super::figure;
use super::folders::Folders;
use super::json;
use super::placeholder::{Placeholder, What};
use super::template::{Part, Template};
use crate::input::InputError;
use crate::results::{self, ResultsError};

/// Fills the templates of a checkout; reads each results folder once, even if several of them name it.
#[derive(Debug)]
pub struct Splicer {
    root: PathBuf,
    folders: Folders,
}

/// A filled template.
#[derive(Debug)]
pub struct Filled {
    /// The document.
    pub document: Document,
    /// The template.
    template: PathBuf,
    /// The template's new text; `None` if it does not change.
    changed: Option<String>,
}

impl Splicer {
    /// A splicer for the checkout at `root`.
    pub fn new(root: &Path) -> Splicer {
        Splicer {
            root: root.to_owned(),
            folders: Folders::of(root),
        }
    }

    /// Fills a template without writing anything. `results`, relative to the checkout, replaces the template's own
    /// results folder.
    ///
    /// # Errors
    ///
    /// All its errors, each with its line.
    pub fn fill(
        &mut self,
        template: &Path,
        results: Option<&str>,
    ) -> Result<Filled, Vec<InputError>> {
        let read = Template::load(template, results).map_err(|error| vec![error])?;
        let body = self.body(&read)?;
        let name = self.name(template);
        let path = self.root.join(&read.head.document);
        let document = match &read.head.block {
            None => Document::whole(path, &name, &body),
            Some(block) => {
                Document::block(path, block, &name, &body).map_err(|error| vec![error])?
            }
        };
        Ok(Filled {
            document,
            template: template.to_owned(),
            changed: results.map(|_| read.text().to_owned()),
        })
    }

    fn body(&mut self, template: &Template) -> Result<String, Vec<InputError>> {
        self.folders.read(sweeps(template));
        let mut body = String::new();
        let mut wrong = Vec::new();
        for part in &template.parts {
            match part {
                Part::Text(text) => body.push_str(text),
                Part::Place { text, line } => match self.place(template, text) {
                    Ok(filled) => body.push_str(&filled),
                    Err(message) => wrong.push(InputError::Invalid {
                        path: template.path.clone(),
                        line: *line,
                        message: format!("`{{{{{text}}}}}`: {message}"),
                    }),
                },
            }
        }
        match wrong.is_empty() {
            true => Ok(body),
            false => Err(wrong),
        }
    }

    /// The text that replaces a placeholder.
    fn place(&mut self, template: &Template, text: &str) -> Result<String, String> {
        let Placeholder { folder, what } = Placeholder::parse(text)?;
        let folder = template.folder(folder.as_deref())?;
        let link = block::link(&template.head.document);
        let folders = &mut self.folders;
        match &what {
            What::Folder => Ok(folder.to_owned()),
            What::Source => Ok(block::source(folders.report(folder)?, folder, &link)),
            What::Table(scenario) => block::table(folders.report(folder)?, scenario.as_deref()),
            What::Chart(name, scenario) => {
                block::chart(folders, folder, (name, scenario.as_deref()), &link)
            }
            What::Cell(wanted, form) => figure::cell(folders.report(folder)?, wanted, form),
            What::Ratio(above, below, form) => {
                figure::ratio(folders.report(folder)?, above, below, form)
            }
            What::Capacity(row, column, form) => {
                figure::capacity(folders.report(folder)?, row, column, form)
            }
            What::Json(wanted, form) => {
                json::figure(folders.json(folder, &wanted.file)?, wanted, form)
            }
        }
    }

    /// A file's path as texts name it, relative to the checkout.
    fn name(&self, path: &Path) -> String {
        let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let within = whole.strip_prefix(&self.root).unwrap_or(path);
        within.display().to_string()
    }
}

/// The folders whose reports a template needs. What is wrong with a placeholder is told when it is filled.
fn sweeps(template: &Template) -> BTreeSet<String> {
    let places = template.parts.iter().filter_map(|part| match part {
        Part::Place { text, .. } => Placeholder::parse(text).ok(),
        Part::Text(_) => None,
    });
    let of_reports = places.filter(|place| !matches!(place.what, What::Folder | What::Json(..)));
    let folders = of_reports.filter_map(|place| template.folder(place.folder.as_deref()).ok());
    folders.map(str::to_owned).collect()
}

impl Filled {
    /// Writes the document, and the template if it names another results folder now.
    ///
    /// # Errors
    ///
    /// If a file can't be written.
    pub fn write(&self) -> Result<(), ResultsError> {
        if !self.document.is_current() {
            results::replace(&self.document.path, self.document.text.as_bytes())?;
        }
        match &self.changed {
            Some(text) => results::replace(&self.template, text.as_bytes()),
            None => Ok(()),
        }
    }
}
