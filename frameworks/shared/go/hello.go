package runner

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"loopmark/runner/tools"
)

// protocolVersion is the newest version that this side reads; it reads the older ones too.
const protocolVersion = 2

// The APIs that a hello may ask for.
const (
	ChatCompletions = "chat-completions"
	Responses       = "responses"
)

const perRun = "per-run"

var syntheticTools = []string{"wait", "block", "compute", "payload", "tally", "fail"}

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
	Agent string `json:"agent"`
	// Agents is how many agents are built before the first run and kept, 1 or more.
	Agents int `json:"agents"`
	// Output is what the answer must be, instead of a text; nil where a text is wanted.
	Output *Output `json:"output"`
	// Tracing is the URL that the framework's own tracing sends to; it is off where this is empty.
	Tracing string `json:"tracing"`
	// Handoff is the agent that the first one hands over to; nil where there is no second one.
	Handoff  *SecondAgent `json:"handoff"`
	Scenario Task         `json:"scenario"`
}

// SecondAgent has the first one's model and tools, and instructions of its own.
type SecondAgent struct {
	Name string `json:"name"`
	// Description is for the first agent's model.
	Description  string `json:"description"`
	Instructions string `json:"instructions"`
}

// Output is the structure of an answer.
type Output struct {
	Name string `json:"name"`
	// Schema is the JSON schema of an object.
	Schema json.RawMessage `json:"schema"`
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

func isLookup(tool Tool) bool {
	_, ok := tools.SectionOf(tool.Name)
	return ok
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
	if slices.ContainsFunc(h.Scenario.Tools, isLookup) {
		needs = append(needs, ManyTools)
	}
	if h.Agents > 1 {
		needs = append(needs, HoldAgents)
	}
	if h.Output != nil {
		needs = append(needs, StructuredOutput)
	}
	if h.Tracing != "" {
		needs = append(needs, Tracing)
	}
	if h.Handoff != nil {
		needs = append(needs, Handoff)
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
	spoken := string(fields["protocol"])
	if version, err := strconv.Atoi(spoken); err != nil || version < 1 || version > protocolVersion {
		return nil, fmt.Errorf("this runner speaks protocol 1 to %d, not %s", protocolVersion, spoken)
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
	hello := &Hello{Agents: 1}
	if err := json.Unmarshal(line, hello); err != nil {
		return nil, fmt.Errorf("the hello: %w", err)
	}
	if !slices.Contains([]string{"", "shared", perRun}, hello.Agent) {
		return nil, fmt.Errorf("the hello asks for an agent that is %q", hello.Agent)
	}
	if hello.Agents < 1 {
		return nil, fmt.Errorf("the hello asks for %d agents, not 1 or more", hello.Agents)
	}
	return hello, nil
}
