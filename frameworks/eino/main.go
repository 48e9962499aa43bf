// Command eino is the agent loop of Eino: a ChatModelAgent with tools made by InferTool, run by a Runner.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/cloudwego/eino/adk"
	"github.com/cloudwego/eino/components/model"
	"github.com/cloudwego/eino/components/tool"
	"github.com/cloudwego/eino/compose"
	"github.com/cloudwego/eino/schema"

	"loopmark/runner"
	"loopmark/runner/tools"
)

func main() {
	runner.Main(runner.Runner{
		Package:    "github.com/cloudwego/eino",
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
	if hello.API != api {
		return nil, fmt.Errorf("this runner does not speak %s", hello.API)
	}
	if err := openTraces(hello.Tracing); err != nil {
		return nil, err
	}
	corpus, err := tools.LoadCorpus(hello.Scenario.Data)
	if err != nil {
		return nil, err
	}
	client, err := httpClient()
	if err != nil {
		return nil, err
	}
	return func() (runner.Agent, error) {
		model, err := newModel(hello, client)
		if err != nil {
			return nil, err
		}
		return newAgent(hello, corpus, model)
	}, nil
}

// httpClient gives nil, with which Eino makes its own, unless the variant asks for more idle connections.
func httpClient() (*http.Client, error) {
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
	return &http.Client{Transport: transport}, nil
}

func newAgent(hello *runner.Hello, corpus *tools.Corpus, model model.BaseModel[message]) (runner.Agent, error) {
	toolset, err := toolset(corpus, &hello.Scenario)
	if err != nil {
		return nil, err
	}
	offered, err := runner.Offered(&hello.Scenario, toolset)
	if err != nil {
		return nil, err
	}
	newChatModelAgent := func(
		name, description, instruction string, tools []tool.BaseTool,
	) (*adk.TypedChatModelAgent[message], error) {
		return adk.NewTypedChatModelAgent(context.Background(), &adk.TypedChatModelAgentConfig[message]{
			Name:          name,
			Description:   description,
			Instruction:   instruction,
			Model:         model,
			ToolsConfig:   adk.ToolsConfig{ToolsNodeConfig: compose.ToolsNodeConfig{Tools: tools}},
			MaxIterations: hello.Scenario.MaxTurns,
		})
	}
	if second := hello.Handoff; second != nil {
		agent, err := newChatModelAgent(second.Name, second.Description, second.Instructions, offered)
		if err != nil {
			return nil, err
		}
		offered = append(slices.Clone(offered), adk.NewTypedAgentTool(context.Background(), agent))
	}
	agent, err := newChatModelAgent("assistant", "An assistant with tools", hello.Scenario.Instructions, offered)
	if err != nil {
		return nil, err
	}
	assistant := adk.NewTypedRunner(adk.TypedRunnerConfig[message]{Agent: agent, EnableStreaming: hello.Stream})
	return func(ctx context.Context, prompt string) (string, error) {
		text, err := lastText(ctx, assistant.Query(ctx, prompt))
		if err == nil {
			err = ctx.Err()
		}
		if err != nil || hello.Output == nil {
			return text, err
		}
		return summaryOf(text)
	}, nil
}

// lastText reads the events of a run to their end.
func lastText(ctx context.Context, events *adk.AsyncIterator[*adk.TypedAgentEvent[message]]) (string, error) {
	text := ""
	for {
		event, ok := events.Next()
		if !ok {
			return text, nil
		}
		if event.Err != nil {
			return "", event.Err
		}
		if event.Output == nil || event.Output.MessageOutput == nil {
			continue
		}
		var err error
		if text, err = readText(ctx, event.Output.MessageOutput); err != nil {
			return "", err
		}
	}
}

// readText reads the text of a message, piece by piece if it is streamed.
func readText(ctx context.Context, output *adk.TypedMessageVariant[message]) (string, error) {
	if !output.IsStreaming {
		return textOf(output.Message), nil
	}
	defer output.MessageStream.Close()
	var text strings.Builder
	for {
		piece, err := output.MessageStream.Recv()
		if errors.Is(err, io.EOF) {
			return text.String(), nil
		}
		if err != nil {
			return "", err
		}
		said := textOf(piece)
		if said != "" && output.Role != schema.Tool {
			runner.TextSeen(ctx)
		}
		text.WriteString(said)
	}
}
