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
			runner.ManyTools, runner.HoldAgents, runner.StructuredOutput,
		},
		Build: build,
	})
}

// agent is what the loops over both APIs have in common.
type agent struct {
	server  server
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
	client := newClient()
	return func() (runner.Agent, error) {
		toolbox := newToolbox(corpus, &hello.Scenario)
		if _, err := runner.Offered(&hello.Scenario, toolbox); err != nil {
			return nil, err
		}
		agent := agent{
			model: hello.Model, stream: hello.Stream, output: hello.Output, task: &hello.Scenario, toolbox: toolbox,
		}
		switch hello.API {
		case runner.ChatCompletions:
			agent.server = server{client, hello.BaseURL + "/chat/completions"}
			return newChat(agent).run, nil
		case runner.Responses:
			agent.server = server{client, hello.BaseURL + "/responses"}
			return newResponses(agent).run, nil
		default:
			return nil, fmt.Errorf("this floor does not speak %s", hello.API)
		}
	}, nil
}
