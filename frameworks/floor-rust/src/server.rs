//! The model's server, over hyper's client.

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::{Request, Response, Uri, header};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use loopmark_runner::Error;
use serde::Serialize;

use crate::sse::Lines;

/// The client that all runs share.
pub type HttpClient = Client<HttpConnector, Full<Bytes>>;

pub fn http_client() -> HttpClient {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    // The pool's size is not limited.
    Client::builder(TokioExecutor::new()).build(connector)
}

/// An API of the server.
pub struct Server {
    pub client: HttpClient,
    pub url: Uri,
}

impl Server {
    /// A whole reply.
    pub async fn fetch(&self, request: &impl Serialize) -> Result<Bytes, Error> {
        let body = self.post(request).await?.into_body();
        Ok(body.collect().await?.to_bytes())
    }

    /// A streamed reply: `take` gets the data of each event as it comes.
    pub async fn follow(
        &self,
        request: &impl Serialize,
        mut take: impl FnMut(&[u8]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut body = self.post(request).await?.into_body();
        let mut lines = Lines::default();
        while let Some(frame) = body.frame().await {
            if let Some(bytes) = frame?.data_ref() {
                lines.push(bytes, &mut take)?;
            }
        }
        Ok(())
    }

    async fn post(&self, request: &impl Serialize) -> Result<Response<Incoming>, Error> {
        let request = Request::post(&self.url)
            .header(header::AUTHORIZATION, "Bearer made-up")
            .header(header::CONTENT_TYPE, "application/json")
            .body(Full::from(serde_json::to_vec(request)?))?;
        let response = self.client.request(request).await?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let body = response.into_body().collect().await?.to_bytes();
        Err(format!("{status}: {}", String::from_utf8_lossy(&body)).into())
    }
}
