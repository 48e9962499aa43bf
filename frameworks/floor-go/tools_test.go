package main

import (
	"context"
	"strings"
	"testing"

	"loopmark/runner"
	"loopmark/runner/tools"
)

// Each of the two waits for the other, so they end only if both run at once.
func TestCallsOfATurnRunSideBySide(t *testing.T) {
	met := make(chan int)
	seen := make([]int, 2)
	sideBySide(len(seen), func(index int) {
		select {
		case met <- index:
			seen[index] = 1 - index
		case seen[index] = <-met:
		}
	})
	if seen[0] != 1 || seen[1] != 0 {
		t.Errorf("met %v", seen)
	}
}

func TestTheModelIsToldOfAWrongCall(t *testing.T) {
	corpus, err := tools.LoadCorpus(nil)
	if err != nil {
		t.Fatal(err)
	}
	toolbox := newToolbox(corpus, &runner.Task{Tools: []runner.Tool{{Name: "lookup_7"}}})
	for _, call := range []struct{ name, arguments, told string }{
		{"tally", `{"items": ["a", "b"], "unit": "letter"}`, `{"count":2}`},
		{"lookup_7", `{"topic": "leave", "limit": 4}`, `{"section":7,"topic":"leave","entries":4}`},
		{"tally", `{"items": ["a", "b"], "unit": `, "Error: unexpected end of JSON input"},
		{"tally", `{"items": "a, b", "unit": "letter"}`, "Error: json: cannot unmarshal string into "},
		{"tally_all", `{}`, "Error: no tool tally_all"},
		{"lookup_8", `{}`, "Error: no tool lookup_8"},
		{"fail", `{"message": "the disk is full"}`, "Error: the disk is full"},
		// encoding/json leaves a field that is missing empty.
		{"tally", `{"items": ["a", "b"]}`, `{"count":2}`},
	} {
		if told := toolbox.call(context.Background(), call.name, call.arguments); !strings.HasPrefix(told, call.told) {
			t.Errorf("%s of %s: %s instead of %s", call.name, call.arguments, told, call.told)
		}
	}
}
