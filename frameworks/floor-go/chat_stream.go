package main

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"loopmark/runner"
)

type chunk struct {
	Choices []struct {
		Delta delta `json:"delta"`
	} `json:"choices"`
}

type delta struct {
	Content   *string `json:"content"`
	ToolCalls []struct {
		Index int `json:"index"`
		toolCall
	} `json:"tool_calls"`
}

// pieces is what a stream has brought of a message so far: the pieces of texts and of calls come in order.
type pieces struct {
	ctx        context.Context
	hasContent bool
	content    strings.Builder
	calls      []*callPieces
	isDone     bool
}

type callPieces struct{ id, name, arguments strings.Builder }

// take reads the next event.
func (p *pieces) take(data []byte) error {
	if p.isDone {
		return nil
	}
	if p.isDone = string(data) == "[DONE]"; p.isDone {
		return nil
	}
	var chunk chunk
	if err := json.Unmarshal(data, &chunk); err != nil {
		return err
	}
	for _, choice := range chunk.Choices {
		p.add(choice.Delta)
	}
	return nil
}

func (p *pieces) add(delta delta) {
	if delta.Content != nil {
		// The first piece may be empty.
		if *delta.Content != "" {
			runner.TextSeen(p.ctx)
		}
		p.hasContent = true
		p.content.WriteString(*delta.Content)
	}
	for _, piece := range delta.ToolCalls {
		for len(p.calls) <= piece.Index {
			p.calls = append(p.calls, new(callPieces))
		}
		call := p.calls[piece.Index]
		call.id.WriteString(piece.ID)
		call.name.WriteString(piece.Function.Name)
		call.arguments.WriteString(piece.Function.Arguments)
	}
}

// message is the whole of it, once the stream has ended.
func (p *pieces) message() (message, error) {
	if !p.isDone {
		return message{}, errors.New("the stream ended early")
	}
	whole := message{Role: "assistant"}
	if p.hasContent {
		content := p.content.String()
		whole.Content = &content
	}
	for _, call := range p.calls {
		function := functionCall{Name: call.name.String(), Arguments: call.arguments.String()}
		whole.ToolCalls = append(whole.ToolCalls, toolCall{ID: call.id.String(), Type: "function", Function: function})
	}
	return whole, nil
}
