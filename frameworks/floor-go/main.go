// Command floor-go is the floor of Go: the agent loop by hand over net/http, on Chat Completions or Responses.
package main

import (
	"fmt"

	"loopmark/runner"
	"loopmark/runner/tools"
)

func main() {
	runner.Main(runner.Runner{
		Package:    "net/http",
		HTTPClient: "net/http",
		Offers: []runner.Feature{
			runner.Streaming, runner.AgentPerRun, runner.Cancellation, runner.Heartbeat, runner.SyntheticTools,
			runner.ManyTools, runner.HoldAgents, runner.StructuredOutput, runner.Handoff,
		},
		Build: build,
	})
}

// agent is what the loops over both APIs have in common.
type agent struct {
	model   string
	stream  bool
	output  *runner.Output
	task    *runner.Task
	toolbox toolbox
}

func build(hello *runner.Hello) (runner.NewAgent, error) {
	corpus, err := tools.LoadCorpus(hello.Scenario.Data)
	if err != nil {
		return nil, err
	}
	newLoop, err := loopOf(hello)
	if err != nil {
		return nil, err
	}
	return func() (runner.Agent, error) {
		toolbox := newToolbox(corpus, &hello.Scenario)
		if _, err := runner.Offered(&hello.Scenario, toolbox); err != nil {
			return nil, err
		}
		agent := agent{
			model: hello.Model, stream: hello.Stream, output: hello.Output, task: &hello.Scenario, toolbox: toolbox,
		}
		if second := hello.Handoff; second != nil {
			agent = withSecondAgent(agent, second, newLoop)
		}
		return newLoop(agent), nil
	}, nil
}

// loopOf gives what makes the loop of an agent over the API that the hello asks for.
func loopOf(hello *runner.Hello) (func(agent) runner.Agent, error) {
	client := newClient()
	switch hello.API {
	case runner.ChatCompletions:
		server := server{client, hello.BaseURL + "/chat/completions"}
		return func(agent agent) runner.Agent { return newChat(server, agent).run }, nil
	case runner.Responses:
		server := server{client, hello.BaseURL + "/responses"}
		return func(agent agent) runner.Agent { return newResponses(server, agent).run }, nil
	default:
		return nil, fmt.Errorf("this floor does not speak %s", hello.API)
	}
}
