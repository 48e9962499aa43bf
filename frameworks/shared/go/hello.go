package runner

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

const protocolVersion = 1

// The APIs that a hello may ask for.
const (
	ChatCompletions = "chat-completions"
	Responses       = "responses"
)

const perRun = "per-run"

var syntheticTools = []string{"wait", "block", "compute", "payload", "fail"}

// Hello says where the model is and what the agent is to do.
type Hello struct {
	Protocol int `json:"protocol"`
	// BaseURL has /v1 and no trailing slash.
	BaseURL string `json:"base_url"`
	// API is ChatCompletions or Responses.
	API   string `json:"api"`
	Model string `json:"model"`
	// Stream asks for streamed replies; without it the agent does what its framework does as shipped.
	Stream bool `json:"stream"`
	// Agent is "per-run", or "shared" or empty for one agent that does all runs.
	Agent    string `json:"agent"`
	Scenario Task   `json:"scenario"`
}

// Task is what a runner needs of a scenario.
type Task struct {
	Name         string `json:"name"`
	Instructions string `json:"instructions"`
	Prompt       string `json:"prompt"`
	Tools        []Tool `json:"tools"`
	// Data names data sets and the files that hold them.
	Data map[string]string `json:"data"`
	// MaxTurns is a turn limit that the script stays well below.
	MaxTurns int `json:"max_turns"`
}

// Tool is a tool as the model is told of it.
type Tool struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	// Parameters is the JSON schema of the arguments.
	Parameters json.RawMessage `json:"parameters"`
}

// promptFor gives the prompt of one run.
func (t *Task) promptFor(run uint64) string {
	return strings.ReplaceAll(t.Prompt, "{run}", strconv.FormatUint(run, 10))
}

// Offered picks those of the runner's tools that the scenario offers, in the scenario's order.
func Offered[T any](task *Task, tools map[string]T) ([]T, error) {
	var picked []T
	var missing []string
	for _, wanted := range task.Tools {
		if tool, ok := tools[wanted.Name]; ok {
			picked = append(picked, tool)
		} else {
			missing = append(missing, wanted.Name)
		}
	}
	if missing != nil {
		return nil, fmt.Errorf("scenario %s wants tools this runner lacks: %s", task.Name, strings.Join(missing, ", "))
	}
	return picked, nil
}

func (h *Hello) needs() []Feature {
	var needs []Feature
	if h.Stream {
		needs = append(needs, Streaming)
	}
	if h.Agent == perRun {
		needs = append(needs, AgentPerRun)
	}
	isSynthetic := func(tool Tool) bool { return slices.Contains(syntheticTools, tool.Name) }
	if slices.ContainsFunc(h.Scenario.Tools, isSynthetic) {
		needs = append(needs, SyntheticTools)
	}
	return needs
}

func parseHello(line []byte) (*Hello, error) {
	fields, err := fieldsOf(line, "hello")
	if err != nil {
		return nil, err
	}
	if err := has("hello", fields, "protocol"); err != nil {
		return nil, err
	}
	if spoken := string(fields["protocol"]); spoken != strconv.Itoa(protocolVersion) {
		return nil, fmt.Errorf("this runner speaks protocol %d, not %s", protocolVersion, spoken)
	}
	if err := has("hello", fields, "base_url", "api", "model", "scenario"); err != nil {
		return nil, err
	}
	var task map[string]json.RawMessage
	if err := json.Unmarshal(fields["scenario"], &task); err != nil {
		return nil, fmt.Errorf("the hello's scenario: %w", err)
	}
	if err := has("scenario", task, "name", "instructions", "prompt", "tools", "data", "max_turns"); err != nil {
		return nil, err
	}
	hello := new(Hello)
	if err := json.Unmarshal(line, hello); err != nil {
		return nil, fmt.Errorf("the hello: %w", err)
	}
	if !slices.Contains([]string{"", "shared", perRun}, hello.Agent) {
		return nil, fmt.Errorf("the hello asks for an agent that is %q", hello.Agent)
	}
	return hello, nil
}
