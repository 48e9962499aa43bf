package main

import (
	"context"
	"encoding/json"
	"sync"

	"loopmark/runner"
	"loopmark/runner/tools"
)

// function is a tool: the arguments as the model wrote them, and what becomes JSON.
type function func(ctx context.Context, arguments []byte) (any, error)

// toolbox is the tools of this runner by name.
type toolbox map[string]function

// call gives what the model is told of a call: the result as JSON, or why there is none.
func (t toolbox) call(ctx context.Context, name, arguments string) string {
	function, ok := t[name]
	if !ok {
		return "Error: no tool " + name
	}
	result, err := function(ctx, []byte(arguments))
	if err != nil {
		return "Error: " + err.Error()
	}
	text, err := json.Marshal(result)
	if err != nil {
		return "Error: " + err.Error()
	}
	return string(text)
}

// sideBySide does so many things at once, each in a goroutine of its own, and waits for all of them.
func sideBySide(count int, do func(index int)) {
	var pending sync.WaitGroup
	pending.Add(count)
	for index := range count {
		go func() {
			defer pending.Done()
			do(index)
		}()
	}
	pending.Wait()
}

func newToolbox(corpus *tools.Corpus, task *runner.Task) toolbox {
	toolbox := toolbox{
		"search_papers": with(func(_ context.Context, search struct {
			Query string
			Limit int
		}) (any, error) {
			return corpus.SearchPapers(search.Query, search.Limit), nil
		}),
		"read_paper": with(func(_ context.Context, read struct{ ID string }) (any, error) {
			return corpus.ReadPaper(read.ID)
		}),
		"word_count": with(func(_ context.Context, count struct{ Text string }) (any, error) {
			return tools.WordCount(count.Text), nil
		}),
		"wait": with(func(ctx context.Context, wait struct{ Ms int }) (any, error) {
			return tools.Wait(ctx, wait.Ms)
		}),
		"block": with(func(_ context.Context, block struct{ Ms int }) (any, error) {
			return tools.Block(block.Ms), nil
		}),
		"compute": with(func(_ context.Context, compute struct{ Ms int }) (any, error) {
			return tools.Compute(compute.Ms), nil
		}),
		"payload": with(func(_ context.Context, payload struct{ Bytes int }) (any, error) {
			return tools.Payload(payload.Bytes), nil
		}),
		"tally": with(func(_ context.Context, tally struct {
			Items []string
			Unit  string
		}) (any, error) {
			return tools.Tally(tally.Items), nil
		}),
		"fail": with(func(_ context.Context, fail struct{ Message string }) (any, error) {
			return nil, tools.Fail(fail.Message)
		}),
	}
	for _, tool := range task.Tools {
		if section, ok := tools.SectionOf(tool.Name); ok {
			toolbox[tool.Name] = lookUp(section)
		}
	}
	return toolbox
}

func lookUp(section int) function {
	return with(func(_ context.Context, lookUp struct {
		Topic string
		Limit int
	}) (any, error) {
		return tools.LookUp(section, lookUp.Topic, lookUp.Limit), nil
	})
}

// with decodes the arguments of a function.
func with[Arguments any](call func(context.Context, Arguments) (any, error)) function {
	return func(ctx context.Context, text []byte) (any, error) {
		var arguments Arguments
		if err := json.Unmarshal(text, &arguments); err != nil {
			return nil, err
		}
		return call(ctx, arguments)
	}
}
