//! Reads each file named by the types of Kubernetes' own API, and writes it again: a key that does not come back is one
//! that the API does not know, which its servers would pass over in silence.

use anyhow::{Context, bail};
use k8s_openapi::api::batch::v1::Job;
use serde_json::Value;

fn main() -> anyhow::Result<()> {
    let paths: Vec<String> = std::env::args().skip(1).collect();
    if paths.is_empty() {
        bail!("name the manifests to check");
    }
    for path in paths {
        let text = std::fs::read_to_string(&path).with_context(|| path.clone())?;
        let lost = lost(&text).with_context(|| path.clone())?;
        if !lost.is_empty() {
            bail!("{path}: the API knows nothing of {}", lost.join(", "));
        }
        println!("{path}: every key is the API's");
    }
    Ok(())
}

/// The places in a manifest that do not come back from the API's types.
fn lost(text: &str) -> anyhow::Result<Vec<String>> {
    let written: Value = serde_yaml_ng::from_str(text)?;
    let read = match written.get("kind").and_then(Value::as_str) {
        Some("Job") => serde_json::to_value(serde_json::from_value::<Job>(written.clone())?)?,
        kind => bail!("no type is known here for the kind {kind:?}"),
    };
    let mut lost = Vec::new();
    note_lost(&written, &read, String::new(), &mut lost);
    Ok(lost)
}

/// Notes each value of `written` that `read` has not, or has as another one.
fn note_lost(written: &Value, read: &Value, place: String, lost: &mut Vec<String>) {
    match (written, read) {
        (Value::Object(written), Value::Object(read)) => {
            for (key, value) in written {
                let place = format!("{place}.{key}");
                match read.get(key) {
                    Some(read) => note_lost(value, read, place, lost),
                    None => lost.push(place),
                }
            }
        }
        (Value::Array(written), Value::Array(read)) if written.len() == read.len() => {
            for (index, (written, read)) in written.iter().zip(read).enumerate() {
                note_lost(written, read, format!("{place}[{index}]"), lost);
            }
        }
        _ if written == read => {}
        _ => lost.push(place),
    }
}

#[cfg(test)]
mod tests {
    use super::lost;

    const JOB: &str = "
apiVersion: batch/v1
kind: Job
spec:
  completions: 4
  template:
    spec:
      containers:
        - name: one
          image: one
";

    #[test]
    fn a_key_that_the_api_does_not_know_is_told_at_every_depth() {
        assert_eq!(lost(JOB).unwrap(), [""; 0]);
        let wrong = JOB.replace("completions", "completion");
        assert_eq!(lost(&wrong).unwrap(), [".spec.completion"]);
        let wrong = JOB.replace("image:", "picture:");
        let place = ".spec.template.spec.containers[0].picture";
        assert_eq!(lost(&wrong).unwrap(), [place]);
    }

    #[test]
    fn a_value_of_another_type_and_an_unknown_kind_are_told() {
        assert!(lost(&JOB.replace(": 4", ": many")).is_err());
        assert!(lost(&JOB.replace("kind: Job", "kind: Jobs")).is_err());
    }
}
