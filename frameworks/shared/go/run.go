package runner

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"loopmark/runner/internal/clock"
)

// Agent is one run: the whole agent loop on a fresh conversation, from the prompt to the final answer. It gives up when
// the context is cancelled.
type Agent func(ctx context.Context, prompt string) (string, error)

// agentOf gives the agent of the run of this number.
type agentOf func(run uint64) Agent

// doRuns does the batch's runs, each in a goroutine, as a server would; it returns when all of them have ended.
func doRuns(agentOf agentOf, task *Task, batch *batch) *samples {
	samples := newSamples(batch)
	runs := &runs{agentOf: agentOf, task: task, batch: batch, samples: samples}
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
		samples.lateUs = heart.stop()
	}
	return samples
}

// runs is what the goroutines of a batch share.
type runs struct {
	agentOf agentOf
	task    *Task
	batch   *batch
	samples *samples
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
	ctx, seenNs := withSeen(ctx)
	if after := r.batch.CancelAfterMs; after != nil {
		deadlineNs := startNs + uint64(*after)*uint64(time.Millisecond)
		defer time.AfterFunc(durationUntil(deadlineNs), cancel).Stop()
	}
	answer, err := r.run(ctx, r.batch.FirstRun+uint64(index))
	endNs := clock.Monotonic()
	if seen := seenNs.Load(); seen != 0 {
		r.samples.textWasSeen(index, seen)
	}
	if err == nil && !utf8.ValidString(answer) {
		err = errors.New("the answer is not UTF-8")
	}
	switch {
	case err == nil:
		r.samples.answered(index, startNs, endNs, answer)
	case ctx.Err() != nil:
		r.samples.cancelled(index, startNs, endNs)
	default:
		r.samples.failed(index, startNs, endNs, err)
	}
}

// run calls the agent of a run; a panic fails its run, not the batch.
func (r *runs) run(ctx context.Context, number uint64) (answer string, err error) {
	defer func() {
		if recovered := recover(); recovered != nil {
			err = panicked{recovered}
		}
	}()
	return r.agentOf(number)(ctx, r.task.promptFor(number))
}

// panicked is what an agent panicked with.
type panicked struct{ value any }

func (p panicked) Error() string { return fmt.Sprint(p.value) }
