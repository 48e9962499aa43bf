//! Tools that block their thread.

use std::fmt::Display;
use std::marker::PhantomData;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::task::spawn_blocking;

use crate::tool::Tool;

/// A tool made of a function that blocks its thread or computes for long: it is called on a thread of tokio's pool for
/// blocking work, so that other runs go on.
///
/// A panic of the function is told to the model as an error. A run that is dropped does not wait for the function, which
/// goes on to its end, as no thread can be stopped.
///
/// ```
/// use loopmark_agent::blocking_tool;
/// use loopmark_agent::schemars::{self, JsonSchema};
/// use serde::Deserialize;
///
/// #[derive(Deserialize, JsonSchema)]
/// struct File {
///     /// The file's path.
///     path: String,
/// }
///
/// let read = blocking_tool("read_file", "Reads a file.", |File { path }| {
///     std::fs::read_to_string(path)
/// });
/// ```
pub fn blocking_tool<A, F, T, E>(
    name: impl Into<String>,
    description: impl Into<String>,
    function: F,
) -> BlockingTool<A, F>
where
    F: Fn(A) -> Result<T, E> + Send + Sync + 'static,
    A: DeserializeOwned + JsonSchema + Send + 'static,
    T: Serialize + Send + 'static,
    E: Display,
{
    BlockingTool {
        name: name.into(),
        description: description.into(),
        function: Arc::new(function),
        arguments: PhantomData,
    }
}

/// A tool made of a function that blocks, by [`blocking_tool`].
pub struct BlockingTool<A, F> {
    name: String,
    description: String,
    function: Arc<F>,
    arguments: PhantomData<fn(A)>,
}

impl<A, F> std::fmt::Debug for BlockingTool<A, F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BlockingTool")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl<A, F, T, E> Tool for BlockingTool<A, F>
where
    F: Fn(A) -> Result<T, E> + Send + Sync + 'static,
    A: DeserializeOwned + JsonSchema + Send + 'static,
    T: Serialize + Send + 'static,
    E: Display,
{
    type Arguments = A;
    type Output = T;
    type Error = String;

    fn name(&self) -> &str {
        &self.name
    }

    fn description(&self) -> &str {
        &self.description
    }

    async fn call(&self, arguments: A) -> Result<T, String> {
        let function = Arc::clone(&self.function);
        let called = spawn_blocking(move || function(arguments).map_err(|error| error.to_string()));
        // Nobody cancels it: an error is the function's panic.
        called
            .await
            .unwrap_or_else(|_| Err("the tool panicked".to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize, JsonSchema)]
    struct Nothing {}

    #[tokio::test]
    async fn other_work_of_the_thread_goes_on_while_the_function_blocks() {
        let (go_on, wait) = mpsc::channel();
        let wait = std::sync::Mutex::new(wait);
        let tool = blocking_tool("wait", "Waits.", move |Nothing {}| {
            let wait = wait.lock().map_err(|error| error.to_string())?;
            wait.recv().map_err(|error| error.to_string())
        });
        // On one thread: called there, the function would wait for ever for what comes after it.
        let (told, sent) = tokio::join!(tool.call(Nothing {}), async { go_on.send(7) });
        sent.unwrap();
        assert_eq!(told, Ok(7));
    }

    #[tokio::test]
    async fn a_panic_is_an_error_of_the_tool() {
        let tool = blocking_tool("panic", "Panics.", |Nothing {}| -> Result<(), String> {
            panic!("on purpose")
        });
        let told = tool.call(Nothing {}).await;
        assert_eq!(told, Err("the tool panicked".to_owned()));
    }
}
