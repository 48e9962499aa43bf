//! Answers of a structure.

use async_openai::types::chat::ResponseFormatJsonSchema;
use loopmark_runner::{Error, Hello};
use serde::{Deserialize, Serialize};

/// What a hello asks for as the answer, where it asks for a structure.
#[derive(Serialize, Deserialize)]
struct Summary {
    title: String,
    topics: Vec<String>,
    words: u64,
}

/// What a text is worth as an answer.
pub enum Said {
    Answer(String),
    /// What the model is told instead.
    Problem(String),
}

/// Reads an answer, which is any text unless the hello asks for a structure.
pub fn read(text: String, is_structured: bool) -> Result<Said, Error> {
    if !is_structured {
        return Ok(Said::Answer(text));
    }
    Ok(match serde_json::from_str::<Summary>(&text) {
        Ok(summary) => Said::Answer(serde_json::to_string(&summary)?),
        Err(error) => Said::Problem(format!("The answer does not fit the schema: {error}")),
    })
}

/// The format that a request asks for.
pub fn format(hello: &Hello) -> Option<ResponseFormatJsonSchema> {
    let output = hello.output.as_ref()?;
    Some(ResponseFormatJsonSchema {
        name: output.name.clone(),
        schema: output.schema.clone(),
        strict: Some(true),
        description: None,
    })
}
