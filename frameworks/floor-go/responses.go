package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"loopmark/runner"
)

// responses is the loop over the Responses API: each turn sends the whole conversation, with what the model said as it
// came.
type responses struct {
	agent
	server server
	tools  []responsesTool
	format *responsesText
}

func newResponses(server server, agent agent) *responses {
	responses := &responses{agent: agent, server: server}
	for _, tool := range agent.task.Tools {
		responses.tools = append(responses.tools, responsesTool{Type: "function", Tool: tool})
	}
	if agent.output != nil {
		format := responsesFormat{Type: "json_schema", format: formatOf(agent.output)}
		responses.format = &responsesText{Format: format}
	}
	return responses
}

func (r *responses) run(ctx context.Context, prompt string) (string, error) {
	items := []any{userMessage{Role: "user", Content: prompt}}
	for range r.task.MaxTurns {
		output, err := r.respond(ctx, items)
		if err != nil {
			return "", err
		}
		var text strings.Builder
		var calls []item
		for _, raw := range output {
			items = append(items, raw)
			var item item
			if err := json.Unmarshal(raw, &item); err != nil {
				return "", err
			}
			text.WriteString(item.text())
			if item.Type == "function_call" {
				calls = append(calls, item)
			}
		}
		if len(calls) == 0 {
			answer, err := r.answer(text.String())
			if err == nil {
				return answer, nil
			}
			items = append(items, userMessage{Role: "user", Content: misfit(err)})
			continue
		}
		results := make([]any, len(calls))
		sideBySide(len(calls), func(index int) {
			call := calls[index]
			result := r.toolbox.call(ctx, call.Name, call.Arguments)
			results[index] = callOutput{Type: "function_call_output", CallID: call.CallID, Output: result}
		})
		items = append(items, results...)
	}
	return "", fmt.Errorf("no answer after %d turns", r.task.MaxTurns)
}

// respond is one LLM call: the items that the model said.
func (r *responses) respond(ctx context.Context, items []any) ([]json.RawMessage, error) {
	request := responsesRequest{
		Model:        r.model,
		Instructions: r.task.Instructions,
		Input:        items,
		Tools:        r.tools,
		Stream:       r.stream,
		Text:         r.format,
	}
	if r.stream {
		last := lastEvent{ctx: ctx}
		if err := r.server.follow(ctx, request, last.take); err != nil {
			return nil, err
		}
		return last.output()
	}
	var response response
	err := r.server.fetch(ctx, request, &response)
	return response.Output, err
}

// lastEvent is that of a streamed response: it brings the response whole.
type lastEvent struct {
	ctx      context.Context
	response *response
}

func (l *lastEvent) take(data []byte) error {
	var event struct {
		Type     string
		Response json.RawMessage
	}
	if err := json.Unmarshal(data, &event); err != nil {
		return err
	}
	switch event.Type {
	case "response.output_text.delta":
		runner.TextSeen(l.ctx)
	case "response.completed":
		l.response = new(response)
		return json.Unmarshal(event.Response, l.response)
	case "response.failed", "response.incomplete", "error":
		return errors.New(string(data))
	}
	return nil
}

func (l *lastEvent) output() ([]json.RawMessage, error) {
	if l.response == nil {
		return nil, errors.New("the stream ended early")
	}
	return l.response.Output, nil
}

type responsesRequest struct {
	Model        string          `json:"model"`
	Instructions string          `json:"instructions"`
	Input        []any           `json:"input"`
	Tools        []responsesTool `json:"tools"`
	Stream       bool            `json:"stream,omitempty"`
	Text         *responsesText  `json:"text,omitempty"`
}

type responsesText struct {
	Format responsesFormat `json:"format"`
}

type responsesFormat struct {
	Type string `json:"type"`
	format
}

type responsesTool struct {
	Type string `json:"type"`
	// This API is strict unless told otherwise.
	Strict bool `json:"strict"`
	runner.Tool
}

type userMessage struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

type callOutput struct {
	Type   string `json:"type"`
	CallID string `json:"call_id"`
	Output string `json:"output"`
}

type response struct {
	// As it came: it goes back in the next request.
	Output []json.RawMessage `json:"output"`
}

// item is something that the model said: the fields of calls and of messages.
type item struct {
	Type      string `json:"type"`
	CallID    string `json:"call_id"`
	Name      string `json:"name"`
	Arguments string `json:"arguments"`
	Content   []struct {
		Type string `json:"type"`
		Text string `json:"text"`
	} `json:"content"`
}

func (i item) text() string {
	var text strings.Builder
	for _, part := range i.Content {
		if part.Type == "output_text" {
			text.WriteString(part.Text)
		}
	}
	return text.String()
}
