//! What an agent was built with, as its runs read it.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;

use crate::client::Client;
use crate::structure::Structure;
use crate::toolbox::Toolbox;
use crate::wire::Api;

/// The settings of an agent, shared by its clones, runs and conversations.
pub(crate) struct Settings {
    pub client: Client,
    pub api: Api,
    pub model: String,
    /// What every request begins with.
    pub head: Bytes,
    pub streaming_head: Bytes,
    /// What an answer must be, instead of a text.
    pub structure: Option<Structure>,
    pub tools: Toolbox,
    pub tool_limit: usize,
    pub max_turns: u32,
    pub run_timeout: Option<Duration>,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("model", &self.model)
            .field("api", &self.api)
            .field("tools", &self.tools)
            .field("client", &self.client)
            .finish_non_exhaustive()
    }
}
