use super::*;

const MANIFEST: &str = r#"name = "toy"
label = "toy (Rust)"
language = "rust"
kind = "framework"
upstream = "https://example.org/toy"
idiom = "https://example.org/toy/docs"
[[build]]
argv = ["make", "{build}"]
[[build]]
venv = "requirements.txt"
[version]
argv = ["toy", "--version"]
[run]
argv = ["{dir}/toy"]
[[variant]]
name = "default"
api = "responses"
[features]
streaming = true
parallel-tools = false
"#;

fn load_text(text: &str) -> Result<Framework, String> {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("toy");
    std::fs::create_dir(&dir).unwrap();
    std::fs::write(dir.join("framework.toml"), text).unwrap();
    Framework::load(&dir.join("framework.toml")).map_err(|error| {
        error
            .to_string()
            .rsplit_once("framework.toml:")
            .unwrap_or_default()
            .1
            .to_owned()
    })
}

#[test]
fn a_manifest_is_read_and_its_places_are_filled() {
    let toy = load_text(MANIFEST).unwrap();
    assert_eq!(toy.variants[0].api, Api::Responses);
    assert!(toy.sets.is_empty());
    let chosen = MANIFEST.replacen("[[build]]", "sets = [\"quick\"]\n[[build]]", 1);
    assert_eq!(load_text(&chosen).unwrap().sets, [Set::Quick]);
    assert!(
        matches!(&toy.build[1], BuildStep::Venv { venv } if venv == Path::new("requirements.txt"))
    );
    let layout = Layout::find(Path::new(".")).unwrap();
    assert_eq!(
        toy.expand("{dir}/x", &layout),
        format!("{}/x", toy.dir.display())
    );
    assert!(
        toy.expand("{build}", &layout)
            .ends_with(".loopmark/rows/toy")
    );
}

#[test]
fn a_variant_may_have_a_runner_of_its_own() {
    let other =
        "\n[[variant]]\nname = \"chat\"\napi = \"chat-completions\"\nargv = [\"{dir}/chat\"]\n";
    let toy = load_text(&format!("{MANIFEST}{other}")).unwrap();
    assert_eq!(toy.runner(&toy.variants[0]), ["{dir}/toy"]);
    assert_eq!(toy.runner(&toy.variants[1]), ["{dir}/chat"]);
    let none = other.replace("[\"{dir}/chat\"]", "[]");
    let error = load_text(&format!("{MANIFEST}{none}")).unwrap_err();
    assert!(error.contains("argv must name a program"), "{error}");
}

#[test]
fn a_variant_may_name_the_jdk_that_runs_it() {
    let java = MANIFEST.replace("[\"{dir}/toy\"]", "[\"java\", \"Main\"]");
    let old = "\n[[variant]]\nname = \"jdk-17\"\napi = \"responses\"\njdk = 17\n";
    let toy = load_text(&format!("{java}{old}")).unwrap();
    assert_eq!([toy.variants[0].jdk, toy.variants[1].jdk], [None, Some(17)]);
    let by_default = java.replace("api = \"responses\"", "api = \"responses\"\njdk = 17");
    for wrong in [format!("{MANIFEST}{old}"), by_default] {
        let error = load_text(&wrong).unwrap_err();
        assert!(error.contains("whose program is java"), "{error}");
    }
}

#[test]
fn wrong_manifests_are_refused_with_line_and_remedy() {
    let cases = [
        (
            "name = \"toy\"",
            "name = \"tory\"",
            "1: name must be the folder's name, \"toy\"",
        ),
        (
            "language = \"rust\"",
            "language = \"cobol\"",
            "3: unknown variant `cobol`",
        ),
        (
            "argv = [\"{dir}/toy\"]",
            "argv = []",
            "13: argv must name a program",
        ),
        (
            "name = \"default\"",
            "name = \"tuned\"",
            "the first [[variant]] must be named",
        ),
        ("streaming", "steaming", "unknown field `steaming`"),
        (
            "kind = \"framework\"",
            "kind = \"framework\"\ncolour = \"blue\"",
            "5: `blue` is not a colour; write `#` and six hexadecimal digits, such as #1f66b5",
        ),
    ];
    for (from, to, message) in cases {
        let error = load_text(&MANIFEST.replacen(from, to, 1)).unwrap_err();
        assert!(error.contains(message), "{to}: {error}");
    }
}
