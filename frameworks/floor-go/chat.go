package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"loopmark/runner"
)

// As many idle connections as runs will ever be in flight.
const idleConnections = 1 << 20

// newClient makes the client that all runs share. The default transport keeps two idle connections of a host; a floor
// makes no run open a connection that another has just let go of.
func newClient() *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConns = 0 // no limit
	transport.MaxIdleConnsPerHost = idleConnections
	return &http.Client{Transport: transport}
}

// chat makes LLM calls.
type chat struct {
	client *http.Client
	url    string
	model  string
	stream bool
	tools  []functionTool
}

func newChat(client *http.Client, hello *runner.Hello) *chat {
	chat := &chat{
		client: client,
		url:    hello.BaseURL + "/chat/completions",
		model:  hello.Model,
		stream: hello.Stream,
	}
	for _, tool := range hello.Scenario.Tools {
		chat.tools = append(chat.tools, functionTool{Type: "function", Function: tool})
	}
	return chat
}

// complete is one LLM call.
func (c *chat) complete(ctx context.Context, messages []message) (message, error) {
	body, err := json.Marshal(chatRequest{Model: c.model, Messages: messages, Tools: c.tools, Stream: c.stream})
	if err != nil {
		return message{}, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, bytes.NewReader(body))
	if err != nil {
		return message{}, err
	}
	request.Header.Set("Authorization", "Bearer made-up")
	request.Header.Set("Content-Type", "application/json")
	response, err := c.client.Do(request)
	if err != nil {
		return message{}, err
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusOK && c.stream {
		return readStream(response.Body)
	}
	// Read to its end, so that the connection can be used again.
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return message{}, err
	}
	if response.StatusCode != http.StatusOK {
		return message{}, fmt.Errorf("%s: %s", response.Status, text)
	}
	var reply chatReply
	if err := json.Unmarshal(text, &reply); err != nil {
		return message{}, err
	}
	if len(reply.Choices) == 0 {
		return message{}, errors.New("the reply has no choices")
	}
	return reply.Choices[0].Message, nil
}

type chatRequest struct {
	Model    string         `json:"model"`
	Messages []message      `json:"messages"`
	Tools    []functionTool `json:"tools"`
	Stream   bool           `json:"stream,omitempty"`
}

type functionTool struct {
	Type     string      `json:"type"`
	Function runner.Tool `json:"function"`
}

type chatReply struct {
	Choices []struct {
		Message message `json:"message"`
	} `json:"choices"`
}

type message struct {
	Role       string     `json:"role"`
	Content    *string    `json:"content"`
	ToolCalls  []toolCall `json:"tool_calls,omitempty"`
	ToolCallID string     `json:"tool_call_id,omitempty"`
}

func textMessage(role, content string) message {
	return message{Role: role, Content: &content}
}

type toolCall struct {
	ID       string       `json:"id"`
	Type     string       `json:"type"`
	Function functionCall `json:"function"`
}

type functionCall struct {
	Name      string `json:"name"`
	Arguments string `json:"arguments"`
}
