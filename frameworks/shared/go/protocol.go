package runner

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
)

const protocolVersion = 1

// Feature is what a runner may offer beyond plain runs.
type Feature string

const (
	// Streaming: the agent can ask for streamed replies.
	Streaming Feature = "streaming"
	// AgentPerRun: each run can build its own agent.
	AgentPerRun Feature = "agent-per-run"
	// Cancellation: a run ends soon after its context is cancelled.
	Cancellation Feature = "cancellation"
	// Heartbeat: the shared side can watch the scheduler while a batch lasts.
	Heartbeat Feature = "heartbeat"
	// SyntheticTools: the runner has the tools wait, block, compute, payload and fail.
	SyntheticTools Feature = "synthetic-tools"
)

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

// batch is runs to do, numbered from FirstRun on.
type batch struct {
	Batch    uint32  `json:"batch"`
	FirstRun uint64  `json:"first_run"`
	Runs     int     `json:"runs"`
	Level    int     `json:"level"`
	Arrival  arrival `json:"arrival"`
	// Answers is "text" or "digest".
	Answers string `json:"answers"`
	// RampMs: worker i of a closed loop starts i / level of it after the batch began.
	RampMs        uint32 `json:"ramp_ms"`
	CancelAfterMs *int64 `json:"cancel_after_ms"`
	Heartbeat     bool   `json:"heartbeat"`
}

func (b *batch) needs() []Feature {
	var needs []Feature
	if b.CancelAfterMs != nil {
		needs = append(needs, Cancellation)
	}
	if b.Heartbeat {
		needs = append(needs, Heartbeat)
	}
	return needs
}

// arrival says when runs start: "closed", "burst", or so many a second.
type arrival struct {
	name string
	rate float64
}

func (a *arrival) UnmarshalJSON(text []byte) error {
	var open struct {
		Rate float64 `json:"rate"`
	}
	if json.Unmarshal(text, &a.name) == nil && (a.name == "closed" || a.name == "burst") {
		return nil
	}
	if json.Unmarshal(text, &open) == nil && open.Rate > 0 {
		*a = arrival{name: "rate", rate: open.Rate}
		return nil
	}
	return fmt.Errorf("no arrival: %s", text)
}

type importedLine struct {
	Type string `json:"type"`
}

type readyLine struct {
	Type       string    `json:"type"`
	Framework  string    `json:"framework"`
	Version    string    `json:"version"`
	Runtime    string    `json:"runtime"`
	HTTPClient string    `json:"http_client"`
	Offers     []Feature `json:"offers"`
}

type sampleLine struct {
	Type        string  `json:"type"`
	Batch       uint32  `json:"batch"`
	Run         uint64  `json:"run"`
	StartNs     uint64  `json:"start_ns"`
	EndNs       uint64  `json:"end_ns"`
	Answer      *string `json:"answer,omitempty"`
	AnswerCRC32 *uint32 `json:"answer_crc32,omitempty"`
	Error       string  `json:"error,omitempty"`
	Cancelled   bool    `json:"cancelled,omitempty"`
}

type batchDoneLine struct {
	Type            string    `json:"type"`
	Batch           uint32    `json:"batch"`
	HeartbeatLateUs *[]uint32 `json:"heartbeat_late_us,omitempty"`
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

func parseBatch(line []byte) (*batch, error) {
	fields, err := fieldsOf(line, "batch")
	if err != nil {
		return nil, err
	}
	if err := has("batch", fields, "batch", "first_run", "runs", "level", "arrival", "answers"); err != nil {
		return nil, err
	}
	batch := new(batch)
	if err := json.Unmarshal(line, batch); err != nil {
		return nil, fmt.Errorf("the batch: %w", err)
	}
	switch {
	case batch.Runs < 0 || batch.Level < 1:
		return nil, errors.New("a batch has 0 or more runs and a level of 1 or more")
	case batch.Answers != "text" && batch.Answers != "digest":
		return nil, fmt.Errorf("no way to carry answers: %q", batch.Answers)
	case batch.CancelAfterMs != nil && *batch.CancelAfterMs < 0:
		return nil, errors.New("a run is cancelled after its start, not before")
	}
	return batch, nil
}

// fieldsOf gives the fields of a line of the wanted type. Fields that this runner does not know are no fault: a newer
// harness may say more.
func fieldsOf(line []byte, wanted string) (map[string]json.RawMessage, error) {
	var fields map[string]json.RawMessage
	var kind string
	err := json.Unmarshal(line, &fields)
	if err == nil {
		err = json.Unmarshal(fields["type"], &kind)
	}
	if err != nil {
		return nil, fmt.Errorf("expected a %s, got %.200q: %w", wanted, line, err)
	}
	if kind != wanted {
		return nil, fmt.Errorf("expected a %s, got a %s", wanted, kind)
	}
	return fields, nil
}

// has fails when one of the names is not among the fields.
func has(of string, fields map[string]json.RawMessage, names ...string) error {
	known := slices.Collect(maps.Keys(fields))
	missing := slices.DeleteFunc(names, func(name string) bool { return slices.Contains(known, name) })
	if len(missing) > 0 {
		return fmt.Errorf("a %s without %s", of, strings.Join(missing, ", "))
	}
	return nil
}

// write writes one line.
func write(out io.Writer, line any) error {
	buffered := bufio.NewWriter(out)
	if err := encoder(buffered).Encode(line); err != nil {
		return err
	}
	return buffered.Flush()
}

func encoder(out io.Writer) *json.Encoder {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	return encoder
}
