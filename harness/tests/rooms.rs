//! The rooms of the house: a room imports from those below it alone.

#![allow(clippy::unwrap_used, reason = "a test that can't go on must fail")]

use std::fs;
use std::path::{Path, PathBuf};

/// From top to bottom.
const ROOMS: [&str; 29] = [
    "cli",
    "report",
    "chart",
    "calibrate",
    "sweep",
    "trial",
    "judge",
    "analysis",
    "results",
    "capacity",
    "calibration",
    "build",
    "mock",
    "probe",
    "metric",
    "measurement",
    "plan",
    "framework",
    "scenario",
    "stats",
    "namespace",
    "cpus",
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
    for file in sources() {
        let room = room_of(&file);
        if HOUSE.contains(&room.as_str()) {
            continue;
        }
        let Some(place) = place(&room) else {
            wrong.push(format!("`{room}` is no room of the list"));
            continue;
        };
        let text = fs::read_to_string(source().join(&file)).unwrap();
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
fn every_room_of_the_list_is_there() {
    let rooms: Vec<String> = sources().iter().map(|file| room_of(file)).collect();
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
        ["plan", "capacity", "mock", "stats", "words", "InputError"]
    );
}

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The room's own sources, from `src/` on.
fn sources() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![source()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path.strip_prefix(source()).unwrap().to_owned());
            }
        }
    }
    assert!(found.len() > 100, "too few sources: {}", found.len());
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
    let text = text
        .split("#[cfg(test)]\nmod tests")
        .next()
        .unwrap_or_default();
    let lines = text.lines().map(str::trim_start);
    let code: Vec<&str> = lines.filter(|line| !line.starts_with("//")).collect();
    let code = code.join("\n");
    let mut names = Vec::new();
    for (at, before) in code.match_indices("crate::") {
        let rest = &code[at + before.len()..];
        match rest.strip_prefix('{') {
            Some(group) => names.extend(first_names(group)),
            None => names.push(name_at(rest)),
        }
    }
    names
}

/// The first name of every path in a group, which ends with its brace.
fn first_names(group: &str) -> Vec<String> {
    let mut names = vec![name_at(group.trim_start())];
    let mut depth = 0;
    for (at, letter) in group.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => names.push(name_at(group[at + 1..].trim_start())),
            _ => {}
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

fn name_at(text: &str) -> String {
    text.chars()
        .take_while(|letter| letter.is_alphanumeric() || *letter == '_')
        .collect()
}
