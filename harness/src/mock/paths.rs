//! The paths that the mock knows, by whichever base URL a client reaches them.

use hyper::Method;
use loopmark_protocol::Api;

use crate::scenario::Tracing;

/// What a path means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Route {
    /// A request to the model.
    Model(Api),
    /// The list of models.
    Models,
    /// One model, by its id.
    OneModel(String),
    /// A reply of the Responses API that was given before, by its id.
    Response(String),
    /// Whether the server is well, for clients that ask before they begin.
    Health,
}

/// The harness's own paths, which no ledger knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OwnPath {
    /// Takes the entries out of the ledger.
    Drain,
    /// Reads the ledger and leaves it as it is.
    Ledger,
    /// [`Health`](super::service::Health).
    Health,
    /// Has the dead sink answer.
    Release,
}

/// Where the harness drains the ledger.
pub(super) const DRAIN_PATH: &str = "/loopmark/drain";
/// Where the ledger is read.
pub(super) const LEDGER_PATH: &str = "/loopmark/ledger";
/// Where the harness asks for [`Health`](super::service::Health).
pub(super) const HEALTH_PATH: &str = "/loopmark/health";

/// Where the harness has the dead sink answer.
pub(super) const RELEASE_PATH: &str = "/loopmark/release";

/// What a 404 says there is.
const PATHS: &str = "POST /v1/chat/completions, POST /v1/responses, GET /v1/responses/{id}, GET /v1/models, \
    GET /v1/models/{id} and GET /health, the same under /openai/v1 and /openai/deployments/{name}, and its own \
    POST /loopmark/drain, GET /loopmark/ledger, GET /loopmark/health and POST /loopmark/release; /sink takes traces";

/// Where an API's requests are posted to.
pub(crate) fn path_of(api: Api) -> &'static str {
    match api {
        Api::ChatCompletions => "/v1/chat/completions",
        Api::Responses => "/v1/responses",
    }
}

/// Whether a path is one of the harness's own.
pub(super) fn own(path: &str) -> Option<OwnPath> {
    match path {
        DRAIN_PATH => Some(OwnPath::Drain),
        LEDGER_PATH => Some(OwnPath::Ledger),
        HEALTH_PATH => Some(OwnPath::Health),
        RELEASE_PATH => Some(OwnPath::Release),
        _ => None,
    }
}

/// Whether a path is of a sink for traces, and whether that is the dead one.
pub(super) fn sink(path: &str) -> Option<bool> {
    let is_of = |tracing: Tracing| {
        let rest = tracing.path().and_then(|sink| path.strip_prefix(sink));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    if is_of(Tracing::Sink) {
        return Some(false);
    }
    is_of(Tracing::DeadSink).then_some(true)
}

/// What a path means; `None` if the mock does not have it.
pub(super) fn route(path: &str) -> Option<Route> {
    // The two that nearly all requests ask for, before anything is taken apart.
    for api in [Api::ChatCompletions, Api::Responses] {
        if path == path_of(api) {
            return Some(Route::Model(api));
        }
    }
    let path = path.trim_end_matches('/');
    if path == "/health" || path == "/v1/health" {
        return Some(Route::Health);
    }
    let within = within_api(path)?;
    match within {
        "chat/completions" => Some(Route::Model(Api::ChatCompletions)),
        "responses" => Some(Route::Model(Api::Responses)),
        "models" => Some(Route::Models),
        _ => {
            if let Some(id) = within.strip_prefix("models/") {
                return Some(Route::OneModel(percent_decoded(id)));
            }
            let id = within.strip_prefix("responses/")?;
            (!id.contains('/')).then(|| Route::Response(id.to_owned()))
        }
    }
}

/// The path below a base URL: OpenAI's `/v1`, Azure's `/openai/v1` and `/openai`, or an Azure deployment.
fn within_api(path: &str) -> Option<&str> {
    if let Some(within) = path.strip_prefix("/v1/") {
        return Some(within);
    }
    let within = path.strip_prefix("/openai/")?;
    if let Some(within) = within.strip_prefix("v1/") {
        return Some(within);
    }
    match within.strip_prefix("deployments/") {
        Some(named) => named.split_once('/').map(|(_, within)| within),
        None => Some(within),
    }
}

/// A model's id may hold a slash, which some clients send as `%2F`.
fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = after.get(..2).filter(|_| *first == b'%');
        let hex = hex.and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

impl Route {
    /// The methods that it takes, as an `allow` header says them.
    pub fn allowed(&self) -> &'static str {
        match self {
            Route::Model(_) => "POST",
            _ => "GET, HEAD",
        }
    }

    /// Whether it takes this method.
    pub fn takes(&self, method: &Method) -> bool {
        match self {
            Route::Model(_) => *method == Method::POST,
            _ => *method == Method::GET || *method == Method::HEAD,
        }
    }

    /// The API that it belongs to.
    pub fn api(&self) -> Option<Api> {
        match self {
            Route::Model(api) => Some(*api),
            _ => None,
        }
    }
}

/// What a 404 says: what is wrong with the path, where that is known, and which paths exist.
pub(super) fn unknown(method: &Method, path: &str) -> String {
    let shown: String = path.chars().take(200).collect();
    let hint = hint(path).unwrap_or_default();
    format!("this mock has no {method} {shown}{hint}. It has {PATHS}")
}

/// A mistake in a base URL that would explain the path.
fn hint(path: &str) -> Option<String> {
    let there_is = |right: &str| route(right).is_some() || own(right).is_some();
    let single = single_slashes(path);
    let missing = format!("/v1{single}");
    if there_is(&missing) {
        return Some(format!(
            ": /v1 is missing before it; the base URL of most clients ends in /v1, and the path is {missing}"
        ));
    }
    let mut once = single.clone();
    while once.contains("/v1/v1/") {
        once = once.replace("/v1/v1/", "/v1/");
    }
    if once != single && there_is(&once) {
        return Some(format!(
            ": /v1 is doubled; the client adds one to the base URL's, and the path is {once}"
        ));
    }
    for api in [Api::ChatCompletions, Api::Responses] {
        let endpoint = path_of(api);
        let after = single.strip_prefix(endpoint).unwrap_or_default();
        if there_is(&format!("/v1{after}")) {
            return Some(format!(
                ": the base URL holds the endpoint already; it ends in /v1, and the client adds {after}"
            ));
        }
    }
    (single != path && there_is(&single))
        .then(|| format!(": a slash is doubled; the path is {single}"))
}

fn single_slashes(path: &str) -> String {
    let mut single = path.to_owned();
    while single.contains("//") {
        single = single.replace("//", "/");
    }
    single
}

#[cfg(test)]
mod tests {
    use super::*;
    use loopmark_protocol::Api::{ChatCompletions, Responses};

    #[test]
    fn openais_and_azures_paths_mean_the_same_with_and_without_a_slash_at_the_end() {
        for base in ["/v1", "/openai/v1", "/openai", "/openai/deployments/my-gpt"] {
            for end in ["", "/", "//"] {
                let means = |path: &str| route(&format!("{base}/{path}{end}"));
                assert_eq!(
                    means("chat/completions"),
                    Some(Route::Model(ChatCompletions))
                );
                assert_eq!(means("responses"), Some(Route::Model(Responses)));
                assert_eq!(means("models"), Some(Route::Models));
                let model = Route::OneModel("gpt-4o-mini".to_owned());
                assert_eq!(means("models/gpt-4o-mini"), Some(model));
                let response = Route::Response("resp_1_2".to_owned());
                assert_eq!(means("responses/resp_1_2"), Some(response));
                assert_eq!(means("responses/resp_1_2/input_items"), None);
                assert_eq!(means("embeddings"), None);
            }
        }
        assert_eq!(route("/health"), Some(Route::Health));
        assert_eq!(route("/health/"), Some(Route::Health));
        assert_eq!(route("/openai/deployments/"), None);
    }

    #[test]
    fn a_models_id_may_hold_a_slash_as_it_is_or_in_hex() {
        for path in [
            "/v1/models/openai/gpt-4o",
            "/v1/models/openai%2Fgpt-4o",
            "/v1/models/openai%2fgpt-4o",
        ] {
            assert_eq!(
                route(path),
                Some(Route::OneModel("openai/gpt-4o".to_owned()))
            );
        }
        let odd = Some(Route::OneModel("a%zz%".to_owned()));
        assert_eq!(route("/v1/models/a%zz%"), odd);
    }

    #[test]
    fn a_path_that_is_not_there_names_the_mistake_in_the_base_url() {
        for (path, says) in [
            ("/chat/completions", "/v1 is missing before it"),
            ("/responses", "the path is /v1/responses"),
            ("//models", "the path is /v1/models"),
            ("/models/gpt-4o", "/v1 is missing"),
            ("/v1/v1/chat/completions", "/v1 is doubled"),
            ("/v1/v1/v1/responses/", "the path is /v1/responses/"),
            (
                "/v1//chat/completions",
                "a slash is doubled; the path is /v1/chat/completions",
            ),
            (
                "/v1/chat/completions/chat/completions",
                "the client adds /chat/completions",
            ),
            (
                "/v1/chat/completions/models",
                "the base URL holds the endpoint",
            ),
        ] {
            assert_eq!(route(path), None, "{path}");
            let message = unknown(&Method::POST, path);
            assert!(message.contains(says), "{path}: {message}");
        }
        for path in [
            "/",
            "/v1",
            "/v1/embeddings",
            "/v2/chat/completions",
            "/v1/files/v1/v1/x",
        ] {
            let message = unknown(&Method::GET, path);
            let start = format!("this mock has no GET {path}. It has POST /v1/chat/completions, ");
            assert!(message.starts_with(&start), "{message}");
        }
    }

    #[test]
    fn each_path_takes_its_own_methods() {
        let chat = Route::Model(ChatCompletions);
        assert!(chat.takes(&Method::POST) && !chat.takes(&Method::GET));
        for route in [Route::Models, Route::Health, Route::Response(String::new())] {
            assert!(route.takes(&Method::GET) && route.takes(&Method::HEAD));
            assert!(!route.takes(&Method::POST) && !route.takes(&Method::DELETE));
        }
    }
}
