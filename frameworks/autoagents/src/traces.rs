//! Tracing by `autoagents-telemetry`, which makes spans of what an agent tells in its events.

use std::sync::Arc;

use autoagents::core::utils::BoxEventStream;
use autoagents::protocol::Event;
use autoagents_telemetry::{OtlpConfig, TelemetryConfig, TelemetryProvider, Tracer};
use futures_util::stream::poll_fn;
use futures_util::{Stream, StreamExt};
use loopmark_runner::Error;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

/// Takes the events of all agents. A process has one tracer, since a tracer sets the process's subscriber.
#[derive(Clone)]
pub struct Traces(UnboundedSender<Event>);

#[derive(Debug)]
struct Collector(String);

impl TelemetryProvider for Collector {
    fn telemetry_config(&self) -> TelemetryConfig {
        let mut config = TelemetryConfig::default();
        config.exporter.otlp = Some(OtlpConfig::new(&self.0));
        config
    }
}

/// Sends spans and metrics to the collector at this URL. The tracer has to live as long as the agents do.
pub fn send_to(collector: &str) -> Result<(Traces, Tracer), Error> {
    let (sender, mut events) = unbounded_channel();
    let stream: BoxEventStream<Event> = Box::pin(poll_fn(move |context| events.poll_recv(context)));
    let mut tracer = Tracer::new(Arc::new(Collector(collector.to_owned())), stream);
    tracer.start()?;
    Ok((Traces(sender), tracer))
}

impl Traces {
    /// Passes an agent's events on until it is dropped.
    pub fn follow(&self, mut events: impl Stream<Item = Event> + Send + Unpin + 'static) {
        let Traces(sender) = self.clone();
        tokio::spawn(async move {
            while let Some(event) = events.next().await {
                if sender.send(event).is_err() {
                    break;
                }
            }
        });
    }
}
