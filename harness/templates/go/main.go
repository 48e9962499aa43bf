// Command @name@ is the agent loop of @name@.
package main

import (
	"context"
	"encoding/json"
	"errors"

	"loopmark/runner"
	"loopmark/runner/tools"
)

func main() {
	runner.Main(runner.Runner{
		// FILL IN: the modules of the framework and of its HTTP client; their versions are read from the program.
		Package:    "net/http",
		HTTPClient: "net/http",
		// runner.Streaming too, once the agent does what hello.Stream asks for.
		Offers: []runner.Feature{
			runner.AgentPerRun, runner.Cancellation, runner.Heartbeat, runner.SyntheticTools,
		},
		Build: build,
	})
}

// build makes what all agents share, and gives what makes an agent.
func build(hello *runner.Hello) (runner.NewAgent, error) {
	corpus, err := tools.LoadCorpus(hello.Scenario.Data)
	if err != nil {
		return nil, err
	}
	functions, err := runner.Offered(&hello.Scenario, functions(corpus))
	if err != nil {
		return nil, err
	}
	// >>> FILL IN: the framework's client and model, from hello.BaseURL, hello.API and hello.Model, and the agent with
	// hello.Scenario.Instructions, hello.Scenario.Tools and functions, which are in the order of those.
	_ = functions
	return func() (runner.Agent, error) {
		return func(_ context.Context, _ string) (string, error) {
			return "", errors.New("the agent is not written yet: fill in main.go")
		}, nil
	}, nil
	// <<<
}

// function is a tool: the arguments as the model wrote them, and what becomes JSON.
type function func(ctx context.Context, arguments []byte) (any, error)

// functions are the tools of the scenarios by name; a framework's own way to declare a tool goes here.
func functions(corpus *tools.Corpus) map[string]function {
	return map[string]function{
		"search_papers": with(func(_ context.Context, search struct {
			Query string
			Limit int
		}) (any, error) {
			return corpus.SearchPapers(search.Query, search.Limit), nil
		}),
		"read_paper": with(func(_ context.Context, read struct{ ID string }) (any, error) {
			return corpus.ReadPaper(read.ID)
		}),
		"word_count": with(func(_ context.Context, count struct{ Text string }) (any, error) {
			return tools.WordCount(count.Text), nil
		}),
		"wait": with(func(ctx context.Context, wait struct{ Ms int }) (any, error) {
			return tools.Wait(ctx, wait.Ms)
		}),
		"block": with(func(_ context.Context, block struct{ Ms int }) (any, error) {
			return tools.Block(block.Ms), nil
		}),
		"compute": with(func(_ context.Context, compute struct{ Ms int }) (any, error) {
			return tools.Compute(compute.Ms), nil
		}),
		"payload": with(func(_ context.Context, payload struct{ Bytes int }) (any, error) {
			return tools.Payload(payload.Bytes), nil
		}),
		"fail": with(func(_ context.Context, fail struct{ Message string }) (any, error) {
			return nil, tools.Fail(fail.Message)
		}),
	}
}

// with decodes the arguments of a function.
func with[Arguments any](call func(context.Context, Arguments) (any, error)) function {
	return func(ctx context.Context, text []byte) (any, error) {
		var arguments Arguments
		if err := json.Unmarshal(text, &arguments); err != nil {
			return nil, err
		}
		return call(ctx, arguments)
	}
}
