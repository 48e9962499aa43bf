package main

import (
	"context"
	"encoding/json"
	"fmt"

	"charm.land/fantasy"

	"loopmark/runner"
	"loopmark/runner/tools"
)

type search struct {
	Query string `json:"query" description:"The text to look for."`
	Limit int    `json:"limit" description:"The maximum number of papers."`
}

type read struct {
	ID string `json:"id" description:"The paper's id."`
}

type count struct {
	Text string `json:"text" description:"The text."`
}

type span struct {
	Ms int `json:"ms" description:"How many milliseconds."`
}

type cpuTime struct {
	Ms int `json:"ms" description:"How many milliseconds of CPU time."`
}

type size struct {
	Bytes int `json:"bytes" description:"How many characters."`
}

type list struct {
	Items []string `json:"items" description:"The items."`
	Unit  string   `json:"unit" description:"What an item is."`
}

type question struct {
	Topic string `json:"topic" description:"The topic to look for."`
	Limit int    `json:"limit" description:"The maximum number of entries."`
}

type failure struct {
	Message string `json:"message" description:"The message."`
}

type toolbox struct {
	tools      map[string]fantasy.AgentTool
	isParallel bool
}

// toolset is all tools of this runner by name, with the lookups of a task.
func toolset(corpus *tools.Corpus, task *runner.Task, isParallel bool) map[string]fantasy.AgentTool {
	box := toolbox{make(map[string]fantasy.AgentTool), isParallel}
	add(box, "search_papers", "Search the library for papers whose title or abstract contains the query.",
		func(_ context.Context, in search) (any, error) { return corpus.SearchPapers(in.Query, in.Limit), nil })
	add(box, "read_paper", "Read one paper of the library: its authors, year and abstract.",
		func(_ context.Context, in read) (any, error) { return corpus.ReadPaper(in.ID) })
	add(box, "word_count", "Count the words of a text.",
		func(_ context.Context, in count) (any, error) { return tools.WordCount(in.Text), nil })
	add(box, "wait", "Wait for something else for some milliseconds.",
		func(ctx context.Context, in span) (any, error) { return tools.Wait(ctx, in.Ms) })
	add(box, "block", "Block the calling thread for some milliseconds.",
		func(_ context.Context, in span) (any, error) { return tools.Block(in.Ms), nil })
	add(box, "compute", "Compute for some milliseconds.",
		func(_ context.Context, in cpuTime) (any, error) { return tools.Compute(in.Ms), nil })
	add(box, "payload", "Return a text of some length.",
		func(_ context.Context, in size) (any, error) { return tools.Payload(in.Bytes), nil })
	add(box, "tally", "Count the items of a list.",
		func(_ context.Context, in list) (any, error) { return tools.Tally(in.Items), nil })
	add(box, "fail", "Fail with a message.",
		func(_ context.Context, in failure) (any, error) { return nil, tools.Fail(in.Message) })
	for _, offered := range task.Tools {
		section, ok := tools.SectionOf(offered.Name)
		if !ok {
			continue
		}
		add(box, offered.Name, fmt.Sprintf("Look a topic up in section %d of the handbook.", section),
			func(_ context.Context, in question) (any, error) {
				return tools.LookUp(section, in.Topic, in.Limit), nil
			})
	}
	return box.tools
}

// add adds a tool that Fantasy makes of a function. A tool answers with a text: here the result as JSON, or the error.
func add[In any](box toolbox, name, description string, function func(context.Context, In) (any, error)) {
	newTool := fantasy.NewAgentTool[In]
	if box.isParallel {
		newTool = fantasy.NewParallelAgentTool[In]
	}
	box.tools[name] = newTool(name, description,
		func(ctx context.Context, in In, _ fantasy.ToolCall) (fantasy.ToolResponse, error) {
			result, err := function(ctx, in)
			if err != nil {
				return fantasy.NewTextErrorResponse(err.Error()), nil
			}
			text, err := json.Marshal(result)
			if err != nil {
				return fantasy.ToolResponse{}, err
			}
			return fantasy.NewTextResponse(string(text)), nil
		})
}
