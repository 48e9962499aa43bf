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

/// One agent for all runs, or one for each.
pub(crate) enum Agents<A> {
    Shared(A),
    PerRun(Make<A>),
}

impl<A: Agent> Agents<A> {
    /// The shared agent is made here, so before any run; else each run makes its own.
    pub(crate) fn new(life: AgentLife, make: Make<A>) -> Result<Agents<A>, Error> {
        Ok(match life {
            AgentLife::Shared => Agents::Shared(make()?),
            AgentLife::PerRun => Agents::PerRun(make),
        })
    }

    /// One run, with the making of the agent and its end if it is the run's own.
    pub(crate) async fn run(&self, prompt: String) -> Result<String, Error> {
        match self {
            Agents::Shared(agent) => agent.run(prompt).await,
            Agents::PerRun(make) => {
                let agent = make()?;
                agent.run(prompt).await
            }
        }
    }
}
