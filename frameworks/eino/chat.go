//go:build !responses

package main

import (
	"context"
	"net/http"

	"github.com/cloudwego/eino-ext/components/model/openai"
	"github.com/cloudwego/eino/components/model"
	"github.com/cloudwego/eino/schema"

	"loopmark/runner"
)

const api = runner.ChatCompletions

// message is what this model takes and gives; an agent of such messages is an adk.ChatModelAgent.
type message = *schema.Message

func newModel(hello *runner.Hello, client *http.Client) (model.BaseModel[message], error) {
	format, err := responseFormat(hello)
	if err != nil {
		return nil, err
	}
	return openai.NewChatModel(context.Background(), &openai.ChatModelConfig{
		APIKey:         "made-up",
		BaseURL:        hello.BaseURL,
		Model:          hello.Model,
		HTTPClient:     client,
		ResponseFormat: format,
	})
}

func responseFormat(hello *runner.Hello) (*openai.ChatCompletionResponseFormat, error) {
	if hello.Output == nil {
		return nil, nil
	}
	schema, err := summarySchema()
	if err != nil {
		return nil, err
	}
	return &openai.ChatCompletionResponseFormat{
		Type: openai.ChatCompletionResponseFormatTypeJSONSchema,
		JSONSchema: &openai.ChatCompletionResponseFormatJSONSchema{
			Name:       hello.Output.Name,
			JSONSchema: schema,
			Strict:     true,
		},
	}, nil
}

func textOf(message message) string {
	return message.Content
}
