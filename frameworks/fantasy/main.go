// Command fantasy is the agent loop of Fantasy: an Agent on the OpenAI provider with tools made by NewAgentTool.
package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"time"

	"charm.land/fantasy"
	"charm.land/fantasy/providers/openai"

	"loopmark/runner"
	"loopmark/runner/tools"
)

func main() {
	runner.Main(runner.Runner{
		Package:    "charm.land/fantasy",
		HTTPClient: "net/http",
		Offers: []runner.Feature{
			runner.Streaming, runner.AgentPerRun, runner.Cancellation, runner.Heartbeat, runner.SyntheticTools,
			runner.ManyTools, runner.HoldAgents,
		},
		Build: build,
	})
}

func build(hello *runner.Hello) (runner.NewAgent, error) {
	corpus, err := tools.LoadCorpus(hello.Scenario.Data)
	if err != nil {
		return nil, err
	}
	options, err := providerOptions(hello)
	if err != nil {
		return nil, err
	}
	provider, err := openai.New(options...)
	if err != nil {
		return nil, err
	}
	model, err := provider.LanguageModel(context.Background(), hello.Model)
	if err != nil {
		return nil, err
	}
	_, runsToolsAtOnce := os.LookupEnv("PARALLEL_TOOLS")
	return func() (runner.Agent, error) {
		toolset := toolset(corpus, &hello.Scenario, runsToolsAtOnce)
		offered, err := runner.Offered(&hello.Scenario, toolset)
		if err != nil {
			return nil, err
		}
		agent := fantasy.NewAgent(
			model,
			fantasy.WithSystemPrompt(hello.Scenario.Instructions),
			fantasy.WithTools(offered...),
		)
		if hello.Stream || runsToolsAtOnce {
			return streamed(agent), nil
		}
		return generated(agent), nil
	}, nil
}

func providerOptions(hello *runner.Hello) ([]openai.Option, error) {
	options := []openai.Option{openai.WithBaseURL(hello.BaseURL), openai.WithAPIKey("made-up")}
	switch hello.API {
	case runner.ChatCompletions:
	case runner.Responses:
		options = append(options, openai.WithUseResponsesAPI())
	default:
		return nil, fmt.Errorf("this runner does not speak %s", hello.API)
	}
	asked, isAsked := os.LookupEnv("MAX_IDLE_CONNS_PER_HOST")
	if !isAsked {
		return options, nil
	}
	connections, err := strconv.Atoi(asked)
	if err != nil {
		return nil, err
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.ResponseHeaderTimeout = 10 * time.Minute // as in the client that it replaces
	transport.MaxIdleConns = connections
	transport.MaxIdleConnsPerHost = connections
	return append(options, openai.WithHTTPClient(&http.Client{Transport: transport})), nil
}

func generated(agent fantasy.Agent) runner.Agent {
	return func(ctx context.Context, prompt string) (string, error) {
		result, err := agent.Generate(ctx, fantasy.AgentCall{Prompt: prompt})
		if err != nil {
			return "", err
		}
		return result.Response.Content.Text(), nil
	}
}

func streamed(agent fantasy.Agent) runner.Agent {
	return func(ctx context.Context, prompt string) (string, error) {
		result, err := agent.Stream(ctx, fantasy.AgentStreamCall{
			Prompt: prompt,
			OnTextDelta: func(_, text string) error {
				if text != "" {
					runner.TextSeen(ctx)
				}
				return nil
			},
		})
		if err != nil {
			return "", err
		}
		return result.Response.Content.Text(), nil
	}
}
