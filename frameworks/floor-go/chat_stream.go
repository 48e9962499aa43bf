package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
)

// A line of a stream may be this long, in bytes.
const longestLine = 16 << 20

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

// readStream puts a message together from the server-sent events of a reply.
func readStream(body io.Reader) (message, error) {
	var parts parts
	isDone := false
	lines := bufio.NewScanner(body)
	lines.Buffer(nil, longestLine)
	// To the end of the body, past the last event: after it the connection can be used again.
	for lines.Scan() {
		data, isData := bytes.CutPrefix(lines.Bytes(), []byte("data: "))
		if isDone || !isData {
			continue
		}
		if isDone = string(data) == "[DONE]"; isDone {
			continue
		}
		var chunk chunk
		if err := json.Unmarshal(data, &chunk); err != nil {
			return message{}, err
		}
		for _, choice := range chunk.Choices {
			parts.add(choice.Delta)
		}
	}
	if err := lines.Err(); err != nil {
		return message{}, err
	}
	if !isDone {
		return message{}, errors.New("the stream ended early")
	}
	return parts.message(), nil
}

// parts is what a stream has brought so far: the parts of texts and of calls come in order.
type parts struct {
	hasContent bool
	content    strings.Builder
	calls      []*callParts
}

type callParts struct{ id, name, arguments strings.Builder }

func (p *parts) add(delta delta) {
	if delta.Content != nil {
		p.hasContent = true
		p.content.WriteString(*delta.Content)
	}
	for _, part := range delta.ToolCalls {
		for len(p.calls) <= part.Index {
			p.calls = append(p.calls, new(callParts))
		}
		call := p.calls[part.Index]
		call.id.WriteString(part.ID)
		call.name.WriteString(part.Function.Name)
		call.arguments.WriteString(part.Function.Arguments)
	}
}

func (p *parts) message() message {
	whole := message{Role: "assistant"}
	if p.hasContent {
		content := p.content.String()
		whole.Content = &content
	}
	for _, call := range p.calls {
		function := functionCall{Name: call.name.String(), Arguments: call.arguments.String()}
		whole.ToolCalls = append(whole.ToolCalls, toolCall{ID: call.id.String(), Type: "function", Function: function})
	}
	return whole
}
