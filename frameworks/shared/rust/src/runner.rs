//! Reads the harness's lines and answers them.

use std::fs::File;
use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

use loopmark_protocol::{
    Batch, BatchDone, Feature, FromRunner, Hello, Imported, Task, ToRunner, VERSION,
};
use tokio::io::{AsyncBufRead, AsyncBufReadExt, BufReader, Lines};

use crate::agents::Agents;
use crate::error::{beginning, with_causes};
use crate::run::do_runs;
use crate::{Agent, Error, Identity, IdentityError, Make};

/// How much of a line that can't be read is told.
const LINE_LENGTH: usize = 200;

/// A runner's `main`: builds the agent when the hello has come, does batches until the end of
/// standard input, and tells on standard error why it can't.
///
/// `offers` is what the runner can do beyond plain runs. `build` makes what all agents share and
/// returns what makes an agent on it, which is called once before `ready`, or in each run if the
/// hello wants an agent per run. A hello that needs what is not offered builds nothing.
///
/// Standard output is taken away from everything else: what the process prints beside the protocol
/// goes to standard error. With the argument `--version` it prints the framework and its version
/// and does nothing else.
pub async fn serve<A: Agent>(
    identity: Result<Identity, IdentityError>,
    offers: &[Feature],
    build: impl AsyncFnOnce(&Hello) -> Result<Make<A>, Error>,
) -> ExitCode {
    match serve_streams(identity, offers, build).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("runner: {}", with_causes(&*error));
            ExitCode::FAILURE
        }
    }
}

async fn serve_streams<A: Agent>(
    identity: Result<Identity, IdentityError>,
    offers: &[Feature],
    build: impl AsyncFnOnce(&Hello) -> Result<Make<A>, Error>,
) -> Result<(), Error> {
    let mut output = take_stdout()?;
    let identity = identity?;
    if std::env::args().nth(1).as_deref() == Some("--version") {
        writeln!(output, "{} {}", identity.framework, identity.version)?;
        return Ok(());
    }
    let input = BufReader::new(tokio::io::stdin());
    converse(identity, offers, build, input, output).await
}

/// Standard output, for the protocol alone: whatever else writes to it lands on standard error.
fn take_stdout() -> std::io::Result<File> {
    let output = rustix::io::fcntl_dupfd_cloexec(std::io::stdout(), 3)?;
    rustix::stdio::dup2_stdout(std::io::stderr())?;
    Ok(File::from(output))
}

/// The conversation of `docs/PROTOCOL.md`, up to the end of the input.
async fn converse<A: Agent>(
    identity: Identity,
    offers: &[Feature],
    build: impl AsyncFnOnce(&Hello) -> Result<Make<A>, Error>,
    input: impl AsyncBufRead + Unpin,
    mut output: impl Write,
) -> Result<(), Error> {
    write_lines(
        &mut output,
        [FromRunner::Imported(Imported { protocol: VERSION })],
    )?;
    let mut lines = input.lines();
    let Some(line) = lines.next_line().await? else {
        return Ok(());
    };
    let hello = parse_hello(&line)?;
    let ready = FromRunner::Ready(identity.into_ready(offers));
    if hello.needs().iter().any(|need| !offers.contains(need)) {
        write_lines(&mut output, [ready])?;
        while lines.next_line().await?.is_some() {}
        return Ok(());
    }
    let agents = Agents::new(hello.agent, hello.agents, build(&hello).await?)?;
    write_lines(&mut output, [ready])?;
    do_batches(agents, hello.scenario, lines, output).await
}

async fn do_batches<A: Agent>(
    agents: Agents<A>,
    task: Task,
    mut lines: Lines<impl AsyncBufRead + Unpin>,
    mut output: impl Write,
) -> Result<(), Error> {
    let (agents, task) = (Arc::new(agents), Arc::new(task));
    while let Some(line) = lines.next_line().await? {
        let ToRunner::Batch(batch) = parse(&line)? else {
            return Err("expected a batch, got a second hello".into());
        };
        do_batch(&agents, &task, batch, &mut output).await?;
    }
    Ok(())
}

async fn do_batch<A: Agent>(
    agents: &Arc<Agents<A>>,
    task: &Arc<Task>,
    batch: Batch,
    output: &mut impl Write,
) -> Result<(), Error> {
    let (number, first_run) = (batch.batch, batch.first_run);
    let done = do_runs(agents, task, batch).await?;
    let samples = done.samples.into_lines(number, first_run);
    let batch_done = FromRunner::BatchDone(BatchDone {
        batch: number,
        heartbeat_late_us: done.heartbeat_late_us,
    });
    write_lines(output, samples.map(FromRunner::Sample).chain([batch_done]))?;
    Ok(())
}

fn parse_hello(line: &str) -> Result<Hello, Error> {
    let ToRunner::Hello(hello) = parse(line)? else {
        return Err("expected a hello, got a batch".into());
    };
    if !(1..=VERSION).contains(&hello.protocol) {
        let wanted = hello.protocol;
        return Err(format!("speaks protocol 1 to {VERSION}, not {wanted}").into());
    }
    Ok(hello)
}

fn parse(line: &str) -> Result<ToRunner, Error> {
    serde_json::from_str(line).map_err(|error| {
        let line = beginning(line.to_owned(), LINE_LENGTH);
        format!("can't read line `{line}`: {error}").into()
    })
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

    const OFFERS: &[Feature] = &[Feature::Cancellation];

    async fn build(hello: &Hello) -> Result<Make<Echo>, Error> {
        match hello.model.as_str() {
            "m" => Ok(Box::new(|| Ok(Echo))),
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
        converse(identity, OFFERS, build, input.as_bytes(), &mut output).await?;
        let text = String::from_utf8(output)?;
        text.lines()
            .map(|line| Ok(serde_json::from_str(line)?))
            .collect()
    }

    #[tokio::test]
    async fn a_conversation_is_ready_samples_and_batch_done() {
        let lines = talk(&format!("{HELLO}\n{BATCH}\n{BATCH}\n")).await.unwrap();
        let [
            FromRunner::Imported(_),
            FromRunner::Ready(ready),
            batches @ ..,
        ] = &lines[..]
        else {
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
        let imported = FromRunner::Imported(Imported { protocol: VERSION });
        assert_eq!(talk("").await.unwrap(), [imported]);
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
        let newer = HELLO.replace(r#""protocol":1"#, r#""protocol":3"#);
        assert_eq!(told(&newer).await, "speaks protocol 1 to 2, not 3");
        let model = HELLO.replace(r#""model":"m""#, r#""model":"x""#);
        assert_eq!(told(&model).await, "no model x");
        assert!(told("hi").await.starts_with("can't read line `hi`: "));
    }

    #[tokio::test]
    async fn a_hello_that_needs_what_is_not_offered_builds_nothing_and_gets_ready() {
        let needs = [
            HELLO.replace(r#""model":"m""#, r#""model":"x","stream":true"#),
            HELLO.replace(r#""model":"m""#, r#""model":"x","agent":"per-run""#),
            HELLO.replace(r#""model":"m""#, r#""model":"x","agents":3"#),
            HELLO.replace(r#""model":"m""#, r#""model":"x""#).replace(
                r#""tools":[]"#,
                r#""tools":[{"name":"wait","description":"","parameters":{}}]"#,
            ),
            HELLO.replace(r#""model":"m""#, r#""model":"x""#).replace(
                r#""tools":[]"#,
                r#""tools":[{"name":"lookup_1","description":"","parameters":{}}]"#,
            ),
        ];
        for hello in needs {
            // `build` refuses the model x; whatever follows is not looked at.
            let lines = talk(&format!("{hello}\n{BATCH}\n")).await.unwrap();
            let [FromRunner::Imported(_), FromRunner::Ready(ready)] = &lines[..] else {
                panic!("{lines:?}")
            };
            assert_eq!(ready.offers, OFFERS);
        }
    }
}
