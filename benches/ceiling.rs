//! How many requests the mock takes, beside wiremock with the same replies: `cargo bench --bench ceiling`.
//!
//! Both are processes of their own, asked in turns by the same client for the same requests without any hold. wiremock
//! has one `Respond` that calls the mock's own code for a reply, so that both send the same bytes, and records no requests.
//! `-- --json <file>` writes the rounds to a file, `-- --rounds <n>` changes how many there are.

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{ExitCode, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use loopmark::layout::Layout;
use loopmark::mock::{
    Load, MockOptions, MockProcess, Reply, Requests, Responder, Until, closed_loop,
};
use loopmark::probe::cpu_time;
use loopmark::scenario::Scenario;
use loopmark::stats;
use loopmark_benches::serve_the_harness;
use loopmark_protocol::Api;
use serde::Serialize;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Respond, ResponseTemplate};

const WIREMOCK: &str = "wiremock";
const CONNECTIONS: u32 = 100;
const WARM_UP: Duration = Duration::from_millis(500);
const MEASURED: Duration = Duration::from_secs(2);
const ROUNDS: usize = 5;

/// One server in one round.
#[derive(Clone, Copy, Serialize)]
struct Round {
    requests_per_s: f64,
    /// By the CPU time of the server's process.
    requests_per_cpu_s: f64,
    /// CPU time over time: 1 is a whole core.
    cpu_share: f64,
}

/// Both servers, one after the other.
#[derive(Clone, Copy, Serialize)]
struct Pair {
    mock: Round,
    wiremock: Round,
}

fn main() -> ExitCode {
    if let Some(exit) = serve_the_harness() {
        return exit;
    }
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.first().map(String::as_str) {
        Some(WIREMOCK) => serve_wiremock(),
        _ => compare(&arguments),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("ceiling: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn compare(arguments: &[String]) -> anyhow::Result<()> {
    let value = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1).cloned()
    };
    let rounds: usize = value("--rounds").map_or(Ok(ROUNDS), |rounds| rounds.parse())?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let mut pairs = Vec::new();
    for round in 1..=rounds {
        let pair = runtime.block_on(pair(round % 2 == 0))?;
        eprintln!(
            "round {round}: {:.0} and {:.0} requests/s",
            pair.mock.requests_per_s, pair.wiremock.requests_per_s
        );
        pairs.push(pair);
    }
    print(&pairs);
    if let Some(file) = value("--json") {
        let mut json = serde_json::to_string_pretty(&pairs)?;
        json.push('\n');
        std::fs::write(&file, json).with_context(|| file)?;
    }
    Ok(())
}

/// One round; which server goes first alternates.
async fn pair(wiremock_first: bool) -> anyhow::Result<Pair> {
    Ok(if wiremock_first {
        let wiremock = of_wiremock().await?;
        let mock = of_mock().await?;
        Pair { mock, wiremock }
    } else {
        let mock = of_mock().await?;
        let wiremock = of_wiremock().await?;
        Pair { mock, wiremock }
    })
}

async fn of_mock() -> anyhow::Result<Round> {
    let options = MockOptions {
        latency: Some(Duration::ZERO),
        ..MockOptions::new(scenario_path()?)
    };
    let mock = MockProcess::start(&std::env::current_exe()?, &options).await?;
    let round = load(mock.address(), mock.pid()).await?;
    mock.stop().await?;
    Ok(round)
}

async fn of_wiremock() -> anyhow::Result<Round> {
    let (mut child, address) = start_wiremock().await?;
    let pid = child.id().context("wiremock has ended")?;
    let round = load(address, pid).await?;
    child.kill().await?;
    Ok(round)
}

/// Asks for all turns of run after run.
async fn load(server: SocketAddr, pid: u32) -> anyhow::Result<Round> {
    let requests = Requests::of_whole_runs(
        &Scenario::load(&scenario_path()?)?,
        Api::ChatCompletions,
        false,
    );
    let lasting = |duration| Load {
        connections: CONNECTIONS,
        period: Duration::ZERO,
        until: Until::Elapsed(duration),
    };
    let warmed = closed_loop(server, &lasting(WARM_UP), &requests, 0).await?;
    let (cpu, start) = (cpu_time(pid)?, Instant::now());
    let replies = closed_loop(server, &lasting(MEASURED), &requests, warmed).await? as f64;
    let (elapsed_s, cpu_s) = (
        start.elapsed().as_secs_f64(),
        (cpu_time(pid)? - cpu).as_secs_f64(),
    );
    Ok(Round {
        requests_per_s: replies / elapsed_s,
        requests_per_cpu_s: replies / cpu_s,
        cpu_share: cpu_s / elapsed_s,
    })
}

fn print(pairs: &[Pair]) {
    type Figure = fn(&Round) -> f64;
    let figures: [(&str, Figure); 2] = [
        ("requests/s", |round| round.requests_per_s),
        ("requests per CPU second of the server", |round| {
            round.requests_per_cpu_s
        }),
    ];
    println!(
        "{CONNECTIONS} in flight, {} rounds: median (least to most)\n",
        pairs.len()
    );
    println!("| | mock | wiremock | ratio |\n| --- | ---: | ---: | ---: |");
    for (name, figure) in figures {
        let of = |value: &dyn Fn(&Pair) -> f64, digits| {
            let mut values: Vec<f64> = pairs.iter().map(value).collect();
            values.sort_by(f64::total_cmp);
            let at = |p| stats::quantile(&values, p).unwrap_or(f64::NAN);
            format!(
                "{:.digits$} ({:.digits$} to {:.digits$})",
                at(0.5),
                at(0.0),
                at(1.0)
            )
        };
        println!(
            "| {name} | {} | {} | {} |",
            of(&|pair| figure(&pair.mock), 0),
            of(&|pair| figure(&pair.wiremock), 0),
            of(&|pair| figure(&pair.mock) / figure(&pair.wiremock), 2)
        );
    }
}

fn scenario_path() -> anyhow::Result<PathBuf> {
    Ok(Layout::find(&std::env::current_dir()?)?.scenario("seed"))
}

async fn start_wiremock() -> anyhow::Result<(Child, SocketAddr)> {
    let mut child = Command::new(std::env::current_exe()?)
        .arg(WIREMOCK)
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let stdout = child.stdout.take().context("wiremock has no output")?;
    let mut line = String::new();
    BufReader::new(stdout).read_line(&mut line).await?;
    let address = line
        .trim()
        .parse()
        .with_context(|| format!("wiremock said {line:?}"))?;
    Ok((child, address))
}

/// Serves until it is killed, at the latest after two minutes.
fn serve_wiremock() -> anyhow::Result<()> {
    let responder = Responder::new(Scenario::load(&scenario_path()?)?);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let server = MockServer::builder()
            .disable_request_recording()
            .start()
            .await;
        let scripted = Scripted(Mutex::new(responder));
        Mock::given(any())
            .respond_with(scripted)
            .mount(&server)
            .await;
        println!("{}", server.address());
        std::io::stdout().flush()?;
        tokio::time::sleep(Duration::from_secs(120)).await;
        bail!("nobody ended it")
    })
}

/// The mock's own replies.
struct Scripted(Mutex<Responder>);

impl Respond for Scripted {
    fn respond(&self, request: &wiremock::Request) -> ResponseTemplate {
        let responder = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match responder.respond(Api::ChatCompletions, &request.body) {
            Ok(answer) => match answer.reply {
                Reply::Whole(body) => {
                    ResponseTemplate::new(200).set_body_raw(body, "application/json")
                }
                Reply::Moments(_) => ResponseTemplate::new(501),
            },
            Err(fault) => ResponseTemplate::new(fault.status),
        }
    }
}
