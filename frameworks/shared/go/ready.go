package runner

import (
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
)

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
	// SyntheticTools: the runner has the tools wait, block, compute, payload, tally and fail.
	SyntheticTools Feature = "synthetic-tools"
	// ManyTools: the runner has the tools lookup_1, lookup_2 and so on.
	ManyTools Feature = "many-tools"
	// HoldAgents: many agents can be built and kept.
	HoldAgents Feature = "hold-agents"
	// StructuredOutput: the answer can be an object of a schema.
	StructuredOutput Feature = "structured-output"
	// Tracing: the framework's own tracing can send somewhere.
	Tracing Feature = "tracing"
	// Handoff: the agent can hand over to a second one.
	Handoff Feature = "handoff"
)

type importedLine struct {
	Type     string `json:"type"`
	Protocol int    `json:"protocol"`
}

type readyLine struct {
	Type       string    `json:"type"`
	Framework  string    `json:"framework"`
	Version    string    `json:"version"`
	Runtime    string    `json:"runtime"`
	HTTPClient string    `json:"http_client"`
	Offers     []Feature `json:"offers"`
}

// ready names the framework, the runtime and the HTTP client, each with the version that is compiled in.
func (r Runner) ready() (readyLine, error) {
	build, ok := debug.ReadBuildInfo()
	if !ok {
		return readyLine{}, errors.New("the runner was built without modules")
	}
	version, err := versionOf(build, r.Package)
	if err != nil {
		return readyLine{}, err
	}
	client, err := versionOf(build, r.HTTPClient)
	if err != nil {
		return readyLine{}, err
	}
	return readyLine{
		Type:       "ready",
		Framework:  r.Package,
		Version:    version,
		Runtime:    "Go " + goVersion(),
		HTTPClient: r.HTTPClient + " " + client,
		Offers:     append([]Feature{}, r.Offers...),
	}, nil
}

// versionOf gives the version of a module of the build; a package of the standard library, whose path begins without a
// dot, has Go's own.
func versionOf(build *debug.BuildInfo, path string) (string, error) {
	if first, _, _ := strings.Cut(path, "/"); !strings.Contains(first, ".") {
		return goVersion(), nil
	}
	for _, module := range build.Deps {
		if module.Path == path {
			return strings.TrimPrefix(module.Version, "v"), nil
		}
	}
	return "", fmt.Errorf("the runner is built without the module %s", path)
}

func goVersion() string {
	return strings.TrimPrefix(runtime.Version(), "go")
}
