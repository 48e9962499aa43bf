// Command trpc-agent-go is the agent loop of tRPC-Agent-Go: an LLMAgent with function tools, run by a Runner.
package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"sync/atomic"

	"trpc.group/trpc-go/trpc-agent-go/agent"
	"trpc.group/trpc-go/trpc-agent-go/agent/llmagent"
	"trpc.group/trpc-go/trpc-agent-go/event"
	"trpc.group/trpc-go/trpc-agent-go/model"
	"trpc.group/trpc-go/trpc-agent-go/model/openai"
	agentrunner "trpc.group/trpc-go/trpc-agent-go/runner"

	"loopmark/runner"
	"loopmark/runner/tools"
)

func main() {
	runner.Main(runner.Runner{
		Package:    "trpc.group/trpc-go/trpc-agent-go",
		HTTPClient: "net/http",
		Offers: []runner.Feature{
			runner.Streaming, runner.AgentPerRun, runner.Cancellation, runner.Heartbeat, runner.SyntheticTools,
			runner.ManyTools, runner.HoldAgents, runner.StructuredOutput, runner.Tracing, runner.Handoff,
		},
		Build: build,
		Close: func() error { return closeTraces() },
	})
}

func build(hello *runner.Hello) (runner.NewAgent, error) {
	if hello.API != runner.ChatCompletions {
		return nil, fmt.Errorf("this runner does not speak %s", hello.API)
	}
	if err := openTraces(hello.Tracing); err != nil {
		return nil, err
	}
	corpus, err := tools.LoadCorpus(hello.Scenario.Data)
	if err != nil {
		return nil, err
	}
	model, err := newModel(hello)
	if err != nil {
		return nil, err
	}
	return func() (runner.Agent, error) { return newAgent(hello, corpus, model) }, nil
}

func newModel(hello *runner.Hello) (model.Model, error) {
	options := []openai.Option{openai.WithBaseURL(hello.BaseURL), openai.WithAPIKey("made-up")}
	if asked, isAsked := os.LookupEnv("MAX_IDLE_CONNS_PER_HOST"); isAsked {
		connections, err := strconv.Atoi(asked)
		if err != nil {
			return nil, err
		}
		transport := http.DefaultTransport.(*http.Transport).Clone()
		transport.MaxIdleConns = connections
		transport.MaxIdleConnsPerHost = connections
		options = append(options, openai.WithHTTPClientOptions(openai.WithHTTPClientTransport(transport)))
	}
	return openai.New(hello.Model, options...), nil
}

func newAgent(hello *runner.Hello, corpus *tools.Corpus, languageModel model.Model) (runner.Agent, error) {
	offered, err := runner.Offered(&hello.Scenario, toolset(corpus, &hello.Scenario))
	if err != nil {
		return nil, err
	}
	_, runsToolsAtOnce := os.LookupEnv("PARALLEL_TOOLS")
	newLLMAgent := func(name, instruction string, more ...llmagent.Option) agent.Agent {
		options := []llmagent.Option{
			llmagent.WithModel(languageModel),
			llmagent.WithInstruction(instruction),
			llmagent.WithTools(offered),
			llmagent.WithGenerationConfig(model.GenerationConfig{Stream: hello.Stream}),
		}
		if runsToolsAtOnce {
			options = append(options, llmagent.WithEnableParallelTools(true))
		}
		return llmagent.New(name, append(options, more...)...)
	}
	var more []llmagent.Option
	if second := hello.Handoff; second != nil {
		secondAgent := newLLMAgent(second.Name, second.Instructions, llmagent.WithDescription(second.Description))
		more = append(more, llmagent.WithSubAgents([]agent.Agent{secondAgent}))
	}
	if hello.Output != nil {
		more = append(more, llmagent.WithStructuredOutputJSON(new(summary), true, ""))
	}
	assistant := newLLMAgent("assistant", hello.Scenario.Instructions, more...)
	appRunner := agentrunner.NewRunner("loopmark", assistant)
	var sessions atomic.Uint64
	return func(ctx context.Context, prompt string) (string, error) {
		// A session is a conversation, so each run has its own.
		session := strconv.FormatUint(sessions.Add(1), 10)
		events, err := appRunner.Run(ctx, "user", session, model.NewUserMessage(prompt))
		if err != nil {
			return "", err
		}
		text, object, err := lastAnswer(ctx, events)
		if err == nil {
			err = ctx.Err()
		}
		if err != nil || hello.Output == nil {
			return text, err
		}
		if object == nil {
			return "", errors.New("the answer does not fit the schema: " + text)
		}
		return runner.AsAnswer(object)
	}, nil
}

// lastAnswer reads the events of a run to their end, as the documentation asks for.
func lastAnswer(ctx context.Context, events <-chan *event.Event) (text string, object any, err error) {
	for event := range events {
		if event.StructuredOutput != nil {
			object = event.StructuredOutput
		}
		if event.Error != nil && err == nil {
			err = fmt.Errorf("%s: %s", event.Error.Type, event.Error.Message)
		}
		if event.Response == nil || len(event.Choices) == 0 {
			continue
		}
		choice := event.Choices[0]
		if event.IsPartial {
			if choice.Delta.Content != "" {
				runner.TextSeen(ctx)
			}
			continue
		}
		if choice.Message.Role == model.RoleAssistant && choice.Message.Content != "" {
			text = choice.Message.Content
		}
	}
	return text, object, err
}
