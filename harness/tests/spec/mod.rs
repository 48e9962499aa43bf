//! OpenAI's published specification, as the README beside this file says, and what it finds wrong with a value.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;

use jsonschema::Validator;
use serde_json::{Value, json};

/// Keys that the API gives and its description does not have.
const UNDESCRIBED: [&str; 3] = [
    // Both APIs tell how much of the prompt was written to the cache since the models that bill it; the description of
    // May 2026 knows only what was read from it.
    "/usage/prompt_tokens_details/cache_write_tokens",
    "/usage/input_tokens_details/cache_write_tokens",
    // The API repeats this wish like all others; the description has it in the request alone.
    "/store",
];

/// The reduced specification.
pub struct Specification {
    schemas: Value,
    validators: RefCell<BTreeMap<String, Rc<Validator>>>,
}

impl Specification {
    pub fn read() -> Specification {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/spec/openai.json");
        let text = std::fs::read_to_string(path).unwrap();
        Specification {
            schemas: serde_json::from_str(&text).unwrap(),
            validators: RefCell::default(),
        }
    }

    fn validator(&self, name: &str) -> Rc<Validator> {
        let mut validators = self.validators.borrow_mut();
        let validator = validators.entry(name.to_owned()).or_insert_with(|| {
            let mut schema = self.schemas.clone();
            assert!(schema["$defs"].get(name).is_some(), "no schema {name}");
            schema["$ref"] = json!(format!("#/$defs/{name}"));
            Rc::new(jsonschema::draft202012::new(&schema).unwrap())
        });
        Rc::clone(validator)
    }

    /// What is wrong with a value: where the schema forbids it, and keys that the schema does not have.
    pub fn complaints(&self, name: &str, value: &Value) -> Vec<String> {
        let validator = self.validator(name);
        let mut complaints: Vec<String> = validator
            .iter_errors(value)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        let root = json!({"$ref": format!("#/$defs/{name}")});
        self.undescribed(&[&root], value, "", &mut complaints);
        complaints
    }

    pub fn assert_valid(&self, name: &str, value: &Value) {
        let complaints = self.complaints(name, value);
        assert!(complaints.is_empty(), "{name}: {complaints:#?}\n{value:#}");
    }

    /// Adds the keys of a value that none of its schemas describes.
    fn undescribed(&self, schemas: &[&Value], value: &Value, path: &str, found: &mut Vec<String>) {
        let mut alternatives = Vec::new();
        for schema in schemas {
            self.alternatives(schema, value, &mut alternatives);
        }
        match value {
            Value::Object(fields) => {
                let is_open = |schema: &&Value| {
                    let rest = schema.get("additionalProperties");
                    let is_closed = rest == Some(&json!(false));
                    (schema.get("properties").is_none() || rest.is_some()) && !is_closed
                };
                if alternatives.iter().any(is_open) {
                    return;
                }
                for (key, field) in fields {
                    let path = format!("{path}/{key}");
                    let described: Vec<&Value> = alternatives
                        .iter()
                        .filter_map(|schema| schema["properties"].get(key))
                        .collect();
                    if !described.is_empty() {
                        self.undescribed(&described, field, &path, found);
                    } else if !UNDESCRIBED.iter().any(|known| path.ends_with(known)) {
                        found.push(format!("{path} is not described"));
                    }
                }
            }
            Value::Array(elements) => {
                let items = alternatives.iter().filter_map(|schema| schema.get("items"));
                let items: Vec<&Value> = items.collect();
                for (index, element) in elements.iter().enumerate() {
                    self.undescribed(&items, element, &format!("{path}/{index}"), found);
                }
            }
            _ => {}
        }
    }

    /// The schemas of a value's own kind that one comes down to, its references and combinations followed.
    fn alternatives<'a>(&'a self, schema: &'a Value, value: &Value, found: &mut Vec<&'a Value>) {
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            let name = reference.strip_prefix("#/$defs/").unwrap();
            return self.alternatives(&self.schemas["$defs"][name], value, found);
        }
        let combined = ["allOf", "anyOf", "oneOf"]
            .into_iter()
            .filter_map(|key| schema.get(key)?.as_array())
            .flatten();
        let mut is_combined = false;
        for part in combined {
            is_combined = true;
            self.alternatives(part, value, found);
        }
        let kinds = schema.pointer("/properties/type/enum");
        let is_other = kinds
            .and_then(Value::as_array)
            .is_some_and(|kinds| value.get("type").is_some_and(|kind| !kinds.contains(kind)));
        let kind = match value {
            Value::Object(_) => "object",
            Value::Array(_) => "array",
            _ => return,
        };
        let fits = match schema.get("type") {
            Some(wanted) => wanted == kind,
            None => !is_combined || schema.get("properties").is_some(),
        };
        if fits && !is_other {
            found.push(schema);
        }
    }

    /// The schema of the stream event with this `type`.
    pub fn event_schema(&self, kind: &Value) -> String {
        let events = self.schemas["$defs"]["ResponseStreamEvent"]["anyOf"]
            .as_array()
            .unwrap();
        let names = events
            .iter()
            .map(|event| event["$ref"].as_str().unwrap().rsplit_once('/').unwrap().1);
        let mut of_kind = names.filter(|name| {
            let kinds = &self.schemas["$defs"][name]["properties"]["type"]["enum"];
            kinds.as_array().unwrap().contains(kind)
        });
        let name = of_kind.next().unwrap_or_else(|| panic!("no event {kind}"));
        assert_eq!(of_kind.next(), None, "two events {kind}");
        name.to_owned()
    }
}
