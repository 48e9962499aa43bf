//! The rooms of the house: a room imports from those below it alone, and no two files import each other, however far
//! around.

#![allow(clippy::unwrap_used, reason = "a test that can't go on must fail")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// From top to bottom.
const ROOMS: [&str; 35] = [
    "cli",
    "splice",
    "releases",
    "compare",
    "report",
    "chart",
    "sweep",
    "calibrate",
    "explain",
    "trial",
    "judge",
    "analysis",
    "results",
    "build",
    "scaffold",
    "event",
    "capacity",
    "calibration",
    "recording",
    "mock",
    "probe",
    "metric",
    "measurement",
    "plan",
    "framework",
    "scenario",
    "stats",
    "system",
    "layout",
    "scratch",
    "digest",
    "input",
    "by_name",
    "console",
    "words",
];
/// They are the crate, not rooms of it.
const HOUSE: [&str; 2] = ["lib", "main"];

#[test]
fn a_room_imports_from_those_below_it_alone() {
    let mut wrong = Vec::new();
    for file in sources(&harness()) {
        let room = room_of(&file);
        if HOUSE.contains(&room.as_str()) {
            continue;
        }
        let Some(place) = place(&room) else {
            wrong.push(format!("`{room}` is no room of the list"));
            continue;
        };
        let text = fs::read_to_string(harness().join(&file)).unwrap();
        for used in imports(&text) {
            match place_of_import(&used) {
                Some(lower) if lower >= place => {}
                Some(_) => wrong.push(format!("{} uses `{used}` above it", file.display())),
                None => wrong.push(format!(
                    "{} uses `{used}`, which is no room",
                    file.display()
                )),
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn no_file_imports_itself_through_others() {
    for source in [harness(), ours()] {
        assert_eq!(circles(&source), Vec::<String>::new(), "{source:?}");
    }
}

#[test]
fn a_circle_is_found_through_any_number_of_files() {
    let folder = tempfile::tempdir().unwrap();
    let write = |file: &str, text: &str| fs::write(folder.path().join(file), text).unwrap();
    write("lib.rs", "mod a;\nmod b;\nmod c;\npub use a::A;\n");
    write("a.rs", "use crate::b::B;\n");
    write(
        "b.rs",
        "use super::c::C;\n#[cfg(test)]\nmod tests { use crate::a::A; }\n",
    );
    write("c.rs", "// Not crate::a::A.\n");
    assert_eq!(circles(folder.path()), Vec::<String>::new());
    write("c.rs", "use crate::a::A;\n");
    assert_eq!(circles(folder.path()), ["a", "b", "c"]);
}

/// What `lib.rs` gives again could hide an import from the test above.
#[test]
fn a_file_of_ours_imports_from_the_file_that_has_it() {
    let modules = modules(&ours());
    for file in modules.values() {
        let text = fs::read_to_string(ours().join(file)).unwrap();
        for used in imports(&text) {
            assert!(modules.contains_key(&used), "{file:?} uses crate::{used}");
        }
    }
}

/// The modules that import themselves.
fn circles(source: &Path) -> Vec<String> {
    let modules = modules(source);
    let mut imported = BTreeMap::new();
    for (module, file) in &modules {
        let text = fs::read_to_string(source.join(file)).unwrap();
        let paths = paths(&production(&text)).into_iter();
        let used = paths.filter_map(|path| used_module(module, &path, &modules));
        let used: BTreeSet<String> = used.filter(|used| used != module).collect();
        imported.insert(module.clone(), used);
    }
    let circles = modules
        .into_keys()
        .filter(|module| reached(module, &imported).contains(module));
    circles.collect()
}

fn modules(source: &Path) -> BTreeMap<String, PathBuf> {
    let files = sources(source).into_iter();
    files.map(|file| (module_of(&file), file)).collect()
}

/// All that a module imports, and what that imports, and so on.
fn reached(from: &str, imported: &BTreeMap<String, BTreeSet<String>>) -> BTreeSet<String> {
    let mut reached = BTreeSet::new();
    let mut open = vec![from.to_owned()];
    while let Some(module) = open.pop() {
        for used in imported.get(&module).into_iter().flatten() {
            if reached.insert(used.clone()) {
                open.push(used.clone());
            }
        }
    }
    reached
}

/// `mock::respond::fast` of `mock/respond/fast/mod.rs`.
fn module_of(file: &Path) -> String {
    let path = file.with_extension("");
    let path = path.to_str().unwrap().replace('/', "::");
    path.strip_suffix("::mod").unwrap_or(&path).to_owned()
}

/// The module that a path written in another one leads to.
fn used_module(from: &str, path: &[String], modules: &BTreeMap<String, PathBuf>) -> Option<String> {
    let mut place: Vec<&str> = from.split("::").collect();
    let mut rest = path;
    if rest.first()? == "crate" {
        place.clear();
        rest = &rest[1..];
    }
    while rest.first().is_some_and(|part| part == "super") {
        place.pop();
        rest = &rest[1..];
    }
    let whole = place.into_iter().chain(rest.iter().map(String::as_str));
    let whole: Vec<&str> = whole.collect();
    let mut names = (1..=whole.len())
        .rev()
        .map(|parts| whole[..parts].join("::"));
    names.find(|name| modules.contains_key(name))
}

/// Every path that begins with `crate` or `super`, those of groups one by one.
fn paths(code: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    let starts = ["crate::", "super::"];
    let starts = starts.iter().flat_map(|start| code.match_indices(start));
    for (at, _) in starts {
        let is_inside = code[..at].ends_with("::") || code[..at].ends_with(is_of_a_name);
        if !is_inside {
            add_paths(&code[at..], &mut Vec::new(), &mut found);
        }
    }
    found
}

/// Reads a path or a group; gives how long it was.
fn add_paths(code: &str, before: &mut Vec<String>, found: &mut Vec<Vec<String>>) -> usize {
    let mut at = 0;
    let depth = before.len();
    loop {
        let name = name_at(&code[at..]);
        at += name.len();
        if name.is_empty() && code[at..].starts_with('{') {
            at += 1;
            loop {
                at += code[at..]
                    .find(|letter: char| !letter.is_whitespace())
                    .unwrap_or(0);
                if code[at..].starts_with('}') {
                    at += 1;
                    break;
                }
                at += add_paths(&code[at..], before, found);
                let ends = |letter| letter == ',' || letter == '}';
                at += code[at..].find(ends).unwrap();
                at += usize::from(code[at..].starts_with(','));
            }
            break;
        }
        if !name.is_empty() {
            before.push(name);
        }
        if !code[at..].starts_with("::") {
            found.push(before.clone());
            break;
        }
        at += 2;
    }
    before.truncate(depth);
    at
}

fn is_of_a_name(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

#[test]
fn every_room_of_the_list_is_there() {
    let rooms: Vec<String> = sources(&harness())
        .iter()
        .map(|file| room_of(file))
        .collect();
    for room in ROOMS {
        assert!(rooms.iter().any(|there| there == room), "{room}");
    }
}

#[test]
fn imports_are_found_however_they_are_written() {
    let text = "use crate::plan::{CellKey, Order};\n\
                /// As crate::report does.\n\
                use crate::{capacity, mock::{self, Entry}, stats};\n\
                fn f() { crate::words::cut(); }\n\
                use crate::InputError;\n\
                #[cfg(test)]\nmod tests { use crate::cli; }\n";
    let found = imports(text);
    assert_eq!(
        found,
        [
            "plan",
            "plan",
            "capacity",
            "mock",
            "mock",
            "stats",
            "words",
            "InputError"
        ]
    );
}

fn harness() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The sources of the framework that this project wrote.
fn ours() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../frameworks/ours/src")
}

/// All sources of a crate, from `src/` on.
fn sources(source: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![source.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path.strip_prefix(source).unwrap().to_owned());
            }
        }
    }
    assert!(!found.is_empty(), "no sources in {}", source.display());
    found
}

fn room_of(file: &Path) -> String {
    let first = file.components().next().unwrap().as_os_str();
    first.to_str().unwrap().trim_end_matches(".rs").to_owned()
}

fn place(room: &str) -> Option<usize> {
    ROOMS.iter().position(|name| *name == room)
}

/// What `lib.rs` gives again comes from its room.
fn place_of_import(name: &str) -> Option<usize> {
    place(if name == "InputError" { "input" } else { name })
}

/// The names after `crate::`, without those in comments and unit tests.
fn imports(text: &str) -> Vec<String> {
    let paths = paths(&production(text)).into_iter();
    let paths = paths.filter(|path| path[0] == "crate" && path.len() > 1);
    paths.map(|mut path| path.remove(1)).collect()
}

/// The code without comments and unit tests.
fn production(text: &str) -> String {
    let text = text
        .split("#[cfg(test)]\nmod tests")
        .next()
        .unwrap_or_default();
    let lines = text.lines().map(str::trim_start);
    let code: Vec<&str> = lines.filter(|line| !line.starts_with("//")).collect();
    code.join("\n")
}

fn name_at(text: &str) -> String {
    text.chars()
        .take_while(|letter| is_of_a_name(*letter))
        .collect()
}
