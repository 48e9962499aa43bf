package runner

import (
	"encoding/json"
	"errors"
	"fmt"
)

// batch is runs to do, numbered from FirstRun on.
type batch struct {
	Batch    uint32  `json:"batch"`
	FirstRun uint64  `json:"first_run"`
	Runs     int     `json:"runs"`
	Level    int     `json:"level"`
	Arrival  arrival `json:"arrival"`
	// Answers is "text" or "digest".
	Answers string `json:"answers"`
	// RampMs: worker i of a closed loop starts i / level of it after the batch began.
	RampMs        uint32 `json:"ramp_ms"`
	CancelAfterMs *int64 `json:"cancel_after_ms"`
	Heartbeat     bool   `json:"heartbeat"`
}

func (b *batch) needs() []Feature {
	var needs []Feature
	if b.CancelAfterMs != nil {
		needs = append(needs, Cancellation)
	}
	if b.Heartbeat {
		needs = append(needs, Heartbeat)
	}
	return needs
}

// arrival says when runs start: "closed", "burst", or so many a second.
type arrival struct {
	name string
	rate float64
}

func (a *arrival) UnmarshalJSON(text []byte) error {
	var open struct {
		Rate float64 `json:"rate"`
	}
	if json.Unmarshal(text, &a.name) == nil && (a.name == "closed" || a.name == "burst") {
		return nil
	}
	if json.Unmarshal(text, &open) == nil && open.Rate > 0 {
		*a = arrival{name: "rate", rate: open.Rate}
		return nil
	}
	return fmt.Errorf("no arrival: %s", text)
}

func parseBatch(line []byte) (*batch, error) {
	fields, err := fieldsOf(line, "batch")
	if err != nil {
		return nil, err
	}
	if err := has("batch", fields, "batch", "first_run", "runs", "level", "arrival", "answers"); err != nil {
		return nil, err
	}
	batch := new(batch)
	if err := json.Unmarshal(line, batch); err != nil {
		return nil, fmt.Errorf("the batch: %w", err)
	}
	switch {
	case batch.Runs < 0 || batch.Level < 1:
		return nil, errors.New("a batch has 0 or more runs and a level of 1 or more")
	case batch.Answers != "text" && batch.Answers != "digest":
		return nil, fmt.Errorf("no way to carry answers: %q", batch.Answers)
	case batch.CancelAfterMs != nil && *batch.CancelAfterMs < 0:
		return nil, errors.New("a run is cancelled after its start, not before")
	}
	return batch, nil
}
