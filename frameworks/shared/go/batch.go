package runner

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"loopmark/runner/internal/clock"
)

// A failed run keeps so many characters of its error, and nothing else.
const errorLength = 300

// runBatch does the batch's runs, each in a goroutine, as a server would; it returns when all of them have ended.
func runBatch(agent Agent, task *Task, batch *batch) *kept {
	kept := &kept{batch: batch, runs: make([]run, batch.Runs), texts: make(map[int]string)}
	runs := &runs{agent: agent, task: task, batch: batch, kept: kept}
	beganNs := clock.Monotonic()
	var heart *heartbeat
	if batch.Heartbeat {
		heart = startHeartbeat(beganNs)
	}
	switch batch.Arrival.name {
	case "closed":
		runs.startClosed(beganNs)
	case "burst":
		// Each run counts from the batch's beginning, however late the scheduler comes to it.
		for index := range batch.Runs {
			runs.start(func() { runs.do(index, beganNs) })
		}
	default:
		for index := range batch.Runs {
			dueNs := beganNs + uint64(float64(index)/batch.Arrival.rate*1e9)
			sleepUntil(dueNs)
			runs.start(func() { runs.do(index, dueNs) })
		}
	}
	runs.running.Wait()
	if heart != nil {
		kept.lateUs = heart.stop()
	}
	return kept
}

// runs is what the goroutines of a batch share.
type runs struct {
	agent   Agent
	task    *Task
	batch   *batch
	kept    *kept
	running sync.WaitGroup
}

func (r *runs) start(work func()) {
	r.running.Add(1)
	go func() {
		defer r.running.Done()
		work()
	}()
}

// startClosed starts level workers that share a counter; each takes the next run when its last one has ended.
// They start one after the other over the batch's ramp.
func (r *runs) startClosed(beganNs uint64) {
	next := new(atomic.Int64)
	rampNs := uint64(r.batch.RampMs) * uint64(time.Millisecond)
	for worker := range min(r.batch.Level, r.batch.Runs) {
		sleepUntil(beganNs + rampNs*uint64(worker)/uint64(r.batch.Level))
		r.start(func() {
			for index := int(next.Add(1)) - 1; index < r.batch.Runs; index = int(next.Add(1)) - 1 {
				r.do(index, clock.Monotonic())
			}
		})
	}
}

// do does one run and keeps what it gave.
func (r *runs) do(index int, startNs uint64) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if after := r.batch.CancelAfterMs; after != nil {
		deadlineNs := startNs + uint64(*after)*uint64(time.Millisecond)
		defer time.AfterFunc(durationUntil(deadlineNs), cancel).Stop()
	}
	answer, err := r.run(ctx, r.task.promptFor(r.batch.FirstRun+uint64(index)))
	endNs := clock.Monotonic()
	if err == nil && !utf8.ValidString(answer) {
		err = errors.New("the answer is not UTF-8")
	}
	switch {
	case err == nil:
		r.kept.answered(index, startNs, endNs, answer)
	case ctx.Err() != nil:
		r.kept.runs[index] = run{startNs: startNs, endNs: endNs, outcome: cancelled}
	default:
		r.kept.failed(index, startNs, endNs, err)
	}
}

// run calls the agent; a panic fails its run, not the batch.
func (r *runs) run(ctx context.Context, prompt string) (answer string, err error) {
	defer func() {
		if recovered := recover(); recovered != nil {
			err = panicked{recovered}
		}
	}()
	return r.agent(ctx, prompt)
}

// panicked is what an agent panicked with.
type panicked struct{ value any }

func (p panicked) Error() string { return fmt.Sprint(p.value) }

// outcome is how a run ended.
type outcome uint8

const (
	answered outcome = iota
	failed
	cancelled
)

// run is what is kept of a run until its batch has ended: 24 bytes.
type run struct {
	startNs     uint64
	endNs       uint64
	answerCRC32 uint32
	outcome     outcome
}

// kept is what a batch's runs gave. Each run writes its own place.
type kept struct {
	batch *batch
	runs  []run
	// lateUs is the heartbeat's, or nil.
	lateUs []uint32

	lock sync.Mutex
	// texts are errors of failed runs, and answers if the batch asks for them.
	texts map[int]string
}

func (k *kept) answered(index int, startNs, endNs uint64, answer string) {
	k.runs[index] = run{startNs: startNs, endNs: endNs, outcome: answered}
	if k.batch.Answers == "text" {
		k.keepText(index, answer)
	} else {
		k.runs[index].answerCRC32 = crc32.ChecksumIEEE([]byte(answer))
	}
}

func (k *kept) failed(index int, startNs, endNs uint64, err error) {
	k.runs[index] = run{startNs: startNs, endNs: endNs, outcome: failed}
	text := strings.ToValidUTF8(fmt.Sprintf("%T: %v", err, err), "\ufffd")
	characters := []rune(text)
	k.keepText(index, string(characters[:min(len(characters), errorLength)]))
}

func (k *kept) keepText(index int, text string) {
	k.lock.Lock()
	defer k.lock.Unlock()
	k.texts[index] = text
}

// write writes the lines of the batch: a sample for each run, then batch_done.
func (k *kept) write(out io.Writer) error {
	buffered := bufio.NewWriter(out)
	lines := encoder(buffered)
	for index, run := range k.runs {
		if err := lines.Encode(k.sample(index, run)); err != nil {
			return err
		}
	}
	done := batchDoneLine{Type: "batch_done", Batch: k.batch.Batch}
	if k.batch.Heartbeat {
		done.HeartbeatLateUs = &k.lateUs
	}
	if err := lines.Encode(done); err != nil {
		return err
	}
	return buffered.Flush()
}

func (k *kept) sample(index int, run run) sampleLine {
	line := sampleLine{
		Type:    "sample",
		Batch:   k.batch.Batch,
		Run:     k.batch.FirstRun + uint64(index),
		StartNs: run.startNs,
		EndNs:   run.endNs,
	}
	text := k.texts[index]
	switch {
	case run.outcome == cancelled:
		line.Cancelled = true
	case run.outcome == failed:
		line.Error = text
	case k.batch.Answers == "text":
		line.Answer = &text
	default:
		line.AnswerCRC32 = &run.answerCRC32
	}
	return line
}
