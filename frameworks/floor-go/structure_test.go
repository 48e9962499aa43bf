package main

import (
	"strings"
	"testing"

	"loopmark/runner"
)

func TestAnAnswerIsReadAsAStructureWhereOneIsWanted(t *testing.T) {
	for text, want := range map[string]string{
		`{"words": 5, "title": "T", "topics": ["a"]}`:       `{"title":"T","topics":["a"],"words":5}`,
		`{"words": "a few", "title": "T", "topics": ["a"]}`: "cannot unmarshal string into Go struct field summary.words",
		`{"words": 5, "title": "T", "topics": "a"}`:         "cannot unmarshal string into Go struct field summary.topics",
		`{"words": 5, "title": "T"}`:                        "title, topics and words are required",
		`five words`:                                        "invalid character",
	} {
		plain, structured := agent{}, agent{output: &runner.Output{}}
		if got, err := plain.answer(text); got != text || err != nil {
			t.Errorf("%s, %v instead of %s", got, err, text)
		}
		got, err := structured.answer(text)
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, want) {
			t.Errorf("%s gives %s instead of %s", text, got, want)
		}
	}
}
