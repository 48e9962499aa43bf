//! What can go wrong: while building ([`BuildError`]) and while running ([`Error`]).

use std::time::Duration;

/// A client or an agent that cannot be built as asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The environment has no API key.
    #[error("the environment variable OPENAI_API_KEY is not set")]
    MissingApiKey,
    /// The base URL is not an absolute `http` or `https` URL.
    #[error("the base URL {url:?} is not an absolute http or https URL")]
    BaseUrl {
        /// The URL as it was given.
        url: String,
    },
    /// A header has a name or a value that HTTP does not allow. The value is not shown: it may be
    /// a secret.
    #[error("the header {name:?} has a name or a value that HTTP does not allow")]
    Header {
        /// The header's name as it was given.
        name: String,
    },
    /// The TLS library refused its configuration.
    #[error("TLS cannot be set up")]
    Tls(#[source] rustls::Error),
    /// A tool's name is not one that the API takes.
    #[error("the tool name {name:?} is not 1 to 64 letters, digits, underscores or dashes")]
    ToolName {
        /// The name as it was given.
        name: String,
    },
    /// Two tools have the same name.
    #[error("two tools are named {name:?}")]
    DuplicateTool {
        /// The name.
        name: String,
    },
    /// A tool's arguments are not a JSON object.
    #[error("the arguments of the tool {name:?} are not a struct with named fields")]
    ToolArguments {
        /// The tool's name.
        name: String,
    },
    /// A request parameter that the agent sets itself.
    #[error("the parameter {name:?} is set by the agent itself")]
    ReservedParameter {
        /// The parameter's name.
        name: String,
    },
    /// A parameter, or a stored conversation, that is not JSON of the right form.
    #[error("{what} is not JSON of the right form")]
    Json {
        /// What was being read or written.
        what: String,
        /// The reason.
        source: serde_json::Error,
    },
}

/// A run that gave no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The model's server answered with an error, and the retries, if it allowed any, were used up.
    #[error("the model's server answered {status}: {message}")]
    Api {
        /// The HTTP status; 200 for an error that came inside a reply.
        status: u16,
        /// The message of the server's error object, or the beginning of the body.
        message: String,
        /// The `code` of the server's error object.
        code: Option<String>,
        /// The server's id of the request, to quote in a report.
        request_id: Option<String>,
    },
    /// The server could not be reached, or the connection broke.
    #[error("the connection to the model's server failed")]
    Transport(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The server was silent for longer than the request timeout.
    #[error("the model's server gave no reply within {0:?}")]
    RequestTimeout(Duration),
    /// The whole run took longer than the run timeout.
    #[error("the run was not over after {0:?}")]
    RunTimeout(Duration),
    /// The reply is longer than the client accepts.
    #[error("the reply, or one line of it, is longer than {limit} bytes")]
    ReplyTooLong {
        /// The limit that was passed.
        limit: usize,
    },
    /// The reply is not what the API documents.
    #[error("the reply is not what the API documents: {what}")]
    Malformed {
        /// What is wrong with it.
        what: &'static str,
        /// The parser's reason, if it was a parser that stumbled.
        source: Option<serde_json::Error>,
    },
    /// The model stopped before the end of its reply.
    #[error("the model did not finish its reply: {reason}")]
    Incomplete {
        /// The API's reason, such as `length` or `content_filter`.
        reason: String,
        /// What it had said by then.
        text: String,
    },
    /// The model refused to answer.
    #[error("the model refused: {0}")]
    Refused(String),
    /// The model still asked for tools in the last turn that it had.
    #[error("no answer within {limit} turns")]
    TurnLimit {
        /// The limit.
        limit: u32,
    },
    /// The answer is not of the type that was asked for, and no turn is left to ask again.
    #[error("the answer does not fit its type")]
    Structure {
        /// The answer as the model gave it.
        text: String,
        /// Why it does not fit.
        source: serde_json::Error,
    },
    /// A message could not be written as JSON.
    #[error("a message cannot be written as JSON")]
    Encode(#[source] serde_json::Error),
}

impl Error {
    pub(crate) fn malformed(what: &'static str) -> Self {
        Error::Malformed { what, source: None }
    }

    pub(crate) fn unreadable(what: &'static str, source: serde_json::Error) -> Self {
        Error::Malformed {
            what,
            source: Some(source),
        }
    }
}
