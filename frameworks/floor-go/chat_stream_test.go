package main

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
)

const streamed = `data: {"choices":[{"delta":{"role":"assistant","content":""}}]}

data: {"choices":[{"delta":{"content":"Two "}}]}

: a comment
data: {"choices":[{"delta":{"content":"calls."}}]}

data: {"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"wait","arguments":""}}]}}]}

data: {"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"ms\""}}]}}]}

data: {"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":":2}"}}]}}]}

data: {"choices":[{"delta":{"tool_calls":[{"index":1,"id":"b","function":{"name":"fail","arguments":"{}"}}]}}]}

data: {"choices":[],"usage":{"total_tokens":3}}

data: [DONE]

`

func TestAStreamIsPutTogether(t *testing.T) {
	message, err := messageOf(streamed)
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(message)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"role":"assistant","content":"Two calls.","tool_calls":[` +
		`{"id":"a","type":"function","function":{"name":"wait","arguments":"{\"ms\":2}"}},` +
		`{"id":"b","type":"function","function":{"name":"fail","arguments":"{}"}}]}`
	if string(got) != want {
		t.Errorf("%s instead of %s", got, want)
	}
}

func TestAStreamThatEndsEarlyIsAnError(t *testing.T) {
	early, _, _ := strings.Cut(streamed, "data: [DONE]")
	for _, stream := range []string{"", early, "data: {\n\n"} {
		if message, err := messageOf(stream); err == nil {
			t.Errorf("%q gave %+v", stream, message)
		}
	}
}

func messageOf(stream string) (message, error) {
	pieces := pieces{ctx: context.Background()}
	if err := readEvents(strings.NewReader(stream), pieces.take); err != nil {
		return message{}, err
	}
	return pieces.message()
}
