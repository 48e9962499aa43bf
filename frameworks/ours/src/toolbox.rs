//! The tools of one agent: their schemas, and the way from the model's text to a typed call.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use futures_util::stream::{self, Stream, StreamExt};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;
use tracing::{Instrument, Span};

use crate::error::BuildError;
use crate::spans;
use crate::tool::{Tool, ToolCall, ToolResult};
use crate::wire::ToolDefinition;

/// The tools of an agent.
#[derive(Default)]
pub(crate) struct Toolbox {
    entries: Vec<Entry>,
}

struct Entry {
    name: String,
    description: String,
    /// Written once; every request copies it.
    parameters: Box<RawValue>,
    tool: Box<dyn AnyTool>,
}

/// A tool whose types are hidden, so that tools of many types fit in one list.
trait AnyTool: Send + Sync {
    fn call<'a>(&'a self, arguments: &'a str) -> BoxFuture<'a, Result<String, String>>;
}

impl<T: Tool> AnyTool for T {
    fn call<'a>(&'a self, arguments: &'a str) -> BoxFuture<'a, Result<String, String>> {
        // Models write nothing at all for a tool without arguments.
        let arguments = if arguments.trim().is_empty() {
            "{}"
        } else {
            arguments
        };
        let arguments = serde_json::from_str(arguments)
            .map_err(|error| format!("the arguments do not fit the tool's schema: {error}"));
        async move {
            let output = Tool::call(self, arguments?)
                .await
                .map_err(|error| error.to_string())?;
            text(&output).map_err(|error| format!("the result cannot be written as JSON: {error}"))
        }
        .boxed()
    }
}

/// A string as it is, anything else as JSON.
fn text(output: &impl Serialize) -> serde_json::Result<String> {
    let json = serde_json::to_string(output)?;
    if json.starts_with('"') {
        serde_json::from_str(&json)
    } else {
        Ok(json)
    }
}

impl Toolbox {
    pub(crate) fn add<T: Tool>(&mut self, tool: T) -> Result<(), BuildError> {
        let name = tool.name().to_owned();
        let is_allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        if name.is_empty() || name.len() > 64 || !name.chars().all(is_allowed) {
            return Err(BuildError::ToolName { name });
        }
        if self.entries.iter().any(|entry| entry.name == name) {
            return Err(BuildError::DuplicateTool { name });
        }
        let schema = schema::<T::Arguments>();
        if schema.get("type").and_then(Value::as_str) != Some("object") {
            return Err(BuildError::ToolArguments { name });
        }
        let parameters =
            serde_json::value::to_raw_value(&schema).map_err(|source| BuildError::Json {
                what: format!("the schema of the tool {name:?}"),
                source,
            })?;
        let description = tool.description().to_owned();
        self.entries.push(Entry {
            name,
            description,
            parameters,
            tool: Box::new(tool),
        });
        Ok(())
    }

    pub(crate) fn definitions(&self) -> Vec<ToolDefinition<'_>> {
        let define = |entry| {
            let Entry {
                name,
                description,
                parameters,
                ..
            }: &Entry = entry;
            ToolDefinition {
                name,
                description,
                parameters,
            }
        };
        self.entries.iter().map(define).collect()
    }

    /// Does the calls, at most `limit` of them at once; the results come in the calls' order.
    pub(crate) fn call_all<'a>(
        &'a self,
        calls: &'a [ToolCall],
        limit: usize,
        run: &'a Span,
    ) -> impl Stream<Item = ToolResult> + Send + 'a {
        stream::iter(calls)
            .map(move |call| {
                let span = spans::tool_call(run, &call.name, &call.id);
                self.call(call).instrument(span)
            })
            .buffered(limit)
    }

    pub(crate) async fn call(&self, call: &ToolCall) -> ToolResult {
        let result = match self.entries.iter().find(|entry| entry.name == call.name) {
            Some(entry) => entry.tool.call(&call.arguments).await,
            None => {
                let names: Vec<&str> = self.entries.iter().map(|entry| &*entry.name).collect();
                Err(format!(
                    "no tool is named {:?}; there are: {}",
                    call.name,
                    names.join(", ")
                ))
            }
        };
        let is_error = result.is_err();
        let output =
            result.unwrap_or_else(|error| serde_json::json!({ "error": error }).to_string());
        ToolResult {
            id: call.id.clone(),
            output,
            is_error,
        }
    }
}

impl std::fmt::Debug for Toolbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list()
            .entries(self.entries.iter().map(|entry| &entry.name))
            .finish()
    }
}

/// The schema as these APIs like it: in one piece, without the Rust type's name.
pub(crate) fn schema<A: JsonSchema>() -> Schema {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    });
    let mut schema = settings.into_generator().into_root_schema_for::<A>();
    schema.remove("title");
    // The properties are missing from the schema of a struct without fields, and some servers
    // refuse that.
    if schema.get("type").and_then(Value::as_str) == Some("object") {
        schema
            .ensure_object()
            .entry("properties")
            .or_insert_with(|| serde_json::json!({}));
    }
    schema
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;
    use crate::tool::function_tool;

    #[derive(Deserialize, JsonSchema)]
    struct Search {
        /// What to look for.
        query: String,
        limit: Option<u32>,
    }

    #[derive(Deserialize, JsonSchema)]
    struct Nothing {}

    fn toolbox() -> Toolbox {
        let mut toolbox = Toolbox::default();
        let search = |search: Search| async move {
            match search.limit {
                Some(0) => Err("a limit of 0 finds nothing".to_owned()),
                limit => Ok((search.query, limit)),
            }
        };
        toolbox
            .add(function_tool("search", "Searches.", search))
            .unwrap();
        let hello = |Nothing {}| async { Ok::<_, String>("hello \"you\"") };
        toolbox
            .add(function_tool("hello", "Greets.", hello))
            .unwrap();
        toolbox
    }

    async fn call(name: &str, arguments: &str) -> (String, bool) {
        let call = ToolCall {
            id: "7".into(),
            name: name.into(),
            arguments: arguments.into(),
        };
        let result = toolbox().call(&call).await;
        assert_eq!(result.id, "7");
        (result.output, result.is_error)
    }

    #[test]
    fn the_schema_is_that_of_the_arguments_type() {
        let toolbox = toolbox();
        let [search, hello] = &toolbox.definitions()[..] else {
            panic!("not two")
        };
        let schema: Value = serde_json::from_str(search.parameters.get()).unwrap();
        assert_eq!(schema["required"], json!(["query"]));
        assert_eq!(schema["properties"]["query"]["type"], "string");
        assert_eq!(
            schema["properties"]["query"]["description"],
            "What to look for."
        );
        assert_eq!(
            hello.parameters.get(),
            r#"{"type":"object","properties":{}}"#
        );
    }

    #[tokio::test]
    async fn results_are_json_and_strings_are_themselves() {
        let found = call("search", r#"{"query":"rust","limit":2}"#).await;
        assert_eq!(found, (r#"["rust",2]"#.into(), false));
        assert_eq!(call("hello", "").await, ("hello \"you\"".into(), false));
    }

    #[tokio::test]
    async fn every_failure_is_told_to_the_model() {
        let (output, is_error) = call("serach", "{}").await;
        let expected = r#"{"error":"no tool is named \"serach\"; there are: search, hello"}"#;
        assert_eq!((output.as_str(), is_error), (expected, true));
        let (output, is_error) = call("search", r#"{"query":"#).await;
        assert!(
            is_error && output.contains("the arguments do not fit"),
            "{output}"
        );
        let (output, is_error) = call("search", r#"{"limit":1}"#).await;
        assert!(
            is_error && output.contains("missing field `query`"),
            "{output}"
        );
        let (output, is_error) = call("search", r#"{"query":"x","limit":0}"#).await;
        assert!(is_error && output.contains("finds nothing"), "{output}");
    }

    #[test]
    fn a_tool_that_the_api_would_refuse_is_not_added() {
        let add = |name: &str| {
            toolbox().add(function_tool(name, "", |_: Nothing| async {
                Ok::<_, String>(1)
            }))
        };
        for name in ["", "two words", "é", "a.b", &"a".repeat(65)] {
            assert!(
                matches!(add(name), Err(BuildError::ToolName { .. })),
                "{name}"
            );
        }
        assert!(matches!(
            add("hello"),
            Err(BuildError::DuplicateTool { .. })
        ));
        let list = function_tool("list", "", |_: Vec<u8>| async { Ok::<_, String>(1) });
        assert!(matches!(
            toolbox().add(list),
            Err(BuildError::ToolArguments { .. })
        ));
    }
}
