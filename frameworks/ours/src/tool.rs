//! Tools: what the model may call, with arguments typed in Rust.

use std::fmt::Display;
use std::marker::PhantomData;

use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Something that the model may ask to have done.
///
/// The JSON schema that the model sees is that of [`Tool::Arguments`]; the documentation comments
/// of its fields are the descriptions in it. For a tool without state, [`function_tool`] is
/// shorter.
///
/// ```
/// use loopmark_agent::Tool;
/// use loopmark_agent::schemars::{self, JsonSchema};
/// use serde::Deserialize;
///
/// struct Stock {
///     apples: u32,
/// }
///
/// #[derive(Deserialize, JsonSchema)]
/// struct Take {
///     /// How many apples to take.
///     count: u32,
/// }
///
/// impl Tool for Stock {
///     type Arguments = Take;
///     type Output = u32;
///     type Error = String;
///
///     fn name(&self) -> &str {
///         "take_apples"
///     }
///
///     fn description(&self) -> &str {
///         "Takes apples from the stock and says how many are left."
///     }
///
///     async fn call(&self, Take { count }: Take) -> Result<u32, String> {
///         self.apples.checked_sub(count).ok_or(format!("there are only {}", self.apples))
///     }
/// }
/// ```
pub trait Tool: Send + Sync + 'static {
    /// What the model passes: a struct with named fields.
    type Arguments: DeserializeOwned + JsonSchema + Send;
    /// What the model gets: a string as it is, anything else as JSON.
    type Output: Serialize;
    /// Why the tool failed. The model is told, and may try something else.
    type Error: Display;

    /// The name by which the model calls it: 1 to 64 letters, digits, underscores and dashes.
    fn name(&self) -> &str;

    /// What the tool does and when to use it, for the model.
    fn description(&self) -> &str;

    /// Does it. The future is dropped when the run is. It must not block its thread: what
    /// does is a [`blocking_tool`](crate::blocking_tool).
    fn call(
        &self,
        arguments: Self::Arguments,
    ) -> impl Future<Output = Result<Self::Output, Self::Error>> + Send;
}

/// A tool made of a function.
///
/// ```
/// use loopmark_agent::function_tool;
/// use loopmark_agent::schemars::{self, JsonSchema};
/// use serde::Deserialize;
///
/// #[derive(Deserialize, JsonSchema)]
/// struct Sum {
///     /// The numbers to add up.
///     numbers: Vec<f64>,
/// }
///
/// let sum = function_tool("sum", "Adds numbers up.", |Sum { numbers }| async move {
///     Ok::<f64, String>(numbers.iter().sum())
/// });
/// ```
pub fn function_tool<A, F, Fut, T, E>(
    name: impl Into<String>,
    description: impl Into<String>,
    function: F,
) -> FunctionTool<A, F>
where
    F: Fn(A) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<T, E>> + Send,
    A: DeserializeOwned + JsonSchema + Send + 'static,
    T: Serialize,
    E: Display,
{
    let (name, description) = (name.into(), description.into());
    FunctionTool {
        name,
        description,
        function,
        arguments: PhantomData,
    }
}

/// A tool made of a function, by [`function_tool`].
pub struct FunctionTool<A, F> {
    name: String,
    description: String,
    function: F,
    arguments: PhantomData<fn(A)>,
}

impl<A, F> std::fmt::Debug for FunctionTool<A, F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FunctionTool")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl<A, F, Fut, T, E> Tool for FunctionTool<A, F>
where
    F: Fn(A) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<T, E>> + Send,
    A: DeserializeOwned + JsonSchema + Send + 'static,
    T: Serialize,
    E: Display,
{
    type Arguments = A;
    type Output = T;
    type Error = E;

    fn name(&self) -> &str {
        &self.name
    }

    fn description(&self) -> &str {
        &self.description
    }

    fn call(&self, arguments: A) -> impl Future<Output = Result<T, E>> + Send {
        (self.function)(arguments)
    }
}

/// What the model asks of a tool.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ToolCall {
    /// The model's id of this call, which the result carries too.
    pub id: String,
    /// The tool's name, as the model wrote it.
    pub name: String,
    /// The arguments, as the model wrote them: JSON, if it did well.
    pub arguments: String,
}

/// What the model is told of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToolResult {
    /// The id of the call.
    pub id: String,
    /// The text that the model gets; for an error, `{"error": …}`.
    pub output: String,
    /// Whether the call failed: an unknown tool, arguments that do not fit, an error of the tool.
    pub is_error: bool,
}
