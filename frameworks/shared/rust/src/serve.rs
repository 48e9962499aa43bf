//! Reads the harness's lines and answers them.

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

use loopmark_protocol::{Batch, BatchDone, FromRunner, Hello, Task, ToRunner, VERSION};
use tokio::io::{AsyncBufRead, AsyncBufReadExt, BufReader};

use crate::batch::run_batch;
use crate::{Agent, Error, Identity, IdentityError};

/// A runner's `main`: builds the agent when the hello has come, does batches until the end of
/// standard input, and tells on standard error why it can't.
///
/// With the argument `--version` it prints the framework and its version instead.
pub async fn serve<A: Agent>(
    identity: Result<Identity, IdentityError>,
    build: impl AsyncFnOnce(&Hello) -> Result<A, Error>,
) -> ExitCode {
    let served = match identity {
        Ok(identity) if std::env::args().nth(1).as_deref() == Some("--version") => {
            println!("{} {}", identity.framework, identity.version);
            Ok(())
        }
        Ok(identity) => {
            let input = BufReader::new(tokio::io::stdin());
            converse(identity, build, input, std::io::stdout()).await
        }
        Err(error) => Err(error.into()),
    };
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("runner: {}", with_causes(&*error));
            ExitCode::FAILURE
        }
    }
}

/// The conversation of `docs/PROTOCOL.md`, up to the end of the input.
async fn converse<A: Agent>(
    identity: Identity,
    build: impl AsyncFnOnce(&Hello) -> Result<A, Error>,
    input: impl AsyncBufRead + Unpin,
    mut output: impl Write,
) -> Result<(), Error> {
    write_lines(&mut output, [FromRunner::Imported])?;
    let mut lines = input.lines();
    let Some(line) = lines.next_line().await? else {
        return Ok(());
    };
    let ToRunner::Hello(hello) = parse(&line)? else {
        return Err("expected a hello, got a batch".into());
    };
    if hello.protocol != VERSION {
        let wanted = hello.protocol;
        return Err(format!("speaks protocol {VERSION}, not {wanted}").into());
    }
    let agent = Arc::new(build(&hello).await?);
    let task = Arc::new(hello.scenario);
    write_lines(&mut output, [FromRunner::Ready(identity.into_ready())])?;

    while let Some(line) = lines.next_line().await? {
        let ToRunner::Batch(batch) = parse(&line)? else {
            return Err("expected a batch, got a second hello".into());
        };
        do_batch(&agent, &task, batch, &mut output).await?;
    }
    Ok(())
}

async fn do_batch<A: Agent>(
    agent: &Arc<A>,
    task: &Arc<Task>,
    batch: Batch,
    output: &mut impl Write,
) -> Result<(), Error> {
    let (number, first_run) = (batch.batch, batch.first_run);
    let samples = run_batch(agent, task, batch)
        .await?
        .into_samples(number, first_run);
    let done = FromRunner::BatchDone(BatchDone {
        batch: number,
        heartbeat_late_us: None,
    });
    write_lines(output, samples.map(FromRunner::Sample).chain([done]))?;
    Ok(())
}

fn parse(line: &str) -> Result<ToRunner, Error> {
    serde_json::from_str(line).map_err(|error| format!("can't read line `{line}`: {error}").into())
}

fn write_lines(
    output: &mut impl Write,
    lines: impl IntoIterator<Item = FromRunner>,
) -> std::io::Result<()> {
    let mut output = std::io::BufWriter::new(output);
    for line in lines {
        serde_json::to_writer(&mut output, &line)?;
        output.write_all(b"\n")?;
    }
    output.flush()
}

/// The text of an error and of its causes, but for those that the text already quotes.
pub(crate) fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const HELLO: &str = concat!(
        r#"{"type":"hello","protocol":1,"base_url":"http://localhost:1/v1","#,
        r#""api":"chat-completions","model":"m","scenario":{"name":"s","instructions":"","#,
        r#""prompt":"run {run}","tools":[],"data":{},"max_turns":10}}"#,
    );
    const BATCH: &str = concat!(
        r#"{"type":"batch","batch":1,"first_run":5,"runs":2,"level":1,"#,
        r#""arrival":"closed","answers":"text"}"#,
    );

    struct Echo;

    impl Agent for Echo {
        async fn run(&self, prompt: String) -> Result<String, Error> {
            Ok(prompt)
        }
    }

    async fn build(hello: &Hello) -> Result<Echo, Error> {
        match hello.model.as_str() {
            "m" => Ok(Echo),
            model => Err(format!("no model {model}").into()),
        }
    }

    async fn talk(input: &str) -> Result<Vec<FromRunner>, Error> {
        let identity = Identity {
            framework: "echo".into(),
            version: "1".into(),
            runtime: "none".into(),
            http_client: "none".into(),
        };
        let mut output = Vec::new();
        converse(identity, build, input.as_bytes(), &mut output).await?;
        let text = String::from_utf8(output)?;
        text.lines()
            .map(|line| Ok(serde_json::from_str(line)?))
            .collect()
    }

    #[tokio::test]
    async fn a_conversation_is_ready_samples_and_batch_done() {
        let lines = talk(&format!("{HELLO}\n{BATCH}\n{BATCH}\n")).await.unwrap();
        let [FromRunner::Imported, FromRunner::Ready(ready), batches @ ..] = &lines[..] else {
            panic!("{lines:?}")
        };
        assert_eq!(ready.framework, "echo");
        for batch in batches.chunks(3) {
            let [
                FromRunner::Sample(first),
                FromRunner::Sample(second),
                FromRunner::BatchDone(_),
            ] = batch
            else {
                panic!("{batch:?}")
            };
            assert_eq!(first.answer.as_deref(), Some("run 5"));
            assert_eq!((second.batch, second.run), (1, 6));
        }
    }

    #[tokio::test]
    async fn the_end_of_input_ends_the_conversation_well() {
        assert_eq!(talk("").await.unwrap(), [FromRunner::Imported]);
        assert_eq!(talk(HELLO).await.unwrap().len(), 2);
    }

    #[tokio::test]
    async fn what_cannot_be_served_is_told() {
        let told = async |input: &str| talk(input).await.unwrap_err().to_string();
        assert_eq!(told(BATCH).await, "expected a hello, got a batch");
        assert_eq!(
            told(&format!("{HELLO}\n{HELLO}")).await,
            "expected a batch, got a second hello"
        );
        let newer = HELLO.replace(r#""protocol":1"#, r#""protocol":2"#);
        assert_eq!(told(&newer).await, "speaks protocol 1, not 2");
        let model = HELLO.replace(r#""model":"m""#, r#""model":"x""#);
        assert_eq!(told(&model).await, "no model x");
        assert!(told("hi").await.starts_with("can't read line `hi`: "));
    }

    #[test]
    fn causes_follow_the_error_once() {
        #[derive(Debug, thiserror::Error)]
        #[error("outer")]
        struct Outer(#[source] std::io::Error);
        assert_eq!(
            with_causes(&Outer(std::io::Error::other("inner"))),
            "outer: inner"
        );
    }
}
