package main

import (
	"fmt"

	"github.com/firebase/genkit/go/ai"
	"github.com/firebase/genkit/go/genkit"

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
func toolset(g *genkit.Genkit, corpus *tools.Corpus, task *runner.Task) map[string]ai.ToolRef {
	set := make(map[string]ai.ToolRef)
	define(g, set, "search_papers", "Search the library for papers whose title or abstract contains the query.",
		func(_ *ai.ToolContext, in search) (tools.Found, error) {
			return corpus.SearchPapers(in.Query, in.Limit), nil
		})
	define(g, set, "read_paper", "Read one paper of the library: its authors, year and abstract.",
		func(_ *ai.ToolContext, in read) (tools.Paper, error) { return corpus.ReadPaper(in.ID) })
	define(g, set, "word_count", "Count the words of a text.",
		func(_ *ai.ToolContext, in count) (int, error) { return tools.WordCount(in.Text), nil })
	define(g, set, "wait", "Wait for something else for some milliseconds.",
		func(ctx *ai.ToolContext, in span) (tools.Waited, error) { return tools.Wait(ctx, in.Ms) })
	define(g, set, "block", "Block the calling thread for some milliseconds.",
		func(_ *ai.ToolContext, in span) (tools.Blocked, error) { return tools.Block(in.Ms), nil })
	define(g, set, "compute", "Compute for some milliseconds.",
		func(_ *ai.ToolContext, in cpuTime) (tools.Computed, error) { return tools.Compute(in.Ms), nil })
	define(g, set, "payload", "Return a text of some length.",
		func(_ *ai.ToolContext, in size) (tools.Filled, error) { return tools.Payload(in.Bytes), nil })
	define(g, set, "tally", "Count the items of a list.",
		func(_ *ai.ToolContext, in list) (tools.Tallied, error) { return tools.Tally(in.Items), nil })
	define(g, set, "fail", "Fail with a message.",
		func(_ *ai.ToolContext, in failure) (string, error) { return "", tools.Fail(in.Message) })
	for _, offered := range task.Tools {
		section, ok := tools.SectionOf(offered.Name)
		if !ok {
			continue
		}
		description := fmt.Sprintf("Look a topic up in section %d of the handbook.", section)
		define(g, set, offered.Name, description, func(_ *ai.ToolContext, in question) (tools.LookedUp, error) {
			return tools.LookUp(section, in.Topic, in.Limit), nil
		})
	}
	return set
}

// define adds a tool that Genkit makes of a function, its arguments' schema from the fields and tags of In.
func define[In, Out any](
	g *genkit.Genkit, set map[string]ai.ToolRef, name, description string, call ai.ToolFunc[In, Out],
) {
	set[name] = genkit.DefineTool(g, name, description, call)
}
