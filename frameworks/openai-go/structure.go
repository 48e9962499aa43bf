package main

import (
	"encoding/json"
	"errors"

	"loopmark/runner"
)

// summary is what a hello asks for as the answer, where it asks for a structure. A field that is missing stays nil.
type summary struct {
	Title  *string   `json:"title"`
	Topics *[]string `json:"topics"`
	Words  *int      `json:"words"`
}

// answer is what a text is worth, which is any text unless the hello asks for a structure. Its error is for the model.
func (a *agent) answer(text string) (string, error) {
	if a.output == nil {
		return text, nil
	}
	var summary summary
	if err := json.Unmarshal([]byte(text), &summary); err != nil {
		return "", err
	}
	if summary.Title == nil || summary.Topics == nil || summary.Words == nil {
		return "", errors.New("title, topics and words are required")
	}
	return runner.AsAnswer(summary)
}

// misfit tells the model why its answer is none.
func misfit(err error) string {
	return "The answer does not fit the schema: " + err.Error()
}
