//! Which rows a command is about, what `list` says of them, and how a row is begun.
#![allow(clippy::unwrap_used, reason = "a test that can't go on must fail")]

mod common;

use std::path::Path;
use std::process::Output;

use common::{Checkout, text};
use loopmark::framework::Framework;

/// A checkout with the fake, in Python, and a floor in Rust that nobody builds.
fn two_rows() -> Checkout {
    let checkout = Checkout::new("right");
    copy_row(
        &checkout,
        &checkout.root().join("frameworks/floor"),
        |manifest| {
            manifest
                .replace("language = \"python\"", "language = \"rust\"")
                .replace(
                    "kind = \"framework\"",
                    "kind = \"floor\"\nsets = [\"quick\"]",
                )
        },
    );
    checkout
}

/// The fake's row once more, in another folder and by that folder's name.
fn copy_row(checkout: &Checkout, folder: &Path, edit: impl Fn(&str) -> String) {
    let fake = checkout.root().join("frameworks/fake");
    std::fs::create_dir_all(folder).unwrap();
    std::fs::copy(fake.join("runner.py"), folder.join("runner.py")).unwrap();
    let manifest = std::fs::read_to_string(fake.join("framework.toml")).unwrap();
    let name = folder.file_name().unwrap().to_string_lossy();
    let manifest = edit(&manifest).replace("name = \"fake\"", &format!("name = \"{name}\""));
    std::fs::write(folder.join("framework.toml"), manifest).unwrap();
}

fn run(checkout: &Checkout, arguments: &[&str]) -> Output {
    checkout.loopmark(arguments).output().unwrap()
}

#[test]
fn rows_are_chosen_by_name_language_and_kind_and_all_of_them_together() {
    let checkout = two_rows();
    let listed = |arguments: &[&str]| {
        let output = run(&checkout, &[&["list"], arguments].concat());
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        let table = text(&output.stdout);
        ["fake", "floor"].map(|row| table.contains(&format!(" {row} ")))
    };
    assert_eq!(listed(&[]), [true, true]);
    assert_eq!(listed(&["-f", "f*e"]), [true, false]);
    assert_eq!(listed(&["--language", "rust,go"]), [false, true]);
    assert_eq!(listed(&["--kind", "framework"]), [true, false]);
    assert_eq!(
        listed(&["-f", "f*", "--language", "python", "--kind", "framework"]),
        [true, false]
    );
    for (set, expected) in [
        ("quick", [false, true]),
        ("framework", [true, false]),
        ("python,floor", [true, true]),
        ("all", [true, true]),
    ] {
        assert_eq!(listed(&["--set", set]), expected, "{set}");
    }
    assert_eq!(listed(&["--set", "all", "-f", "floor"]), [false, true]);
    let unknown = run(&checkout, &["list", "--set", "best"]);
    assert_eq!(unknown.status.code(), Some(2));
    let none = run(&checkout, &["list", "--language", "rust", "--kind", "sdk"]);
    assert_eq!(none.status.code(), Some(2));
    assert!(text(&none.stderr).contains("no row matches all of these options"));
}

#[test]
fn a_variant_whose_jdk_is_not_here_is_passed_over_with_all_and_refused_by_name() {
    let checkout = Checkout::new("right");
    checkout.extend_manifest(
        "[[variant]]\nname = \"far\"\napi = \"chat-completions\"\nargv = [\"java\", \"Main\"]\njdk = 999\n",
    );
    let list = run(&checkout, &["list"]);
    assert!(text(&list.stdout).contains("its JDK is not here"));
    let all = run(&checkout, &["verify", "--variants", "all", "--runs", "1"]);
    assert_eq!(all.status.code(), Some(0), "{}", text(&all.stderr));
    assert!(!text(&all.stdout).contains("far"), "{}", text(&all.stdout));
    let far = run(&checkout, &["verify", "--variants", "far", "--runs", "1"]);
    assert_eq!(far.status.code(), Some(2));
    let said = text(&far.stderr);
    assert!(
        said.contains("needs a JDK 999, which is not here"),
        "{said}"
    );
}

#[test]
fn list_shows_the_installed_version_and_the_size_of_what_was_built() {
    let checkout = Checkout::new("right");
    let build = "[[build]]\nargv = [\"sh\", \"-c\", \"head -c 3145728 /dev/zero > {build}/package; \
                 ln {build}/package {build}/again; ln -s /bin/sh {build}/link\"]\n[version]";
    let manifest = checkout.root().join("frameworks/fake/framework.toml");
    let text_before = std::fs::read_to_string(&manifest).unwrap();
    std::fs::write(&manifest, text_before.replace("[version]", build)).unwrap();
    let list = || text(&run(&checkout, &["list"]).stdout);
    assert!(list().contains("no: loopmark build"), "{}", list());
    assert_eq!(run(&checkout, &["build"]).status.code(), Some(0));
    // A file that is linked twice is there once, and what links lead to is somebody else's.
    assert!(list().contains(" 3.0 "), "{}", list());
    let together = "1 row installed: 3.0 MiB together";
    assert!(list().contains(together), "{}", list());
    assert!(list().contains("Largest: fake (3.0)"), "{}", list());
}

#[test]
fn prune_removes_what_was_built_for_a_row_that_is_gone() {
    let checkout = Checkout::new("right");
    let gone = checkout.root().join("frameworks/gone");
    copy_row(&checkout, &gone, |manifest| {
        let build = "[[build]]\nargv = [\"sh\", \"-c\", \"head -c 1048576 /dev/zero > {build}/package\"]\n[version]";
        manifest.replace("[version]", build)
    });
    assert_eq!(run(&checkout, &["build"]).status.code(), Some(0));
    let builds = checkout.root().join(".loopmark/rows");
    std::fs::remove_dir_all(gone).unwrap();
    let pruned = run(&checkout, &["build", "--prune"]);
    assert_eq!(pruned.status.code(), Some(0), "{}", text(&pruned.stderr));
    let said = text(&pruned.stdout);
    assert!(said.contains("rows/gone: 1.0 MiB"), "{said}");
    assert!(said.contains("1.0 MiB are free again"), "{said}");
    assert!(!builds.join("gone").exists() && builds.join("fake").exists());
    let chosen = run(&checkout, &["build", "--prune", "-f", "fake"]);
    assert_eq!(chosen.status.code(), Some(2));
}

#[test]
fn a_private_row_is_measured_alone_or_beside_others_and_built_into_the_ignored_folder() {
    let checkout = two_rows();
    let elsewhere = tempfile::tempdir().unwrap();
    let folder = elsewhere.path().join("mine");
    copy_row(&checkout, &folder, str::to_owned);
    let manifest = folder.join("framework.toml").display().to_string();
    let output = run(&checkout, &["verify", "--runner", &manifest]);
    let table = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{table}");
    assert!(
        table.contains(" mine ") && !table.contains("\n fake "),
        "{table}"
    );
    assert!(
        checkout
            .root()
            .join(".loopmark/rows/mine/built-with.json")
            .is_file()
    );
    let output = run(&checkout, &["list", "--runner", &manifest, "-f", "fake"]);
    let table = text(&output.stdout);
    assert!(
        table.contains("\n mine ") && table.contains("\n fake "),
        "{table}"
    );
    let output = run(&checkout, &["request", "mine", "--runner", &manifest]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
}

#[test]
fn a_private_row_must_not_take_the_name_or_the_place_of_another() {
    let checkout = two_rows();
    let elsewhere = tempfile::tempdir().unwrap();
    let folder = elsewhere.path().join("fake");
    copy_row(&checkout, &folder, str::to_owned);
    let refused = |manifest: &Path| {
        let output = run(
            &checkout,
            &["list", "--runner", &manifest.display().to_string()],
        );
        assert_eq!(output.status.code(), Some(2));
        text(&output.stderr)
    };
    let said = refused(&folder.join("framework.toml"));
    assert!(said.contains("a row named `fake` already exists"), "{said}");
    let said = refused(&checkout.root().join("frameworks/fake/framework.toml"));
    assert!(said.contains("choose it with -f fake"), "{said}");
}

/// A checkout whose shared sides are the repository's.
fn with_shared_sides() -> Checkout {
    let checkout = Checkout::new("right");
    let shared = concat!(env!("CARGO_MANIFEST_DIR"), "/../frameworks/shared");
    let here = checkout.root().join("frameworks/shared");
    std::os::unix::fs::symlink(std::fs::canonicalize(shared).unwrap(), here).unwrap();
    checkout
}

#[test]
fn a_new_row_in_each_language_has_a_manifest_that_loads_and_no_place_left_open() {
    let checkout = Checkout::new("right");
    for language in ["rust", "python", "typescript", "go", "jvm"] {
        let name = format!("toy-{language}");
        let output = run(&checkout, &["new", &name, "--language", language]);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        let folder = checkout.root().join("frameworks").join(&name);
        let row = Framework::load(&folder.join("framework.toml")).unwrap();
        assert_eq!(row.name, name);
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            assert!(
                !text.contains("@name@") && !text.contains("@label@"),
                "{}",
                path.display()
            );
        }
        let again = run(&checkout, &["new", &name, "--language", language]);
        assert_eq!(again.status.code(), Some(2), "a row is not written over");
    }
}

#[test]
fn a_new_row_elsewhere_reaches_the_shared_sides_and_passes_verify_once_its_agent_is_filled_in() {
    let checkout = with_shared_sides();
    let elsewhere = tempfile::tempdir().unwrap();
    let folder = elsewhere.path().join("mine");
    let path = folder.display().to_string();
    let output = run(&checkout, &["new", &path, "--language", "python"]);
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let manifest = folder.join("framework.toml").display().to_string();
    assert!(
        said.contains(&format!("loopmark verify --runner {manifest}")),
        "{said}"
    );
    let written = std::fs::read_to_string(&manifest).unwrap();
    let schema = written.lines().next().unwrap();
    assert!(
        schema.ends_with("/frameworks/shared/../../docs/schema/framework.json"),
        "{schema}"
    );
    fill_in(&folder);
    let output = run(&checkout, &["verify", "--runner", &manifest, "--runs", "3"]);
    let said = text(&output.stdout);
    assert!(
        said.contains("yes, 3 of 3 runs"),
        "{said}{}",
        text(&output.stderr)
    );
}

#[test]
fn a_new_row_is_of_the_kind_that_is_asked_for() {
    let checkout = Checkout::new("right");
    let new = |name: &str, kind: &str| {
        let arguments = ["new", name, "--language", "python", "--kind", kind];
        run(&checkout, &arguments)
    };
    assert_eq!(new("toy", "sdk").status.code(), Some(0));
    assert_eq!(new("base", "floor").status.code(), Some(0));
    for (name, kind) in [("toy", "sdk"), ("base", "floor")] {
        let manifest = checkout.root().join("frameworks").join(name);
        let row = Framework::load(&manifest.join("framework.toml")).unwrap();
        assert_eq!(row.kind.word(), kind);
    }
    let second = new("other", "floor");
    assert_eq!(second.status.code(), Some(2));
    let said = text(&second.stderr);
    assert!(said.contains("Python already has a floor, base"), "{said}");
    assert_eq!(new("mine", "ours").status.code(), Some(2));
}

#[test]
fn a_scenario_that_there_is_none_of_lists_those_that_there_are() {
    let checkout = Checkout::new("right");
    for command in [
        &["verify", "--scenario", "nosuch"][..],
        &["run", "--scenario", "nosuch"],
        &["request", "fake", "nosuch"],
        &["mock-check", "--scenario", "nosuch"],
    ] {
        let output = run(&checkout, command);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{command:?}: {said}");
        assert!(
            said.contains("no scenario is named `nosuch`; the scenarios are seed"),
            "{command:?}: {said}"
        );
    }
}

/// The agent in Python, by hand, on the standard library.
const AGENT: &str = r#"
    import http.client
    import json
    import urllib.parse

    url = urllib.parse.urlsplit(hello.base_url)
    by_name = {tool.__name__: tool for tool in tools}
    offered = [{"type": "function", "function": tool} for tool in hello.scenario.tools]
    headers = {"Content-Type": "application/json", "Authorization": "Bearer made-up"}

    def ask(messages):
        body = {"model": hello.model, "messages": messages, "tools": offered}
        connection = http.client.HTTPConnection(url.hostname, url.port)
        connection.request("POST", f"{url.path}/chat/completions", json.dumps(body), headers)
        reply = json.load(connection.getresponse())
        connection.close()
        return reply["choices"][0]["message"]

    def new_agent():
        def run(prompt):
            messages = [
                {"role": "system", "content": hello.scenario.instructions},
                {"role": "user", "content": prompt},
            ]
            for _ in range(hello.scenario.max_turns):
                message = ask(messages)
                messages.append(message)
                if not message.get("tool_calls"):
                    return message["content"]
                for call in message["tool_calls"]:
                    function = call["function"]
                    result = by_name[function["name"]](**json.loads(function["arguments"]))
                    content = json.dumps(result)
                    messages.append({"role": "tool", "tool_call_id": call["id"], "content": content})

        return run

"#;

/// Puts the agent into a row that was begun in Python.
fn fill_in(row: &Path) {
    let runner = row.join("runner.py");
    let template = std::fs::read_to_string(&runner).unwrap();
    let (before, rest) = template.split_once("    # >>>").unwrap();
    let (_, after) = rest.split_once("    # <<<").unwrap();
    std::fs::write(&runner, format!("{before}{AGENT}{after}")).unwrap();
}

#[test]
fn a_new_row_in_python_passes_verify_once_its_agent_is_filled_in() {
    let checkout = with_shared_sides();
    let output = run(&checkout, &["new", "toy", "--language", "python"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let verify = || run(&checkout, &["verify", "-f", "toy", "--runs", "3"]);
    let output = verify();
    let said = text(&output.stdout);
    assert_eq!(
        output.status.code(),
        Some(1),
        "{said}{}",
        text(&output.stderr)
    );
    assert!(said.contains("the agent is not written yet"), "{said}");
    let open = "note: complete the parts marked FILL IN in README.md, framework.toml, requirements.in, runner.py";
    let words: Vec<&str> = said.split_whitespace().collect();
    assert!(words.join(" ").contains(open), "{said}");

    let row = checkout.root().join("frameworks/toy");
    fill_in(&row);
    let output = verify();
    let said = text(&output.stdout);
    assert!(
        said.contains("yes, 3 of 3 runs"),
        "{said}{}",
        text(&output.stderr)
    );
    assert_eq!(output.status.code(), Some(0));
    assert!(said.contains("marked FILL IN"), "{said}");
    for file in [
        "README.md",
        "framework.toml",
        "requirements.in",
        "runner.py",
    ] {
        let text = std::fs::read_to_string(row.join(file)).unwrap();
        std::fs::write(row.join(file), text.replace("FILL IN", "Filled in")).unwrap();
    }
    let said = text(&verify().stdout);
    assert!(
        said.contains("yes, 3 of 3 runs") && !said.contains("FILL IN"),
        "{said}"
    );
}

#[test]
fn a_declared_deviation_that_did_not_occur_is_warned_of() {
    let warning =
        "declares leaves-out = [\"argument-descriptions\"], which did not occur in 3 runs of seed";
    for (fake, is_needed) in [("right", false), ("own-words", true)] {
        let checkout = Checkout::new(fake);
        let manifest = checkout.root().join("frameworks/fake/framework.toml");
        let plain = std::fs::read_to_string(&manifest).unwrap();
        let declared = "leaves-out = [\"argument-descriptions\"]\n\
                        adds-to = [\"argument-descriptions\"]\n[features]";
        std::fs::write(&manifest, plain.replace("[features]", declared)).unwrap();
        let output = run(&checkout, &["verify", "--runs", "3"]);
        let said = text(&output.stderr);
        assert!(said.contains("yes, 3 of 3 runs"), "{fake}: {said}");
        assert_eq!(said.contains(warning), !is_needed, "{fake}: {said}");
        assert_eq!(output.status.code(), Some(0), "a warning is no failure");
    }
}

#[test]
fn a_manifest_with_another_language_or_package_than_its_runners_is_told_so() {
    let checkout = Checkout::new("right");
    let manifest = checkout.root().join("frameworks/fake/framework.toml");
    let honest = std::fs::read_to_string(&manifest).unwrap();
    let python = "language = \"python\"";
    let cases = [
        (format!("{python}\npackage = \"Fake\""), None),
        (
            "language = \"go\"".to_owned(),
            Some(
                "framework.toml names the language Go, but the runner runs on CPython, which is Python",
            ),
        ),
        (
            format!("{python}\npackage = \"fakes\""),
            Some("framework.toml names the package fakes, but the runner measures fake"),
        ),
    ];
    for (said, denied) in cases {
        std::fs::write(&manifest, honest.replace(python, &said)).unwrap();
        let output = run(&checkout, &["verify"]);
        let (table, above) = (text(&output.stdout), text(&output.stderr));
        assert!(table.contains("yes, 1 of 1 runs"), "{table}{above}");
        assert!(!table.contains("FILL IN"), "{table}");
        assert_eq!(output.status.code(), Some(i32::from(denied.is_some())));
        let denied = denied.map_or(String::new(), |denied| format!("no: {denied}"));
        assert!(
            table.contains(&denied) && above.contains(&denied),
            "{table}{above}"
        );
    }
}
