package main

import (
	"context"
	"errors"
	"fmt"

	bladestools "github.com/go-kratos/blades/tools"

	"loopmark/runner"
	"loopmark/runner/tools"
)

type search struct {
	Query string `json:"query" jsonschema:"The text to look for."`
	Limit int    `json:"limit" jsonschema:"The maximum number of papers."`
}

type read struct {
	ID string `json:"id" jsonschema:"The paper's id."`
}

type count struct {
	Text string `json:"text" jsonschema:"The text."`
}

type span struct {
	Ms int `json:"ms" jsonschema:"How many milliseconds."`
}

type cpuTime struct {
	Ms int `json:"ms" jsonschema:"How many milliseconds of CPU time."`
}

type size struct {
	Bytes int `json:"bytes" jsonschema:"How many characters."`
}

type list struct {
	Items []string `json:"items" jsonschema:"The items."`
	Unit  string   `json:"unit" jsonschema:"What an item is."`
}

type question struct {
	Topic string `json:"topic" jsonschema:"The topic to look for."`
	Limit int    `json:"limit" jsonschema:"The maximum number of entries."`
}

type failure struct {
	Message string `json:"message" jsonschema:"The message."`
}

// job is what the second agent is asked to do.
type job struct {
	Task string `json:"task" jsonschema:"What to do."`
}

// toolset is all tools of this runner by name, with the lookups of a task.
func toolset(corpus *tools.Corpus, task *runner.Task) (map[string]bladestools.Tool, error) {
	set := make(map[string]bladestools.Tool)
	err := errors.Join(
		add(set, "search_papers", "Search the library for papers whose title or abstract contains the query.",
			func(_ context.Context, in search) (tools.Found, error) {
				return corpus.SearchPapers(in.Query, in.Limit), nil
			}),
		add(set, "read_paper", "Read one paper of the library: its authors, year and abstract.",
			func(_ context.Context, in read) (tools.Paper, error) { return corpus.ReadPaper(in.ID) }),
		add(set, "word_count", "Count the words of a text.",
			func(_ context.Context, in count) (int, error) { return tools.WordCount(in.Text), nil }),
		add(set, "wait", "Wait for something else for some milliseconds.",
			func(ctx context.Context, in span) (tools.Waited, error) { return tools.Wait(ctx, in.Ms) }),
		add(set, "block", "Block the calling thread for some milliseconds.",
			func(_ context.Context, in span) (tools.Blocked, error) { return tools.Block(in.Ms), nil }),
		add(set, "compute", "Compute for some milliseconds.",
			func(_ context.Context, in cpuTime) (tools.Computed, error) { return tools.Compute(in.Ms), nil }),
		add(set, "payload", "Return a text of some length.",
			func(_ context.Context, in size) (tools.Filled, error) { return tools.Payload(in.Bytes), nil }),
		add(set, "tally", "Count the items of a list.",
			func(_ context.Context, in list) (tools.Tallied, error) { return tools.Tally(in.Items), nil }),
		add(set, "fail", "Fail with a message.",
			func(_ context.Context, in failure) (string, error) { return "", tools.Fail(in.Message) }),
	)
	for _, offered := range task.Tools {
		section, ok := tools.SectionOf(offered.Name)
		if !ok {
			continue
		}
		description := fmt.Sprintf("Look a topic up in section %d of the handbook.", section)
		err = errors.Join(err, add(set, offered.Name, description,
			func(_ context.Context, in question) (tools.LookedUp, error) {
				return tools.LookUp(section, in.Topic, in.Limit), nil
			}))
	}
	return set, err
}

// add adds a tool that Blades makes of a function, its arguments' schema from the fields and tags of In.
func add[In, Out any](
	set map[string]bladestools.Tool, name, description string, call func(context.Context, In) (Out, error),
) error {
	tool, err := bladestools.NewFunc(name, description, call)
	set[name] = tool
	return err
}
