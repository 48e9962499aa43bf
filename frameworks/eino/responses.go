//go:build responses

package main

import (
	"context"
	"net/http"
	"strings"

	"github.com/cloudwego/eino-ext/components/model/agenticopenai"
	"github.com/cloudwego/eino/components/model"
	"github.com/cloudwego/eino/schema"

	"loopmark/runner"
)

const api = runner.Responses

// message is what this model takes and gives.
type message = *schema.AgenticMessage

func newModel(hello *runner.Hello, client *http.Client) (model.BaseModel[message], error) {
	return agenticopenai.NewResponsesModel(context.Background(), &agenticopenai.ResponsesConfig{
		APIKey:     "made-up",
		BaseURL:    hello.BaseURL,
		Model:      hello.Model,
		HTTPClient: client,
	})
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
