package main

import (
	"context"
	"fmt"

	"trpc.group/trpc-go/trpc-agent-go/tool"
	"trpc.group/trpc-go/trpc-agent-go/tool/function"

	"loopmark/runner"
	"loopmark/runner/tools"
)

type search struct {
	Query string `json:"query" jsonschema:"description=The text to look for.,required"`
	Limit int    `json:"limit" jsonschema:"description=The maximum number of papers.,required"`
}

type read struct {
	ID string `json:"id" jsonschema:"description=The paper's id.,required"`
}

type count struct {
	Text string `json:"text" jsonschema:"description=The text.,required"`
}

type span struct {
	Ms int `json:"ms" jsonschema:"description=How many milliseconds.,required"`
}

type cpuTime struct {
	Ms int `json:"ms" jsonschema:"description=How many milliseconds of CPU time.,required"`
}

type size struct {
	Bytes int `json:"bytes" jsonschema:"description=How many characters.,required"`
}

type list struct {
	Items []string `json:"items" jsonschema:"description=The items.,required"`
	Unit  string   `json:"unit" jsonschema:"description=What an item is.,required"`
}

type question struct {
	Topic string `json:"topic" jsonschema:"description=The topic to look for.,required"`
	Limit int    `json:"limit" jsonschema:"description=The maximum number of entries.,required"`
}

type failure struct {
	Message string `json:"message" jsonschema:"description=The message.,required"`
}

// summary is what the hello asks for as the answer, where it asks for a structure.
type summary struct {
	Title  string   `json:"title"`
	Words  int      `json:"words"`
	Topics []string `json:"topics"`
}

// toolset is all tools of this runner by name, with the lookups of a task.
func toolset(corpus *tools.Corpus, task *runner.Task) map[string]tool.Tool {
	set := make(map[string]tool.Tool)
	add(set, "search_papers", "Search the library for papers whose title or abstract contains the query.",
		func(_ context.Context, in search) (tools.Found, error) {
			return corpus.SearchPapers(in.Query, in.Limit), nil
		})
	add(set, "read_paper", "Read one paper of the library: its authors, year and abstract.",
		func(_ context.Context, in read) (tools.Paper, error) { return corpus.ReadPaper(in.ID) })
	add(set, "word_count", "Count the words of a text.",
		func(_ context.Context, in count) (int, error) { return tools.WordCount(in.Text), nil })
	add(set, "wait", "Wait for something else for some milliseconds.",
		func(ctx context.Context, in span) (tools.Waited, error) { return tools.Wait(ctx, in.Ms) })
	add(set, "block", "Block the calling thread for some milliseconds.",
		func(_ context.Context, in span) (tools.Blocked, error) { return tools.Block(in.Ms), nil })
	add(set, "compute", "Compute for some milliseconds.",
		func(_ context.Context, in cpuTime) (tools.Computed, error) { return tools.Compute(in.Ms), nil })
	add(set, "payload", "Return a text of some length.",
		func(_ context.Context, in size) (tools.Filled, error) { return tools.Payload(in.Bytes), nil })
	add(set, "tally", "Count the items of a list.",
		func(_ context.Context, in list) (tools.Tallied, error) { return tools.Tally(in.Items), nil })
	add(set, "fail", "Fail with a message.",
		func(_ context.Context, in failure) (string, error) { return "", tools.Fail(in.Message) })
	for _, offered := range task.Tools {
		section, ok := tools.SectionOf(offered.Name)
		if !ok {
			continue
		}
		add(set, offered.Name, fmt.Sprintf("Look a topic up in section %d of the handbook.", section),
			func(_ context.Context, in question) (tools.LookedUp, error) {
				return tools.LookUp(section, in.Topic, in.Limit), nil
			})
	}
	return set
}

// add adds a tool that the framework makes of a function, its arguments' schema from the fields and tags of In.
func add[In, Out any](
	set map[string]tool.Tool, name, description string, call func(context.Context, In) (Out, error),
) {
	set[name] = function.NewFunctionTool(call, function.WithName(name), function.WithDescription(description))
}
