//! The tools that a request offers, held against the scenario's.

use std::sync::Arc;

use loopmark_protocol::Tool;
use serde_json::Value;

use super::request::{Conversation, Offer, OfferedTool};
use super::words::Differences;
use crate::framework::{Addition, Omission};
use crate::mock::ledger::OtherWords;
use crate::scenario::Scenario;

/// A tool of the scenario, and the arguments that its schema must name.
#[derive(Debug)]
pub(super) struct WantedTool {
    name: String,
    description: String,
    arguments: Vec<WantedArgument>,
}

/// An argument of a tool.
#[derive(Debug)]
struct WantedArgument {
    name: String,
    description: String,
}

/// Tools that were looked into and are all offered.
#[derive(Debug, Clone)]
pub(super) struct KnownTools {
    /// As they came.
    pub text: Arc<str>,
    /// The place of the case that they were held against.
    pub case: usize,
    extra: Option<ExtraTool>,
    other_words: Option<Arc<[OtherWords]>>,
}

/// What is found of the tools that a request offers.
#[derive(Debug)]
pub(super) struct FoundTools {
    /// The first thing that is wrong, in one sentence.
    pub problem: Option<String>,
    /// Where their words are not the scenario's.
    pub other_words: Option<Arc<[OtherWords]>>,
    /// The first tool that is none of the scenario's.
    pub extra: Option<ExtraTool>,
}

/// A tool that is none of the scenario's: frameworks have the model give a structured answer by calling one.
#[derive(Debug, Clone)]
pub(super) struct ExtraTool {
    pub name: Arc<str>,
    /// Its arguments' names.
    pub arguments: Arc<[String]>,
    /// The names of those that take a text.
    pub texts: Arc<[String]>,
    /// The names of others that may be null.
    pub nulls: Arc<[String]>,
}

/// The tools that every request must offer, of each case.
pub(super) fn wanted(scenario: &Scenario) -> Vec<Vec<WantedTool>> {
    let wanted = |tool: Tool| WantedTool {
        arguments: wanted_arguments(&tool.parameters),
        name: tool.name,
        description: tool.description,
    };
    let cases = scenario.cases().iter();
    let tools = cases.map(|case| scenario.task(case).tools.into_iter().map(wanted));
    tools.map(Iterator::collect).collect()
}

fn wanted_arguments(parameters: &Value) -> Vec<WantedArgument> {
    let properties = parameters["properties"].as_object().into_iter().flatten();
    let arguments = properties.map(|(name, property)| WantedArgument {
        name: name.clone(),
        description: property["description"]
            .as_str()
            .unwrap_or_default()
            .to_owned(),
    });
    arguments.collect()
}

/// Looks into the tools that a request offers, unless their text is the known one.
pub(super) fn look_into(
    wanted: &[WantedTool],
    conversation: &Conversation,
    known: Option<&KnownTools>,
) -> FoundTools {
    let Offer::Read { tools, .. } = &conversation.tools else {
        return FoundTools {
            problem: None,
            other_words: known.and_then(|known| known.other_words.clone()),
            extra: known.and_then(|known| known.extra.clone()),
        };
    };
    let mut differences = Differences::default();
    for wanted in wanted {
        match offered(wanted, tools) {
            Ok(offered) => compare(wanted, offered, &mut differences),
            Err(problem) => {
                return FoundTools {
                    problem: Some(problem),
                    other_words: None,
                    extra: None,
                };
            }
        }
    }
    FoundTools {
        problem: None,
        other_words: differences.into_shared(),
        extra: extra(wanted, tools),
    }
}

/// Whether an argument of this name is for the name of an agent.
pub(super) fn is_for_agent(argument: &str) -> bool {
    let words = ["agent", "coworker", "member"];
    words.iter().any(|word| argument.contains(word))
}

/// A framework may offer several tools of its own: one that takes the name of an agent goes before the others.
fn extra(wanted: &[WantedTool], tools: &[OfferedTool]) -> Option<ExtraTool> {
    let is_wanted = |name: &str| wanted.iter().any(|wanted| wanted.name == name);
    let of_framework = || tools.iter().filter(|offered| !is_wanted(&offered.name));
    let to_agents = of_framework().find(|offered| offered.argument_names().any(is_for_agent));
    let extra = to_agents.or_else(|| of_framework().next())?;
    let [texts, nulls] = extra.texts_and_nulls();
    Some(ExtraTool {
        name: (&*extra.name).into(),
        arguments: extra.argument_names().map(str::to_owned).collect(),
        texts: texts.map(str::to_owned).collect(),
        nulls: nulls.map(str::to_owned).collect(),
    })
}

/// What to remember of tools that were read and are all offered.
pub(super) fn to_know(
    found: &FoundTools,
    conversation: &Conversation,
    case: usize,
) -> Option<KnownTools> {
    match conversation.tools {
        Offer::Read {
            text: Some(text), ..
        } if found.problem.is_none() => Some(KnownTools {
            text: text.into(),
            case,
            extra: found.extra.clone(),
            other_words: found.other_words.clone(),
        }),
        _ => None,
    }
}

/// The tool as the request offers it, with all of its arguments; else a sentence.
fn offered<'a, 'b>(
    wanted: &WantedTool,
    tools: &'a [OfferedTool<'b>],
) -> Result<&'a OfferedTool<'b>, String> {
    let WantedTool {
        name, arguments, ..
    } = wanted;
    let Some(offered) = tools.iter().find(|offered| &*offered.name == name) else {
        return Err(format!("the tool {name} is not offered"));
    };
    let missing = arguments
        .iter()
        .find(|wanted| offered.argument(&wanted.name).is_none());
    match missing {
        None => Ok(offered),
        Some(missing) => Err(format!(
            "the tool {name} is offered without its argument `{}`",
            missing.name
        )),
    }
}

/// Compares what a tool and its arguments are for.
fn compare(wanted: &WantedTool, offered: &OfferedTool, differences: &mut Differences) {
    let WantedTool {
        name,
        description: want,
        arguments,
    } = wanted;
    let came = offered.description.as_deref().unwrap_or_default();
    if came != want {
        let what = format!("the description of {name}");
        differences.less(&what, came, want, Omission::ToolDescriptions);
        differences.more(&what, came, want, Addition::ToolDescriptions);
    }
    for argument in arguments {
        let want = &argument.description;
        let offered = offered.argument(&argument.name);
        let came = offered.and_then(|offered| offered.description.as_deref());
        let came = came.unwrap_or_default();
        if came != want {
            let what = format!(
                "the description of the argument `{}` of {name}",
                argument.name
            );
            differences.less(&what, came, want, Omission::ArgumentDescriptions);
            differences.more(&what, came, want, Addition::ArgumentDescriptions);
        }
    }
}
