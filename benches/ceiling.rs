//! How many requests per second the mock can serve, compared with hyper with a canned reply and with wiremock:
//! `cargo bench --bench ceiling`.
//!
//! Each server is a process of its own; the same client sends each in turn the same requests, without any hold. hyper
//! reads each request and always sends the same reply, which is the maximum for any mock on hyper. wiremock has one
//! `Respond` that calls the mock's own code for a reply, so that both send the same bytes, and records no requests. If
//! there is more than one processor, each server has one to itself, so that the mock has one serving thread like the
//! others. The client then does not sleep while it waits: the server would have to wake a sleeping client, and a slower
//! server more often.
//!
//! `-- --json <file>` writes the rounds to a file, and `-- --rounds <n>` sets their number.

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{ExitCode, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use loopmark::layout::Layout;
use loopmark::mock::{
    Load, MockOptions, MockProcess, Reply, Requests, Responder, Until, closed_loop,
};
use loopmark::probe::cpu_time;
use loopmark::scenario::Scenario;
use loopmark::stats;
use loopmark::system::CpuList;
use loopmark_benches::{measures_nothing, serve_the_harness};
use loopmark_protocol::Api;
use serde::Serialize;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::task::LocalSet;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Respond, ResponseTemplate};

const CANNED: &str = "canned";
const WIREMOCK: &str = "wiremock";
const CONNECTIONS: u32 = 100;
const WARM_UP: Duration = Duration::from_millis(500);
const MEASURED: Duration = Duration::from_secs(2);
const ROUNDS: usize = 10;

/// One server in one round.
#[derive(Clone, Copy, Serialize)]
struct Round {
    requests_per_s: f64,
    /// By the CPU time of the server's process.
    requests_per_cpu_s: f64,
    /// CPU time over time: 1 is a whole core.
    cpu_share: f64,
}

/// All servers, one after the other.
#[derive(Clone, Copy, Serialize)]
struct Rounds {
    mock: Round,
    canned: Round,
    wiremock: Round,
}

/// The processors of the client and of the server that it asks; none where there is one for both.
struct Split {
    client: CpuList,
    server: CpuList,
}

impl Split {
    fn of_this_machine() -> Option<Split> {
        let allowed = CpuList::allowed()?;
        let server = allowed.first();
        let client = allowed.without(&server)?;
        Some(Split { client, server })
    }
}

fn main() -> ExitCode {
    if let Some(exit) = serve_the_harness() {
        return exit;
    }
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let is_server = arguments
        .first()
        .is_some_and(|first| [CANNED, WIREMOCK].contains(&first.as_str()));
    if let Some(exit) = measures_nothing("ceiling").filter(|_| !is_server) {
        return exit;
    }
    let done = match arguments.first().map(String::as_str) {
        Some(CANNED) => hold(&arguments).and_then(|()| serve_canned()),
        Some(WIREMOCK) => hold(&arguments).and_then(|()| serve_wiremock()),
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
    let split = Split::of_this_machine();
    if let Some(split) = &split {
        split.client.hold_this_process()?;
    }
    let server = split.as_ref().map(|split| &split.server);
    let mut all = Vec::new();
    for round in 0..rounds {
        let taken = runtime.block_on(measure(server, round))?;
        eprintln!(
            "round {}: mock {:.0}, canned {:.0}, wiremock {:.0} requests/s",
            round + 1,
            taken.mock.requests_per_s,
            taken.canned.requests_per_s,
            taken.wiremock.requests_per_s
        );
        all.push(taken);
    }
    print(&all);
    if let Some(file) = value("--json") {
        let mut json = serde_json::to_string_pretty(&all)?;
        json.push('\n');
        std::fs::write(&file, json).with_context(|| file)?;
    }
    Ok(())
}

/// One round; which server goes first rotates.
async fn measure(cpus: Option<&CpuList>, round: usize) -> anyhow::Result<Rounds> {
    let [mut mock, mut canned, mut wiremock] = [None; 3];
    for place in 0..3 {
        match (round + place) % 3 {
            0 => mock = Some(of_mock(cpus).await?),
            1 => canned = Some(of_other(CANNED, cpus).await?),
            _ => wiremock = Some(of_other(WIREMOCK, cpus).await?),
        }
    }
    mock.zip(canned)
        .zip(wiremock)
        .map(|((mock, canned), wiremock)| Rounds {
            mock,
            canned,
            wiremock,
        })
        .context("a server was left out")
}

async fn of_mock(cpus: Option<&CpuList>) -> anyhow::Result<Round> {
    let options = MockOptions {
        latency: Some(Duration::ZERO),
        cpus: cpus.cloned(),
        ..MockOptions::new(scenario_path()?)
    };
    let mock = MockProcess::start(&std::env::current_exe()?, &options).await?;
    let round = load(mock.address(), mock.pid(), cpus.is_some()).await?;
    mock.stop().await?;
    Ok(round)
}

async fn of_other(name: &str, cpus: Option<&CpuList>) -> anyhow::Result<Round> {
    let (mut child, address) = start(name, cpus).await?;
    let pid = child.id().with_context(|| format!("{name} has ended"))?;
    let round = load(address, pid, cpus.is_some()).await?;
    child.kill().await?;
    Ok(round)
}

/// Asks for all turns of run after run.
async fn load(server: SocketAddr, pid: u32, stays_awake: bool) -> anyhow::Result<Round> {
    let awake = stays_awake.then(|| {
        tokio::spawn(async {
            loop {
                tokio::task::yield_now().await;
            }
        })
    });
    let round = round(server, pid).await;
    if let Some(awake) = awake {
        awake.abort();
    }
    round
}

async fn round(server: SocketAddr, pid: u32) -> anyhow::Result<Round> {
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

fn print(all: &[Rounds]) {
    type Figure = fn(&Round) -> f64;
    let figures: [(&str, Figure); 2] = [
        ("requests/s", |round| round.requests_per_s),
        ("requests per CPU second of the server", |round| {
            round.requests_per_cpu_s
        }),
    ];
    println!(
        "{CONNECTIONS} in flight, {} rounds: median (minimum to maximum)\n",
        all.len()
    );
    println!("| | mock | hyper, canned reply | mock to it | wiremock | mock to it |");
    println!("| --- | ---: | ---: | ---: | ---: | ---: |");
    for (name, figure) in figures {
        let of = |value: &dyn Fn(&Rounds) -> f64, digits| {
            let mut values: Vec<f64> = all.iter().map(value).collect();
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
            "| {name} | {} | {} | {} | {} | {} |",
            of(&|rounds| figure(&rounds.mock), 0),
            of(&|rounds| figure(&rounds.canned), 0),
            of(&|rounds| figure(&rounds.mock) / figure(&rounds.canned), 2),
            of(&|rounds| figure(&rounds.wiremock), 0),
            of(&|rounds| figure(&rounds.mock) / figure(&rounds.wiremock), 2)
        );
    }
}

fn scenario_path() -> anyhow::Result<PathBuf> {
    Ok(Layout::find(&std::env::current_dir()?)?.scenario("seed"))
}

/// Starts this program as another server.
async fn start(name: &str, cpus: Option<&CpuList>) -> anyhow::Result<(Child, SocketAddr)> {
    let mut child = Command::new(std::env::current_exe()?)
        .arg(name)
        .args(cpus.map(CpuList::to_string))
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let stdout = child.stdout.take().context("a server without output")?;
    let mut line = String::new();
    BufReader::new(stdout).read_line(&mut line).await?;
    let address = line
        .trim()
        .parse()
        .with_context(|| format!("{name} said {line:?}"))?;
    Ok((child, address))
}

/// Takes the processors that the server was told to use.
fn hold(arguments: &[String]) -> anyhow::Result<()> {
    if let Some(cpus) = arguments.get(1) {
        cpus.parse::<CpuList>()?.hold_this_process()?;
    }
    Ok(())
}

/// hyper, which reads a request and sends the mock's first reply, whatever was asked.
fn serve_canned() -> anyhow::Result<()> {
    let scenario = Scenario::load(&scenario_path()?)?;
    let requests = Requests::of_whole_runs(&scenario, Api::ChatCompletions, false);
    let answer = Responder::new(scenario).respond(Api::ChatCompletions, &requests.body(0))?;
    let Reply::Whole(reply) = answer.reply else {
        bail!("the reply is streamed")
    };
    let reply = Bytes::from(reply);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    LocalSet::new().block_on(&runtime, async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        announce(listener.local_addr()?)?;
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            let reply = reply.clone();
            tokio::task::spawn_local(async move {
                let service = service_fn(|request| canned(request, reply.clone()));
                let served = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
                // The client has gone.
                let _ended = served.await;
            });
        }
    })
}

async fn canned(
    request: Request<Incoming>,
    reply: Bytes,
) -> Result<Response<Full<Bytes>>, hyper::Error> {
    request.into_body().collect().await?;
    let mut response = Response::new(Full::new(reply));
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    Ok(response)
}

fn announce(address: SocketAddr) -> anyhow::Result<()> {
    println!("{address}");
    Ok(std::io::stdout().flush()?)
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
        announce(*server.address())?;
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
