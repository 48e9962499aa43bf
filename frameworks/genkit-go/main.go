// Command genkit-go is the agent loop of Genkit for Go: Generate with tools made by DefineTool, on the plugin for
// servers that are compatible with OpenAI's.
package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strconv"

	"github.com/firebase/genkit/go/ai"
	agents "github.com/firebase/genkit/go/ai/exp"
	"github.com/firebase/genkit/go/genkit"
	genkitagents "github.com/firebase/genkit/go/genkit/exp"
	"github.com/firebase/genkit/go/plugins/compat_oai"
	middleware "github.com/firebase/genkit/go/plugins/middleware/exp"
	"github.com/openai/openai-go/option"

	"loopmark/runner"
	"loopmark/runner/tools"
)

// provider is the prefix of the plugin's models.
const provider = "loopmark"

func main() {
	runner.Main(runner.Runner{
		Package:    "github.com/firebase/genkit/go",
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
	g, err := newGenkit(hello)
	if err != nil {
		return nil, err
	}
	options, err := generateOptions(hello, g, toolset(g, corpus, &hello.Scenario))
	if err != nil {
		return nil, err
	}
	return func() (runner.Agent, error) { return newAgent(hello, g, options), nil }, nil
}

// newGenkit makes the instance that has the tools and the plugin's client. What hands over is experimental, and has to
// be asked for.
func newGenkit(hello *runner.Hello) (*genkit.Genkit, error) {
	plugin := &compat_oai.OpenAICompatible{Provider: provider, BaseURL: hello.BaseURL, APIKey: "made-up"}
	if asked, isAsked := os.LookupEnv("MAX_IDLE_CONNS_PER_HOST"); isAsked {
		connections, err := strconv.Atoi(asked)
		if err != nil {
			return nil, err
		}
		transport := http.DefaultTransport.(*http.Transport).Clone()
		transport.MaxIdleConns = connections
		transport.MaxIdleConnsPerHost = connections
		plugin.Opts = []option.RequestOption{option.WithHTTPClient(&http.Client{Transport: transport})}
	}
	options := []genkit.GenkitOption{genkit.WithPlugins(plugin)}
	if hello.Handoff != nil {
		options = append(options, genkit.WithExperimental())
	}
	return genkit.Init(context.Background(), options...), nil
}

// generateOptions is what all runs share. Genkit has no agent object outside of its experimental packages.
func generateOptions(
	hello *runner.Hello, g *genkit.Genkit, toolset map[string]ai.ToolRef,
) ([]ai.GenerateOption, error) {
	offered, err := runner.Offered(&hello.Scenario, toolset)
	if err != nil {
		return nil, err
	}
	model := ai.WithModelName(provider + "/" + hello.Model)
	withTools := ai.WithTools(offered...)
	maxTurns := ai.WithMaxTurns(hello.Scenario.MaxTurns)
	options := []ai.GenerateOption{model, ai.WithSystem(hello.Scenario.Instructions), withTools, maxTurns}
	if second := hello.Handoff; second != nil {
		agent := genkitagents.DefineAgent(g, second.Name,
			agents.InlinePrompt{model, ai.WithSystem(second.Instructions), withTools, maxTurns},
			agents.WithDescription[any](second.Description),
		)
		options = append(options, ai.WithUse(&middleware.Agents{Agents: []agents.AgentRef{agent.Ref()}}))
	}
	return options, nil
}

func newAgent(hello *runner.Hello, g *genkit.Genkit, options []ai.GenerateOption) runner.Agent {
	run := whole
	switch {
	case hello.Output != nil:
		run = structured
	case hello.Stream:
		run = streamed
	}
	return func(ctx context.Context, prompt string) (string, error) {
		return run(ctx, g, append(slices.Clone(options), ai.WithPrompt(prompt)))
	}
}

func whole(ctx context.Context, g *genkit.Genkit, options []ai.GenerateOption) (string, error) {
	return genkit.GenerateText(ctx, g, options...)
}

// streamed reads the pieces of a run, after which the last reply comes as a whole.
func streamed(ctx context.Context, g *genkit.Genkit, options []ai.GenerateOption) (string, error) {
	for value, err := range genkit.GenerateStream(ctx, g, options...) {
		if err != nil {
			return "", err
		}
		if value.Done {
			return value.Response.Text(), nil
		}
		if value.Chunk.Role == ai.RoleModel && value.Chunk.Text() != "" {
			runner.TextSeen(ctx)
		}
	}
	return "", errors.New("the stream ended without a response")
}

// summary is what the hello asks for as the answer, where it asks for a structure.
type summary struct {
	Title  string   `json:"title"`
	Words  int      `json:"words"`
	Topics []string `json:"topics"`
}

func structured(ctx context.Context, g *genkit.Genkit, options []ai.GenerateOption) (string, error) {
	summary, _, err := genkit.GenerateData[summary](ctx, g, options...)
	if err != nil {
		return "", err
	}
	return runner.AsAnswer(summary)
}
