//! Where the runs get their agent from.

use loopmark_protocol::AgentLife;

use crate::Error;

/// A framework's agent.
pub trait Agent: Send + Sync + 'static {
    /// One run: the whole agent loop on a fresh conversation, from the prompt to the final answer.
    ///
    /// The future is dropped when the batch cancels the run.
    fn run(&self, prompt: String) -> impl Future<Output = Result<String, Error>> + Send;
}

/// Makes an agent on what all agents share (the HTTP client, the tools' data).
pub type Make<A> = Box<dyn Fn() -> Result<A, Error> + Send + Sync>;

/// The agents that all runs share, or one for each run.
pub(crate) enum Agents<A> {
    /// One or more.
    Held(Vec<A>),
    PerRun(Make<A>),
}

impl<A: Agent> Agents<A> {
    /// The `held` agents that all runs share are made here, so before any run; else each run makes its own.
    pub(crate) fn new(life: AgentLife, held: u32, make: Make<A>) -> Result<Agents<A>, Error> {
        Ok(match life {
            AgentLife::Shared => {
                let agents = (0..held.max(1)).map(|_| make());
                Agents::Held(agents.collect::<Result<Vec<A>, Error>>()?)
            }
            AgentLife::PerRun => Agents::PerRun(make),
        })
    }

    /// Run number `run`, with the making of the agent and its end if it is the run's own.
    pub(crate) async fn run(&self, run: u64, prompt: String) -> Result<String, Error> {
        match self {
            Agents::Held(agents) => {
                let place = (run % agents.len().max(1) as u64) as usize;
                match agents.get(place) {
                    Some(agent) => agent.run(prompt).await,
                    None => Err("no agent was made".into()),
                }
            }
            Agents::PerRun(make) => {
                let agent = make()?;
                agent.run(prompt).await
            }
        }
    }
}
