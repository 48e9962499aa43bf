package main

import (
	"context"
	"errors"
	"fmt"

	"loopmark/runner"
)

// chat is the loop over Chat Completions.
type chat struct {
	agent
	server server
	tools  []functionTool
	format *chatFormat
}

func newChat(server server, agent agent) *chat {
	chat := &chat{agent: agent, server: server}
	for _, tool := range agent.task.Tools {
		chat.tools = append(chat.tools, functionTool{Type: "function", Function: tool})
	}
	if agent.output != nil {
		chat.format = &chatFormat{Type: "json_schema", JSONSchema: formatOf(agent.output)}
	}
	return chat
}

func (c *chat) run(ctx context.Context, prompt string) (string, error) {
	messages := []message{textMessage("system", c.task.Instructions), textMessage("user", prompt)}
	for range c.task.MaxTurns {
		reply, err := c.complete(ctx, messages)
		if err != nil {
			return "", err
		}
		if len(reply.ToolCalls) == 0 {
			if reply.Content == nil {
				return "", errors.New("the final message has no content")
			}
			answer, err := c.answer(*reply.Content)
			if err == nil {
				return answer, nil
			}
			messages = append(messages, reply, textMessage("user", misfit(err)))
			continue
		}
		messages = append(messages, reply)
		results := make([]message, len(reply.ToolCalls))
		sideBySide(len(results), func(index int) {
			call := reply.ToolCalls[index]
			results[index] = textMessage("tool", c.toolbox.call(ctx, call.Function.Name, call.Function.Arguments))
			results[index].ToolCallID = call.ID
		})
		messages = append(messages, results...)
	}
	return "", fmt.Errorf("no answer after %d turns", c.task.MaxTurns)
}

// complete is one LLM call.
func (c *chat) complete(ctx context.Context, messages []message) (message, error) {
	request := chatRequest{Model: c.model, Messages: messages, Tools: c.tools, Stream: c.stream, ResponseFormat: c.format}
	if c.stream {
		pieces := pieces{ctx: ctx}
		if err := c.server.follow(ctx, request, pieces.take); err != nil {
			return message{}, err
		}
		return pieces.message()
	}
	var reply chatReply
	if err := c.server.fetch(ctx, request, &reply); err != nil {
		return message{}, err
	}
	if len(reply.Choices) == 0 {
		return message{}, errors.New("the reply has no choices")
	}
	return reply.Choices[0].Message, nil
}

type chatRequest struct {
	Model          string         `json:"model"`
	Messages       []message      `json:"messages"`
	Tools          []functionTool `json:"tools"`
	Stream         bool           `json:"stream,omitempty"`
	ResponseFormat *chatFormat    `json:"response_format,omitempty"`
}

type chatFormat struct {
	Type       string `json:"type"`
	JSONSchema format `json:"json_schema"`
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
