package main

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
)

const deltaEvent = `event: response.output_text.delta
data: {"type":"response.output_text.delta","delta":"Two "}

`

func outputOf(stream string) (string, error) {
	last := lastEvent{ctx: context.Background()}
	if err := readEvents(strings.NewReader(stream), last.take); err != nil {
		return "", err
	}
	output, err := last.output()
	if err != nil {
		return "", err
	}
	text, err := json.Marshal(output)
	return string(text), err
}

func TestAStreamedResponseIsThatOfItsLastEvent(t *testing.T) {
	const items = `[{"type":"message","content":[]},{"type":"function_call","call_id":"a"}]`
	completed := `data: {"type":"response.completed","response":{"id":"r","output":` + items + "}}\n\n"
	got, err := outputOf(deltaEvent + completed)
	if err != nil || got != items {
		t.Errorf("%s, %v instead of %s", got, err, items)
	}
}

func TestAStreamedResponseThatFailsOrEndsEarlyIsAnError(t *testing.T) {
	for _, stream := range []string{
		"", deltaEvent, deltaEvent + "data: {\n\n",
		deltaEvent + `data: {"type":"error","message":"no"}` + "\n\n",
		`data: {"type":"response.failed","response":{"output":[]}}` + "\n\n",
		`data: {"type":"response.completed"}` + "\n\n",
	} {
		if output, err := outputOf(stream); err == nil {
			t.Errorf("%q gave %s", stream, output)
		}
	}
}

func TestTheTextOfAnItemIsThatOfItsParts(t *testing.T) {
	const message = `{"type":"message","content":[{"type":"output_text","text":"Two "},{"type":"refusal"},` +
		`{"type":"output_text","text":"words."}]}`
	var item item
	if err := json.Unmarshal([]byte(message), &item); err != nil {
		t.Fatal(err)
	}
	if got := item.text(); got != "Two words." {
		t.Errorf("%q", got)
	}
}
