package main

import (
	"context"
	"errors"

	"github.com/cloudwego/eino/components/tool"
	"github.com/cloudwego/eino/components/tool/utils"

	"loopmark/runner/tools"
)

type search struct {
	Query string `json:"query" jsonschema_description:"The text to look for."`
	Limit int    `json:"limit" jsonschema_description:"At most so many papers."`
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

type failure struct {
	Message string `json:"message" jsonschema_description:"The message."`
}

// toolset is all tools of this runner by name.
func toolset(corpus *tools.Corpus) (map[string]tool.BaseTool, error) {
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
		infer(set, "fail", "Fail with a message.",
			func(_ context.Context, in failure) (string, error) { return "", tools.Fail(in.Message) }),
	)
	return set, err
}

// infer adds a tool that Eino makes of a function, its arguments' schema from the fields and tags of In.
func infer[In, Out any](
	set map[string]tool.BaseTool, name, description string, function utils.InvokeFunc[In, Out],
) error {
	made, err := utils.InferTool(name, description, function)
	set[name] = made
	return err
}
