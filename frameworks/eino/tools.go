package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/cloudwego/eino/components/tool"
	"github.com/cloudwego/eino/components/tool/utils"

	"loopmark/runner"
	"loopmark/runner/tools"
)

type search struct {
	Query string `json:"query" jsonschema_description:"The text to look for."`
	Limit int    `json:"limit" jsonschema_description:"The maximum number of papers."`
}

type read struct {
	ID string `json:"id" jsonschema_description:"The paper's id."`
}

type count struct {
	Text string `json:"text" jsonschema_description:"The text."`
}

type span struct {
	Ms int `json:"ms" jsonschema_description:"How many milliseconds."`
}

type cpuTime struct {
	Ms int `json:"ms" jsonschema_description:"How many milliseconds of CPU time."`
}

type size struct {
	Bytes int `json:"bytes" jsonschema_description:"How many characters."`
}

type list struct {
	Items []string `json:"items" jsonschema_description:"The items."`
	Unit  string   `json:"unit" jsonschema_description:"What an item is."`
}

type question struct {
	Topic string `json:"topic" jsonschema_description:"The topic to look for."`
	Limit int    `json:"limit" jsonschema_description:"The maximum number of entries."`
}

type failure struct {
	Message string `json:"message" jsonschema_description:"The message."`
}

// toolset is all tools of this runner by name, with the lookups of a task.
func toolset(corpus *tools.Corpus, task *runner.Task) (map[string]tool.BaseTool, error) {
	set := make(map[string]tool.BaseTool)
	err := errors.Join(
		infer(set, "search_papers", "Search the library for papers whose title or abstract contains the query.",
			func(_ context.Context, in search) (tools.Found, error) {
				return corpus.SearchPapers(in.Query, in.Limit), nil
			}),
		infer(set, "read_paper", "Read one paper of the library: its authors, year and abstract.",
			func(_ context.Context, in read) (tools.Paper, error) { return corpus.ReadPaper(in.ID) }),
		infer(set, "word_count", "Count the words of a text.",
			func(_ context.Context, in count) (int, error) { return tools.WordCount(in.Text), nil }),
		infer(set, "wait", "Wait for something else for some milliseconds.",
			func(ctx context.Context, in span) (tools.Waited, error) { return tools.Wait(ctx, in.Ms) }),
		infer(set, "block", "Block the calling thread for some milliseconds.",
			func(_ context.Context, in span) (tools.Blocked, error) { return tools.Block(in.Ms), nil }),
		infer(set, "compute", "Compute for some milliseconds.",
			func(_ context.Context, in cpuTime) (tools.Computed, error) { return tools.Compute(in.Ms), nil }),
		infer(set, "payload", "Return a text of some length.",
			func(_ context.Context, in size) (tools.Filled, error) { return tools.Payload(in.Bytes), nil }),
		infer(set, "tally", "Count the items of a list.",
			func(_ context.Context, in list) (tools.Tallied, error) { return tools.Tally(in.Items), nil }),
		inferLookups(set, task),
		infer(set, "fail", "Fail with a message.",
			func(_ context.Context, in failure) (string, error) { return "", tools.Fail(in.Message) }),
	)
	return set, err
}

func inferLookups(set map[string]tool.BaseTool, task *runner.Task) error {
	var errs []error
	for _, offered := range task.Tools {
		section, ok := tools.SectionOf(offered.Name)
		if !ok {
			continue
		}
		description := fmt.Sprintf("Look a topic up in section %d of the handbook.", section)
		errs = append(errs, infer(set, offered.Name, description,
			func(_ context.Context, in question) (tools.LookedUp, error) {
				return tools.LookUp(section, in.Topic, in.Limit), nil
			}))
	}
	return errors.Join(errs...)
}

// infer adds a tool that Eino makes of a function, its arguments' schema from the fields and tags of In.
func infer[In, Out any](
	set map[string]tool.BaseTool, name, description string, function utils.InvokeFunc[In, Out],
) error {
	made, err := utils.InferTool(name, description, function)
	set[name] = made
	return err
}
