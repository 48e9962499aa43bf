//! Answers of a structure: the schema that the model is told, and whether what it says fits.

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::toolbox::schema;
use crate::wire::Api;

/// The structure that an agent's answers must have.
#[derive(Debug)]
pub(crate) struct Structure {
    name: String,
    schema: Value,
    fits: fn(&str) -> serde_json::Result<()>,
}

impl Structure {
    pub(crate) fn of<T: DeserializeOwned + JsonSchema>() -> Self {
        Structure {
            name: T::schema_name().into_owned(),
            schema: schema::<T>().to_value(),
            fits: |text| serde_json::from_str::<T>(text).map(drop),
        }
    }

    /// The field of a request that asks for it.
    pub(crate) fn parameter(&self, api: Api) -> (&'static str, Value) {
        let Structure { name, schema, .. } = self;
        match api {
            Api::ChatCompletions => {
                let of = json!({"name": name, "schema": schema});
                (
                    "response_format",
                    json!({"type": "json_schema", "json_schema": of}),
                )
            }
            Api::Responses => {
                let format = json!({"type": "json_schema", "name": name, "schema": schema});
                ("text", json!({"format": format}))
            }
        }
    }

    /// Why a text is not of the structure.
    pub(crate) fn check(&self, text: &str) -> serde_json::Result<()> {
        (self.fits)(text)
    }
}
