//! What a sample was spent on: one set of buckets for all languages, by rules over the names of frames.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::build::release::split_version;
use crate::framework::{Framework, Kind, Language};

/// What time is spent on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Bucket {
    /// The framework's own packages.
    Framework,
    /// The HTTP client and the SDK of the model's provider.
    HttpClient,
    /// JSON, schemas, validation.
    Json,
    /// Traces, logs, metrics.
    Tracing,
    /// The event loop, the scheduler, threads.
    EventLoop,
    /// Garbage collection and compilation while the program runs.
    GcAndJit,
    /// Loading code.
    Import,
    /// The agent's tools.
    Tool,
    /// All else, such as the runner's conversation with the harness.
    Other,
}

/// The rules' file.
const FILE: &str = include_str!("buckets.toml");
/// The end of a frame that stands for rare stacks of a bucket, and its beginning.
const RARE: (&str, &str) = ("[rare: ", "]");

impl Bucket {
    /// Every bucket, in the order of tables.
    pub const ALL: [Bucket; 9] = [
        Bucket::Framework,
        Bucket::HttpClient,
        Bucket::Json,
        Bucket::Tracing,
        Bucket::EventLoop,
        Bucket::GcAndJit,
        Bucket::Import,
        Bucket::Tool,
        Bucket::Other,
    ];

    /// Its name in tables.
    pub fn label(self) -> &'static str {
        match self {
            Bucket::Framework => "framework",
            Bucket::HttpClient => "HTTP client and SDK",
            Bucket::Json => "JSON and validation",
            Bucket::Tracing => "tracing",
            Bucket::EventLoop => "event loop",
            Bucket::GcAndJit => "GC and JIT",
            Bucket::Import => "import",
            Bucket::Tool => "tool",
            Bucket::Other => "other",
        }
    }

    /// The frame that stands for rare stacks of this bucket.
    pub fn rare(self) -> String {
        format!("{}{}{}", RARE.0, self.label(), RARE.1)
    }

    fn of_rare(frame: &str) -> Option<Bucket> {
        let label = frame.strip_prefix(RARE.0)?.strip_suffix(RARE.1)?;
        Bucket::ALL
            .into_iter()
            .find(|bucket| bucket.label() == label)
    }
}

/// The file: rules by language, and the packages of frameworks whose modules are not named as their package is.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    own: BTreeMap<String, Vec<String>>,
    rust: Vec<WireRule>,
    python: Vec<WireRule>,
    typescript: Vec<WireRule>,
    go: Vec<WireRule>,
    jvm: Vec<WireRule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireRule {
    bucket: Bucket,
    /// Beginnings of frames' names.
    frames: Vec<String>,
    /// A frame of these decides wherever it is in the stack, not only as the deepest one with a rule.
    #[serde(default)]
    anywhere: bool,
}

/// The rules for one row.
#[derive(Debug)]
pub struct Rules {
    language: Language,
    /// Beginnings of names; the longest that fits a frame decides, and the framework's own come first.
    prefixes: Vec<(String, Bucket)>,
    anywhere: Vec<(String, Bucket)>,
}

impl Rules {
    /// The rules of a language, with the packages of `row` as the framework's; `None` for a row that is not here.
    ///
    /// # Errors
    ///
    /// If the file of rules is wrong.
    pub fn of(language: Language, row: Option<&Framework>) -> Result<Rules, toml::de::Error> {
        let mut wire: Wire = toml::from_str(FILE)?;
        let named = row.and_then(|row| {
            // Another release of a row has the row's own packages.
            let plain = split_version(&row.name).map_or(row.name.as_str(), |(plain, _)| plain);
            wire.own.remove(plain)
        });
        let own = named.or_else(|| row.map(own_packages)).unwrap_or_default();
        let own = own.into_iter().map(|name| (name, Bucket::Framework));
        let mut rules = Rules {
            language,
            prefixes: own.collect(),
            anywhere: Vec::new(),
        };
        let of_language = match language {
            Language::Rust => wire.rust,
            Language::Python => wire.python,
            Language::TypeScript => wire.typescript,
            Language::Go => wire.go,
            Language::Jvm => wire.jvm,
        };
        for rule in of_language {
            let list = match rule.anywhere {
                true => &mut rules.anywhere,
                false => &mut rules.prefixes,
            };
            list.extend(rule.frames.into_iter().map(|frame| (frame, rule.bucket)));
        }
        Ok(rules)
    }

    #[cfg(test)]
    pub(super) fn with_own(language: Language, own: &[&str]) -> Rules {
        let mut rules = Rules::of(language, None).unwrap();
        let own = own.iter().map(|name| (name.to_string(), Bucket::Framework));
        rules.prefixes.splice(0..0, own);
        rules
    }

    /// The bucket of a stack, whose frames come from the outermost in, and the frame that stands for it: the deepest one
    /// that a rule names.
    pub fn bucket<'a>(&self, frames: &'a [String]) -> (Bucket, &'a str) {
        let leaf = frames.last().map_or("", String::as_str);
        if let Some(bucket) = Bucket::of_rare(leaf) {
            return (bucket, leaf);
        }
        let decide = |list: &[(String, Bucket)]| {
            let fits = |at: usize| Some((longest(list, self.place(&frames[at]))?, at));
            (0..frames.len()).rev().find_map(fits)
        };
        if let Some((bucket, at)) = decide(&self.anywhere) {
            // Who is loaded says more than what loads it.
            return (bucket, frames.get(at + 1).unwrap_or(&frames[at]));
        }
        if let Some((bucket, at)) = decide(&self.prefixes) {
            return (bucket, &frames[at]);
        }
        (Bucket::Other, leaf)
    }

    /// The part of a frame's name that says whose code it is.
    fn place<'a>(&self, frame: &'a str) -> &'a str {
        match self.language {
            Language::Rust => crate_of(frame),
            _ => frame,
        }
    }
}

/// The bucket of the longest beginning that fits, and of the first such one.
fn longest(list: &[(String, Bucket)], frame: &str) -> Option<Bucket> {
    let mut best: Option<&(String, Bucket)> = None;
    for rule in list.iter().filter(|(start, _)| frame.starts_with(start)) {
        if best.is_none_or(|(start, _)| rule.0.len() > start.len()) {
            best = Some(rule);
        }
    }
    best.map(|(_, bucket)| *bucket)
}

/// What a Rust symbol begins with once `<`, `&mut`, `dyn` and the drop of a type are taken off: for
/// `<&mut rig::Agent as core::fmt::Debug>::fmt` it is `rig::Agent as …`.
fn crate_of(frame: &str) -> &str {
    let before = ["<", "&", "*", "mut ", "const ", "dyn ", "impl ", "(", "["];
    let wrappers = [
        "core::ptr::drop_in_place<",
        "core::ptr::drop_in_place::<",
        "alloc::sync::Arc<",
        "alloc::boxed::Box<",
        "alloc::vec::Vec<",
        "core::option::Option<",
        "core::pin::Pin<",
    ];
    let mut rest = frame;
    loop {
        let starts = before.iter().chain(&wrappers);
        let cut = starts.filter_map(|start| rest.strip_prefix(start)).next();
        match cut {
            Some(cut) => rest = cut,
            None => return rest,
        }
    }
}

/// Where the code of a row's framework is, by its package's name.
fn own_packages(row: &Framework) -> Vec<String> {
    let Some(package) = row.package.as_deref().filter(|_| row.kind != Kind::Floor) else {
        return Vec::new();
    };
    match row.language {
        Language::Rust => {
            let name = package.replace('-', "_");
            vec![format!("{name}::"), format!("{name}_")]
        }
        Language::Python => {
            let module = package.replace('-', "_");
            vec![
                format!("{module}/"),
                format!("{module}_"),
                format!("{module}.py"),
            ]
        }
        Language::TypeScript => {
            // All packages of a scope are its owner's.
            let scope = package.split('/').next().unwrap_or_default();
            vec![format!("{scope}/")]
        }
        Language::Go => vec![without_major_version(package).to_owned()],
        Language::Jvm => vec![format!(
            "{}.",
            package.split(':').next().unwrap_or_default()
        )],
    }
}

/// `example.org/module` of `example.org/module/v3`.
fn without_major_version(package: &str) -> &str {
    match package.rsplit_once("/v") {
        Some((module, number)) if number.parse::<u32>().is_ok() => module,
        _ => package,
    }
}

#[cfg(test)]
mod tests;
