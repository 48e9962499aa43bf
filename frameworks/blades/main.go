// Command blades is the agent loop of Blades: an agent on its OpenAI model, with tools made by NewFunc, run by a
// Runner.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strconv"

	"github.com/go-kratos/blades"
	"github.com/go-kratos/blades/contrib/openai"
	bladestools "github.com/go-kratos/blades/tools"
	"github.com/google/jsonschema-go/jsonschema"
	"github.com/openai/openai-go/v3/option"

	"loopmark/runner"
	"loopmark/runner/tools"
)

func main() {
	runner.Main(runner.Runner{
		Package:    "github.com/go-kratos/blades",
		HTTPClient: "net/http",
		Offers: []runner.Feature{
			runner.Streaming, runner.AgentPerRun, runner.Cancellation, runner.Heartbeat, runner.SyntheticTools,
			runner.ManyTools, runner.HoldAgents, runner.StructuredOutput, runner.Handoff,
		},
		Build: build,
	})
}

func build(hello *runner.Hello) (runner.NewAgent, error) {
	if hello.API != runner.ChatCompletions {
		return nil, fmt.Errorf("this runner does not speak %s", hello.API)
	}
	corpus, err := tools.LoadCorpus(hello.Scenario.Data)
	if err != nil {
		return nil, err
	}
	options, err := requestOptions()
	if err != nil {
		return nil, err
	}
	model := openai.NewModel(hello.Model, openai.Config{
		BaseURL:        hello.BaseURL,
		APIKey:         "made-up",
		RequestOptions: options,
	})
	return func() (runner.Agent, error) { return newAssistant(hello, corpus, model) }, nil
}

// requestOptions gives none, with which the SDK has its own HTTP client, unless the variant asks for more idle
// connections.
func requestOptions() ([]option.RequestOption, error) {
	asked, isAsked := os.LookupEnv("MAX_IDLE_CONNS_PER_HOST")
	if !isAsked {
		return nil, nil
	}
	connections, err := strconv.Atoi(asked)
	if err != nil {
		return nil, err
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConns = connections
	transport.MaxIdleConnsPerHost = connections
	return []option.RequestOption{option.WithHTTPClient(&http.Client{Transport: transport})}, nil
}

// newAssistant makes the agent, with the one that it hands over to as a tool.
func newAssistant(hello *runner.Hello, corpus *tools.Corpus, model blades.ModelProvider) (runner.Agent, error) {
	toolset, err := toolset(corpus, &hello.Scenario)
	if err != nil {
		return nil, err
	}
	offered, err := runner.Offered(&hello.Scenario, toolset)
	if err != nil {
		return nil, err
	}
	if second := hello.Handoff; second != nil {
		agent, err := newAgent(hello, model, second.Name, second.Instructions, offered)
		if err != nil {
			return nil, err
		}
		handOver, err := bladestools.NewFunc(second.Name, second.Description,
			func(ctx context.Context, in job) (string, error) { return agent(ctx, in.Task) })
		if err != nil {
			return nil, err
		}
		offered = append(slices.Clone(offered), handOver)
	}
	return newAgent(hello, model, "assistant", hello.Scenario.Instructions, offered)
}

func newAgent(
	hello *runner.Hello, model blades.ModelProvider, name, instruction string, offered []bladestools.Tool,
) (runner.Agent, error) {
	options := []blades.AgentOption{
		blades.WithModel(model),
		blades.WithInstruction(instruction),
		blades.WithTools(offered...),
		blades.WithMaxIterations(hello.Scenario.MaxTurns),
	}
	if hello.Output != nil {
		schema, err := jsonschema.For[summary](nil)
		if err != nil {
			return nil, err
		}
		schema.Title = hello.Output.Name
		options = append(options, blades.WithOutputSchema(schema))
	}
	agent, err := blades.NewAgent(name, options...)
	if err != nil {
		return nil, err
	}
	assistant := blades.NewRunner(agent)
	run := whole
	if hello.Stream {
		run = streamed
	}
	return func(ctx context.Context, prompt string) (string, error) {
		text, err := run(ctx, assistant, prompt)
		if err != nil || hello.Output == nil {
			return text, err
		}
		return summaryOf(text)
	}, nil
}

func whole(ctx context.Context, assistant *blades.Runner, prompt string) (string, error) {
	output, err := assistant.Run(ctx, blades.UserMessage(prompt))
	if err != nil {
		return "", err
	}
	return output.Text(), nil
}

// streamed reads the pieces of a run, after which each reply comes as a whole.
func streamed(ctx context.Context, assistant *blades.Runner, prompt string) (string, error) {
	text := ""
	for message, err := range assistant.RunStream(ctx, blades.UserMessage(prompt)) {
		if err != nil {
			return "", err
		}
		if message.Role != blades.RoleAssistant {
			continue
		}
		said := message.Text()
		if said != "" {
			runner.TextSeen(ctx)
		}
		if message.Status == blades.StatusCompleted {
			text = said
		}
	}
	return text, nil
}

// summary is what the hello asks for as the answer, where it asks for a structure.
type summary struct {
	Title  string   `json:"title"`
	Words  int      `json:"words"`
	Topics []string `json:"topics"`
}

// summaryOf reads the last message of a run; the framework has only its text.
func summaryOf(text string) (string, error) {
	var summary summary
	if err := json.Unmarshal([]byte(text), &summary); err != nil {
		return "", err
	}
	return runner.AsAnswer(summary)
}
