//go:build responses

package main

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/cloudwego/eino-ext/components/model/agenticopenai"
	"github.com/cloudwego/eino/components/model"
	"github.com/cloudwego/eino/schema"
	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/responses"

	"loopmark/runner"
)

const api = runner.Responses

// message is what this model takes and gives.
type message = *schema.AgenticMessage

func newModel(hello *runner.Hello, client *http.Client) (model.BaseModel[message], error) {
	text, err := textConfig(hello)
	if err != nil {
		return nil, err
	}
	return agenticopenai.NewResponsesModel(context.Background(), &agenticopenai.ResponsesConfig{
		APIKey:     "made-up",
		BaseURL:    hello.BaseURL,
		Model:      hello.Model,
		HTTPClient: client,
		Text:       text,
	})
}

func textConfig(hello *runner.Hello) (*responses.ResponseTextConfigParam, error) {
	if hello.Output == nil {
		return nil, nil
	}
	schema, err := summarySchema()
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(schema)
	if err != nil {
		return nil, err
	}
	var fields map[string]any
	if err := json.Unmarshal(text, &fields); err != nil {
		return nil, err
	}
	format := responses.ResponseFormatTextConfigParamOfJSONSchema(hello.Output.Name, fields)
	format.OfJSONSchema.Strict = openai.Bool(true)
	return &responses.ResponseTextConfigParam{Format: format}, nil
}

func textOf(message message) string {
	var text strings.Builder
	for _, block := range message.ContentBlocks {
		if block.AssistantGenText != nil {
			text.WriteString(block.AssistantGenText.Text)
		}
	}
	return text.String()
}
