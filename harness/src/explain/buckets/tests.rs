use std::path::Path;

use super::*;

fn buckets(rules: &Rules, stacks: &[&str]) -> Vec<Bucket> {
    let split = stacks
        .iter()
        .map(|stack| stack.split(';').map(str::to_owned).collect::<Vec<String>>());
    split.map(|frames| rules.bucket(&frames).0).collect()
}

#[test]
fn the_deepest_frame_that_a_rule_names_decides() {
    let rules = Rules::with_own(Language::Rust, &["rig::"]);
    let found = buckets(
        &rules,
        &[
            "main;tokio::runtime::run;rig::agent::run;malloc",
            "main;tokio::runtime::run;rig::agent::run;serde_json::de::from_str;malloc",
            "rig::agent::run;hyper::client::send;tcp_sendmsg",
            "rig::agent::run;<&mut hyper::Io as std::io::Write>::write",
            "serde_json::value::to_value;core::ptr::drop_in_place<rig::completion::Message>",
            "rig::agent::run;loopmark_runner::papers::word_count",
            "loopmark_runner::run::start;free",
            "memmove",
        ],
    );
    assert_eq!(
        found,
        [
            Bucket::Framework,
            Bucket::Json,
            Bucket::HttpClient,
            Bucket::HttpClient,
            Bucket::Framework,
            Bucket::Tool,
            Bucket::Other,
            Bucket::Other
        ]
    );
    assert_eq!(
        buckets(&rules, &["rig::agent::run;tokio::task::yield_now"]),
        [Bucket::EventLoop]
    );
}

#[test]
fn loading_code_is_import_whatever_the_code_does() {
    let rules = Rules::with_own(Language::Python, &["agents/"]);
    let frames: Vec<String> = [
        "frameworks/x/runner.py:<module>",
        "<frozen importlib._bootstrap>:_call_with_frames_removed",
        "pydantic/main.py:<module>",
        "json/decoder.py:decode",
    ]
    .map(str::to_owned)
    .into();
    assert_eq!(
        rules.bucket(&frames),
        (Bucket::Import, "pydantic/main.py:<module>")
    );
    assert_eq!(
        rules.bucket(&frames[3..]),
        (Bucket::Json, "json/decoder.py:decode")
    );
    assert_eq!(rules.bucket(&[]), (Bucket::Other, ""));
}

#[test]
fn the_longest_beginning_wins_and_the_framework_s_own_wins_a_tie() {
    let python = Rules::with_own(Language::Python, &["langchain/", "langchain_"]);
    let found = buckets(
        &python,
        &[
            "langchain_core/runnables/base.py:f",
            "langchain_core/tracers/core.py:f",
        ],
    );
    assert_eq!(found, [Bucket::Framework, Bucket::Tracing]);
    let sdk = Rules::with_own(Language::Python, &["openai/"]);
    assert_eq!(buckets(&sdk, &["openai/_client.py:f"]), [Bucket::Framework]);
    assert_eq!(
        buckets(&python, &["openai/_client.py:f"]),
        [Bucket::HttpClient]
    );
}

#[test]
fn what_was_rare_stays_in_its_bucket() {
    let rules = Rules::with_own(Language::Go, &[]);
    for bucket in Bucket::ALL {
        let frames = ["main.main".to_owned(), bucket.rare()];
        assert_eq!(rules.bucket(&frames).0, bucket);
    }
}

/// Samples that real samplers took of real rows, one line each as it is expected.
#[test]
fn real_stacks_fall_where_a_reader_would_put_them() {
    let rows = Path::new(env!("CARGO_MANIFEST_DIR")).join("../frameworks");
    let rules = |row: &str| {
        let row = Framework::load(&rows.join(row).join("framework.toml")).unwrap();
        Rules::of(row.language, Some(&row)).unwrap()
    };
    let ai = rules("ai");
    let found = buckets(
        &ai,
        &[
            "ai/dist/index.js:generateText",
            "@ai-sdk/openai/dist/index.js:doGenerate",
            "ai/dist/index.js:generateText;zod/v4/core/schemas.js:parse",
            "node:internal/modules/esm/module_job:run;zod/v4/core/schemas.js:(anonymous)",
            "ai/dist/index.js:generateText;node:internal/deps/undici/undici:fetch",
            "(garbage collector)",
        ],
    );
    assert_eq!(
        found,
        [
            Bucket::Framework,
            Bucket::Framework,
            Bucket::Json,
            Bucket::Import,
            Bucket::HttpClient,
            Bucket::GcAndJit
        ]
    );
    let eino = rules("eino");
    let found = buckets(
        &eino,
        &[
            "github.com/cloudwego/eino-ext/libs/acl/openai.(*Client).Generate;runtime.mallocgc",
            "runtime.gcBgMarkWorker;runtime.scanobject",
            "github.com/cloudwego/eino/adk.Run;runtime.mallocgc;runtime.gcAssistAlloc;runtime.gcDrainN",
        ],
    );
    assert_eq!(
        found,
        [Bucket::Framework, Bucket::GcAndJit, Bucket::GcAndJit]
    );
}

#[test]
fn every_row_but_a_floor_has_code_of_its_own_and_every_name_in_the_file_is_a_row() {
    let rows = Path::new(env!("CARGO_MANIFEST_DIR")).join("../frameworks");
    let wire: Wire = toml::from_str(FILE).unwrap();
    for name in wire.own.keys() {
        assert!(rows.join(name).join("framework.toml").is_file(), "{name}");
    }
    for entry in std::fs::read_dir(rows).unwrap() {
        let manifest = entry.unwrap().path().join("framework.toml");
        if manifest.is_file() {
            let row = Framework::load(&manifest).unwrap();
            let rules = Rules::of(row.language, Some(&row)).unwrap();
            let own = rules
                .prefixes
                .iter()
                .any(|(_, bucket)| *bucket == Bucket::Framework);
            assert_eq!(own, row.kind != Kind::Floor, "{}", row.name);
        }
    }
}
