package main

import (
	"encoding/json"

	"github.com/cloudwego/eino/components/tool/utils"
	"github.com/eino-contrib/jsonschema"

	"loopmark/runner"
)

// summary is what the hello asks for as the answer, where it asks for a structure.
type summary struct {
	Title  string   `json:"title"`
	Words  int      `json:"words"`
	Topics []string `json:"topics"`
}

// summarySchema is what the model is told of it.
func summarySchema() (*jsonschema.Schema, error) {
	params, err := utils.GoStruct2ParamsOneOf[summary]()
	if err != nil {
		return nil, err
	}
	return params.ToJSONSchema()
}

// summaryOf reads the last message of a run; the framework has only its text.
func summaryOf(text string) (string, error) {
	var summary summary
	if err := json.Unmarshal([]byte(text), &summary); err != nil {
		return "", err
	}
	return runner.AsAnswer(summary)
}
