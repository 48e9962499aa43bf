//! Sends a framework's spans of `tracing` to a collector, as OpenTelemetry's own crates do it.

use std::sync::OnceLock;

use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::{SpanExporter, WithExportConfig};
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::Error;

static PROVIDER: OnceLock<SdkTracerProvider> = OnceLock::new();

/// Sends all spans to the collector at this URL, in batches, from a thread of its own. `library` is who makes them.
///
/// # Errors
///
/// If no exporter can be made, or if the process has a subscriber already.
pub fn send_to(collector: &str, library: &'static str) -> Result<(), Error> {
    let endpoint = format!("{collector}/v1/traces");
    // The exporter's client is a blocking one, which no task may make.
    let exporter = std::thread::spawn(|| {
        let exporter = SpanExporter::builder().with_http();
        exporter.with_endpoint(endpoint).build()
    });
    let exporter = exporter.join().map_err(|_| "no exporter was made")??;
    let provider = SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .build();
    let tracer = provider.tracer(library);
    PROVIDER
        .set(provider)
        .map_err(|_| "traces are set up once")?;
    let layer = tracing_opentelemetry::layer().with_tracer(tracer);
    Ok(tracing_subscriber::registry().with(layer).try_init()?)
}

/// Sends what has not been sent, if spans are sent at all.
pub fn flush() {
    if let Some(provider) = PROVIDER.get() {
        // The process ends; there is nobody left to tell.
        let _ = provider.shutdown();
    }
}
