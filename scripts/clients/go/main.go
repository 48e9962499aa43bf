// Command client drives openai-go, as its documentation uses it. The jobs are those of ../jobs.py.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/responses"
)

type tool struct {
	Name        string         `json:"name"`
	Description string         `json:"description"`
	Parameters  map[string]any `json:"parameters"`
}

type job struct {
	Job          string `json:"job"`
	Model        string `json:"model"`
	Instructions string `json:"instructions"`
	Prompt       string `json:"prompt"`
	Tools        []tool `json:"tools"`
	Stream       bool   `json:"stream"`
	Chained      bool   `json:"chained"`
	Response     string `json:"response"`
}

type worker struct {
	client openai.Client
	lines  *bufio.Reader
}

func main() {
	log.SetFlags(0)
	client := openai.NewClient(
		option.WithBaseURL(os.Args[1]), option.WithAPIKey("made-up"), option.WithMaxRetries(0),
	)
	w := &worker{client: client, lines: bufio.NewReader(os.Stdin)}
	for {
		var next job
		if err := w.read(&next); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			log.Fatal(err)
		}
		done, err := w.do(context.Background(), next)
		if err != nil {
			log.Fatalf("%s: %v", next.Job, err)
		}
		write(map[string]any{"done": done})
	}
}

func (w *worker) do(ctx context.Context, next job) (any, error) {
	switch next.Job {
	case "chat":
		return w.chat(ctx, next)
	case "responses":
		return w.responses(ctx, next)
	case "retrieve":
		return w.retrieve(ctx, next)
	case "models":
		return w.models(ctx)
	}
	return nil, fmt.Errorf("no such job")
}

func (w *worker) read(into any) error {
	line, err := w.lines.ReadBytes('\n')
	if err != nil {
		return err
	}
	return json.Unmarshal(line, into)
}

func write(message any) {
	if err := json.NewEncoder(os.Stdout).Encode(message); err != nil {
		log.Fatal(err)
	}
}

// resultOf has the parent run a tool.
func (w *worker) resultOf(tool, arguments string) (string, error) {
	write(map[string]any{"call": tool, "arguments": json.RawMessage(arguments)})
	var answer struct {
		Result string `json:"result"`
	}
	err := w.read(&answer)
	return answer.Result, err
}

func (w *worker) chat(ctx context.Context, next job) (any, error) {
	asked := openai.ChatCompletionNewParams{
		Model: next.Model,
		Messages: []openai.ChatCompletionMessageParamUnion{
			openai.SystemMessage(next.Instructions), openai.UserMessage(next.Prompt),
		},
	}
	for _, tool := range next.Tools {
		asked.Tools = append(asked.Tools, openai.ChatCompletionFunctionTool(openai.FunctionDefinitionParam{
			Name: tool.Name, Description: openai.String(tool.Description), Parameters: tool.Parameters,
		}))
	}
	for {
		message, err := w.completion(ctx, asked, next.Stream)
		if err != nil {
			return nil, err
		}
		if len(message.ToolCalls) == 0 {
			return map[string]any{"answer": message.Content}, nil
		}
		asked.Messages = append(asked.Messages, message.ToParam())
		for _, call := range message.ToolCalls {
			result, err := w.resultOf(call.Function.Name, call.Function.Arguments)
			if err != nil {
				return nil, err
			}
			asked.Messages = append(asked.Messages, openai.ToolMessage(result, call.ID))
		}
	}
}

func (w *worker) completion(
	ctx context.Context, asked openai.ChatCompletionNewParams, isStreamed bool,
) (openai.ChatCompletionMessage, error) {
	if !isStreamed {
		completion, err := w.client.Chat.Completions.New(ctx, asked)
		if err != nil {
			return openai.ChatCompletionMessage{}, err
		}
		return completion.Choices[0].Message, nil
	}
	stream := w.client.Chat.Completions.NewStreaming(ctx, asked)
	whole := openai.ChatCompletionAccumulator{}
	for stream.Next() {
		if !whole.AddChunk(stream.Current()) {
			return openai.ChatCompletionMessage{}, fmt.Errorf("a chunk does not fit those before")
		}
	}
	if err := stream.Err(); err != nil {
		return openai.ChatCompletionMessage{}, err
	}
	return whole.Choices[0].Message, nil
}

func (w *worker) responses(ctx context.Context, next job) (any, error) {
	asked := responses.ResponseNewParams{
		Model:        next.Model,
		Instructions: openai.String(next.Instructions),
	}
	for _, tool := range next.Tools {
		function := responses.ToolParamOfFunction(tool.Name, tool.Parameters, false)
		function.OfFunction.Description = openai.String(tool.Description)
		asked.Tools = append(asked.Tools, function)
	}
	said := responses.ResponseInputParam{
		responses.ResponseInputItemParamOfMessage(next.Prompt, responses.EasyInputMessageRoleUser),
	}
	for {
		asked.Input = responses.ResponseNewParamsInputUnion{OfInputItemList: said}
		response, err := w.response(ctx, asked, next.Stream)
		if err != nil {
			return nil, err
		}
		if next.Chained {
			asked.PreviousResponseID = openai.String(response.ID)
			said = nil
		}
		hasCalls := false
		for _, item := range response.Output {
			switch item.Type {
			case "message":
				if !next.Chained {
					message := item.AsMessage().ToParam()
					said = append(said, responses.ResponseInputItemUnionParam{OfOutputMessage: &message})
				}
			case "function_call":
				hasCalls = true
				if !next.Chained {
					call := item.AsFunctionCall().ToParam()
					said = append(said, responses.ResponseInputItemUnionParam{OfFunctionCall: &call})
				}
			}
		}
		if !hasCalls {
			return map[string]any{"answer": response.OutputText(), "response": response.ID}, nil
		}
		for _, item := range response.Output {
			if item.Type != "function_call" {
				continue
			}
			call := item.AsFunctionCall()
			result, err := w.resultOf(call.Name, call.Arguments)
			if err != nil {
				return nil, err
			}
			output := responses.ResponseInputItemParamOfFunctionCallOutput(result)
			output.OfFunctionCallOutput.CallID = openai.String(call.CallID)
			said = append(said, output)
		}
	}
}

func (w *worker) response(
	ctx context.Context, asked responses.ResponseNewParams, isStreamed bool,
) (*responses.Response, error) {
	if !isStreamed {
		return w.client.Responses.New(ctx, asked)
	}
	stream := w.client.Responses.NewStreaming(ctx, asked)
	var whole *responses.Response
	for stream.Next() {
		if event := stream.Current(); event.Type == "response.completed" {
			completed := event.AsResponseCompleted().Response
			whole = &completed
		}
	}
	if err := stream.Err(); err != nil {
		return nil, err
	}
	if whole == nil {
		return nil, fmt.Errorf("the stream ends without response.completed")
	}
	return whole, nil
}

func (w *worker) retrieve(ctx context.Context, next job) (any, error) {
	response, err := w.client.Responses.Get(ctx, next.Response, responses.ResponseGetParams{})
	if err != nil {
		return nil, err
	}
	return map[string]any{"answer": response.OutputText(), "response": response.ID}, nil
}

func (w *worker) models(ctx context.Context) (any, error) {
	var names []string
	pages := w.client.Models.ListAutoPaging(ctx)
	for pages.Next() {
		names = append(names, pages.Current().ID)
	}
	if err := pages.Err(); err != nil {
		return nil, err
	}
	model, err := w.client.Models.Get(ctx, names[0])
	if err != nil {
		return nil, err
	}
	return map[string]any{"models": names, "model": model.ID}, nil
}
