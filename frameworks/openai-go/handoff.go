package main

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"loopmark/runner"
)

// taskSchema is of the arguments that the second agent takes as a tool.
const taskSchema = `{
	"type": "object",
	"properties": {"task": {"type": "string", "description": "What to do."}},
	"required": ["task"]
}`

// withSecondAgent gives the first agent: the second one, which has its model and tools, is one more tool of it.
func withSecondAgent(first agent, second *runner.SecondAgent, newLoop newLoop) (agent, error) {
	secondTask := *first.task
	secondTask.Instructions = second.Instructions
	secondAgent := first
	secondAgent.task = &secondTask
	runSecond, err := newLoop(secondAgent)
	if err != nil {
		return agent{}, err
	}

	firstTask := *first.task
	firstTask.Tools = append(slices.Clone(firstTask.Tools), runner.Tool{
		Name:        second.Name,
		Description: second.Description,
		Parameters:  json.RawMessage(taskSchema),
	})
	first.task = &firstTask
	first.toolbox = maps.Clone(first.toolbox)
	first.toolbox[second.Name] = with(func(ctx context.Context, handoff struct{ Task string }) (any, error) {
		return runSecond(ctx, handoff.Task)
	})
	return first, nil
}
