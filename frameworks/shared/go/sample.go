package runner

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"
	"strings"
	"sync"
)

// A failed run keeps so many characters of its error, and nothing else.
const errorLength = 300

type sampleLine struct {
	Type        string  `json:"type"`
	Batch       uint32  `json:"batch"`
	Run         uint64  `json:"run"`
	StartNs     uint64  `json:"start_ns"`
	EndNs       uint64  `json:"end_ns"`
	FirstTextNs uint64  `json:"first_text_ns,omitempty"`
	Answer      *string `json:"answer,omitempty"`
	AnswerCRC32 *uint32 `json:"answer_crc32,omitempty"`
	Error       string  `json:"error,omitempty"`
	Cancelled   bool    `json:"cancelled,omitempty"`
}

type batchDoneLine struct {
	Type            string    `json:"type"`
	Batch           uint32    `json:"batch"`
	HeartbeatLateUs *[]uint32 `json:"heartbeat_late_us,omitempty"`
}

// AsAnswer gives an answer of a structure as a sample has it: JSON without white space, its fields in alphabetical
// order.
func AsAnswer(output any) (string, error) {
	text, err := json.Marshal(output)
	if err != nil {
		return "", err
	}
	// Maps are written in the order of their keys, structs are not.
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var fields any
	if err := decoder.Decode(&fields); err != nil {
		return "", err
	}
	var answer strings.Builder
	err = encoder(&answer).Encode(fields)
	return strings.TrimSuffix(answer.String(), "\n"), err
}

// outcome is how a run ended.
type outcome uint8

const (
	answered outcome = iota
	failed
	cancelled
)

// kept is what is kept of a sample until its batch has ended: 24 bytes.
type kept struct {
	startNs     uint64
	endNs       uint64
	answerCRC32 uint32
	outcome     outcome
}

// samples is what a batch's runs gave. Each run writes its own place.
type samples struct {
	batch *batch
	kept  []kept
	// lateUs is the heartbeat's, or nil.
	lateUs []uint32

	lock sync.Mutex
	// texts are errors of failed runs, and answers if the batch asks for them.
	texts map[int]string
	// firstTextNs is when callers saw the first text, of the runs of which they saw any.
	firstTextNs map[int]uint64
}

func newSamples(batch *batch) *samples {
	return &samples{
		batch:       batch,
		kept:        make([]kept, batch.Runs),
		texts:       make(map[int]string),
		firstTextNs: make(map[int]uint64),
	}
}

func (s *samples) answered(index int, startNs, endNs uint64, answer string) {
	s.kept[index] = kept{startNs: startNs, endNs: endNs, outcome: answered}
	if s.batch.Answers == "text" {
		s.keepText(index, answer)
	} else {
		s.kept[index].answerCRC32 = crc32.ChecksumIEEE([]byte(answer))
	}
}

func (s *samples) cancelled(index int, startNs, endNs uint64) {
	s.kept[index] = kept{startNs: startNs, endNs: endNs, outcome: cancelled}
}

func (s *samples) failed(index int, startNs, endNs uint64, err error) {
	s.kept[index] = kept{startNs: startNs, endNs: endNs, outcome: failed}
	text := strings.ToValidUTF8(fmt.Sprintf("%T: %v", err, err), "\ufffd")
	characters := []rune(text)
	s.keepText(index, string(characters[:min(len(characters), errorLength)]))
}

func (s *samples) keepText(index int, text string) {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.texts[index] = text
}

func (s *samples) textWasSeen(index int, firstTextNs uint64) {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.firstTextNs[index] = firstTextNs
}

// write writes the lines of the batch: a sample for each run, then batch_done.
func (s *samples) write(out io.Writer) error {
	buffered := bufio.NewWriter(out)
	lines := encoder(buffered)
	for index, kept := range s.kept {
		if err := lines.Encode(s.sample(index, kept)); err != nil {
			return err
		}
	}
	done := batchDoneLine{Type: "batch_done", Batch: s.batch.Batch}
	if s.batch.Heartbeat {
		done.HeartbeatLateUs = &s.lateUs
	}
	if err := lines.Encode(done); err != nil {
		return err
	}
	return buffered.Flush()
}

func (s *samples) sample(index int, kept kept) sampleLine {
	line := sampleLine{
		Type:        "sample",
		Batch:       s.batch.Batch,
		Run:         s.batch.FirstRun + uint64(index),
		StartNs:     kept.startNs,
		EndNs:       kept.endNs,
		FirstTextNs: s.firstTextNs[index],
	}
	text := s.texts[index]
	switch {
	case kept.outcome == cancelled:
		line.Cancelled = true
	case kept.outcome == failed:
		line.Error = text
	case s.batch.Answers == "text":
		line.Answer = &text
	default:
		line.AnswerCRC32 = &kept.answerCRC32
	}
	return line
}
