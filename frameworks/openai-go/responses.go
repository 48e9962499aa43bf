package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/responses"

	"loopmark/runner"
)

// responsesLoop is the loop over the Responses API: each turn sends the whole conversation, with what the model said as
// it came.
type responsesLoop struct {
	agent
	params responses.ResponseNewParams
}

func newResponses(agent agent) (runner.Agent, error) {
	loop := &responsesLoop{agent: agent, params: responses.ResponseNewParams{
		Model:        agent.model,
		Instructions: openai.String(agent.task.Instructions),
	}}
	for _, tool := range agent.task.Tools {
		function := responses.FunctionToolParam{
			Name: tool.Name, Description: openai.String(tool.Description), Strict: openai.Bool(false),
		}
		if err := json.Unmarshal(tool.Parameters, &function.Parameters); err != nil {
			return nil, err
		}
		loop.params.Tools = append(loop.params.Tools, responses.ToolUnionParam{OfFunction: &function})
	}
	if output := agent.output; output != nil {
		format := &responses.ResponseFormatTextJSONSchemaConfigParam{Name: output.Name, Strict: openai.Bool(true)}
		if err := json.Unmarshal(output.Schema, &format.Schema); err != nil {
			return nil, err
		}
		loop.params.Text.Format.OfJSONSchema = format
	}
	return loop.run, nil
}

func (r *responsesLoop) run(ctx context.Context, prompt string) (string, error) {
	params := r.params
	items := []responses.ResponseInputItemUnionParam{
		responses.ResponseInputItemParamOfMessage(prompt, responses.EasyInputMessageRoleUser),
	}
	for range r.task.MaxTurns {
		params.Input.OfInputItemList = items
		response, err := r.respond(ctx, params)
		if err != nil {
			return "", err
		}
		var calls []responses.ResponseFunctionToolCall
		for _, item := range response.Output {
			switch item := item.AsAny().(type) {
			case responses.ResponseFunctionToolCall:
				calls = append(calls, item)
				call := item.ToParam()
				items = append(items, responses.ResponseInputItemUnionParam{OfFunctionCall: &call})
			case responses.ResponseOutputMessage:
				message := item.ToParam()
				items = append(items, responses.ResponseInputItemUnionParam{OfOutputMessage: &message})
			case responses.ResponseReasoningItem:
				reasoning := item.ToParam()
				items = append(items, responses.ResponseInputItemUnionParam{OfReasoning: &reasoning})
			}
		}
		if len(calls) == 0 {
			answer, err := r.answer(response.OutputText())
			if err == nil {
				return answer, nil
			}
			items = append(items, responses.ResponseInputItemParamOfMessage(
				misfit(err), responses.EasyInputMessageRoleUser,
			))
			continue
		}
		results := make([]responses.ResponseInputItemUnionParam, len(calls))
		sideBySide(len(calls), func(index int) {
			call := calls[index]
			result := r.toolbox.call(ctx, call.Name, call.Arguments)
			results[index] = responses.ResponseInputItemParamOfFunctionCallOutput(result)
			results[index].OfFunctionCallOutput.CallID = openai.String(call.CallID)
		})
		items = append(items, results...)
	}
	return "", fmt.Errorf("no answer after %d turns", r.task.MaxTurns)
}

// respond is one LLM call.
func (r *responsesLoop) respond(
	ctx context.Context, params responses.ResponseNewParams,
) (*responses.Response, error) {
	if !r.stream {
		return r.client.Responses.New(ctx, params)
	}
	stream := r.client.Responses.NewStreaming(ctx, params)
	defer stream.Close()
	var whole *responses.Response
	for stream.Next() {
		switch event := stream.Current(); event.Type {
		case "response.output_text.delta":
			runner.TextSeen(ctx)
		case "response.completed":
			whole = &event.Response
		case "response.failed", "response.incomplete", "error":
			return nil, errors.New(event.RawJSON())
		}
	}
	if err := stream.Err(); err != nil {
		return nil, err
	}
	if whole == nil {
		return nil, errors.New("the stream ended early")
	}
	return whole, nil
}
