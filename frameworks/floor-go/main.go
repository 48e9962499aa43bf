// Command floor-go is the floor of Go: the agent loop by hand, Chat Completions over net/http.
package main

import (
	"context"
	"encoding/json"
	"errors"
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
		},
		Build: build,
	})
}

// function is a tool: the arguments as the model wrote them, and what becomes JSON.
type function func(ctx context.Context, arguments []byte) (any, error)

type agent struct {
	chat      *chat
	task      *runner.Task
	functions map[string]function
}

func build(hello *runner.Hello) (runner.NewAgent, error) {
	if hello.API != runner.ChatCompletions {
		return nil, fmt.Errorf("this floor does not speak %s", hello.API)
	}
	corpus, err := tools.LoadCorpus(hello.Scenario.Data)
	if err != nil {
		return nil, err
	}
	client := newClient()
	return func() (runner.Agent, error) {
		functions := functions(corpus)
		if _, err := runner.Offered(&hello.Scenario, functions); err != nil {
			return nil, err
		}
		agent := &agent{chat: newChat(client, hello), task: &hello.Scenario, functions: functions}
		return agent.run, nil
	}, nil
}

func (a *agent) run(ctx context.Context, prompt string) (string, error) {
	messages := []message{textMessage("system", a.task.Instructions), textMessage("user", prompt)}
	for range a.task.MaxTurns {
		reply, err := a.chat.complete(ctx, messages)
		if err != nil {
			return "", err
		}
		if len(reply.ToolCalls) == 0 {
			if reply.Content == nil {
				return "", errors.New("the final message has no content")
			}
			return *reply.Content, nil
		}
		messages = append(messages, reply)
		for _, call := range reply.ToolCalls {
			result := textMessage("tool", a.call(ctx, call.Function))
			result.ToolCallID = call.ID
			messages = append(messages, result)
		}
	}
	return "", fmt.Errorf("no answer after %d turns", a.task.MaxTurns)
}

// call gives what the model is told of a call: the result as JSON, or why there is none.
func (a *agent) call(ctx context.Context, call functionCall) string {
	function, ok := a.functions[call.Name]
	if !ok {
		return "error: no tool " + call.Name
	}
	result, err := function(ctx, []byte(call.Arguments))
	if err != nil {
		return "error: " + err.Error()
	}
	text, err := json.Marshal(result)
	if err != nil {
		return "error: " + err.Error()
	}
	return string(text)
}

// functions are the tools of this floor by name.
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
