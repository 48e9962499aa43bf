// Command openai-go is the agent loop by hand on OpenAI's SDK for Go, over Chat Completions or Responses.
package main

import (
	"fmt"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"

	"loopmark/runner"
	"loopmark/runner/tools"
)

func main() {
	runner.Main(runner.Runner{
		Package:    "github.com/openai/openai-go/v3",
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
	client  openai.Client
	model   string
	stream  bool
	output  *runner.Output
	task    *runner.Task
	toolbox toolbox
}

type newLoop func(agent) (runner.Agent, error)

func build(hello *runner.Hello) (runner.NewAgent, error) {
	corpus, err := tools.LoadCorpus(hello.Scenario.Data)
	if err != nil {
		return nil, err
	}
	client, err := newClient(hello.BaseURL)
	if err != nil {
		return nil, err
	}
	newLoop, err := loopOver(hello.API)
	if err != nil {
		return nil, err
	}
	return func() (runner.Agent, error) {
		toolbox := newToolbox(corpus, &hello.Scenario)
		if _, err := runner.Offered(&hello.Scenario, toolbox); err != nil {
			return nil, err
		}
		agent := agent{
			client: client, model: hello.Model, stream: hello.Stream, output: hello.Output, task: &hello.Scenario,
			toolbox: toolbox,
		}
		if second := hello.Handoff; second != nil {
			var err error
			if agent, err = withSecondAgent(agent, second, newLoop); err != nil {
				return nil, err
			}
		}
		return newLoop(agent)
	}, nil
}

func loopOver(api string) (newLoop, error) {
	switch api {
	case runner.ChatCompletions:
		return newChat, nil
	case runner.Responses:
		return newResponses, nil
	default:
		return nil, fmt.Errorf("this runner does not speak %s", api)
	}
}

// newClient makes the client that all runs share, with the SDK's own HTTP client unless the variant asks for more idle
// connections.
func newClient(baseURL string) (openai.Client, error) {
	options := []option.RequestOption{option.WithBaseURL(baseURL), option.WithAPIKey("made-up")}
	if asked, isAsked := os.LookupEnv("MAX_IDLE_CONNS_PER_HOST"); isAsked {
		connections, err := strconv.Atoi(asked)
		if err != nil {
			return openai.Client{}, err
		}
		transport := http.DefaultTransport.(*http.Transport).Clone()
		transport.ResponseHeaderTimeout = 10 * time.Minute // as in the SDK's own
		transport.MaxIdleConns = connections
		transport.MaxIdleConnsPerHost = connections
		options = append(options, option.WithHTTPClient(&http.Client{Transport: transport}))
	}
	return openai.NewClient(options...), nil
}
