package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/openai/openai-go/v3"

	"loopmark/runner"
)

// chat is the loop over Chat Completions.
type chat struct {
	agent
	params openai.ChatCompletionNewParams
}

func newChat(agent agent) (runner.Agent, error) {
	chat := &chat{agent: agent, params: openai.ChatCompletionNewParams{Model: agent.model}}
	for _, tool := range agent.task.Tools {
		function := openai.FunctionDefinitionParam{Name: tool.Name, Description: openai.String(tool.Description)}
		if err := json.Unmarshal(tool.Parameters, &function.Parameters); err != nil {
			return nil, err
		}
		chat.params.Tools = append(chat.params.Tools, openai.ChatCompletionFunctionTool(function))
	}
	if output := agent.output; output != nil {
		schema := openai.ResponseFormatJSONSchemaJSONSchemaParam{
			Name: output.Name, Schema: output.Schema, Strict: openai.Bool(true),
		}
		chat.params.ResponseFormat.OfJSONSchema = &openai.ResponseFormatJSONSchemaParam{JSONSchema: schema}
	}
	return chat.run, nil
}

func (c *chat) run(ctx context.Context, prompt string) (string, error) {
	params := c.params
	params.Messages = []openai.ChatCompletionMessageParamUnion{
		openai.SystemMessage(c.task.Instructions),
		openai.UserMessage(prompt),
	}
	for range c.task.MaxTurns {
		message, err := c.complete(ctx, params)
		if err != nil {
			return "", err
		}
		params.Messages = append(params.Messages, message.ToParam())
		if len(message.ToolCalls) == 0 {
			answer, err := c.answer(message.Content)
			if err == nil {
				return answer, nil
			}
			params.Messages = append(params.Messages, openai.UserMessage(misfit(err)))
			continue
		}
		results := make([]openai.ChatCompletionMessageParamUnion, len(message.ToolCalls))
		sideBySide(len(results), func(index int) {
			call := message.ToolCalls[index]
			result := c.toolbox.call(ctx, call.Function.Name, call.Function.Arguments)
			results[index] = openai.ToolMessage(result, call.ID)
		})
		params.Messages = append(params.Messages, results...)
	}
	return "", fmt.Errorf("no answer after %d turns", c.task.MaxTurns)
}

// complete is one LLM call.
func (c *chat) complete(
	ctx context.Context, params openai.ChatCompletionNewParams,
) (openai.ChatCompletionMessage, error) {
	completion, err := c.completion(ctx, params)
	if err != nil {
		return openai.ChatCompletionMessage{}, err
	}
	if len(completion.Choices) == 0 {
		return openai.ChatCompletionMessage{}, errors.New("the reply has no choices")
	}
	return completion.Choices[0].Message, nil
}

func (c *chat) completion(
	ctx context.Context, params openai.ChatCompletionNewParams,
) (*openai.ChatCompletion, error) {
	if !c.stream {
		return c.client.Chat.Completions.New(ctx, params)
	}
	stream := c.client.Chat.Completions.NewStreaming(ctx, params)
	defer stream.Close()
	var whole openai.ChatCompletionAccumulator
	for stream.Next() {
		chunk := stream.Current()
		if len(chunk.Choices) > 0 && chunk.Choices[0].Delta.Content != "" {
			runner.TextSeen(ctx)
		}
		if !whole.AddChunk(chunk) {
			return nil, errors.New("a chunk does not fit the stream")
		}
	}
	return &whole.ChatCompletion, stream.Err()
}
