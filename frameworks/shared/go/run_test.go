package runner

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unsafe"

	"loopmark/runner/internal/clock"
)

func decimal(number uint64) string { return strconv.FormatUint(number, 10) }

func number(t *testing.T, text any) uint64 {
	t.Helper()
	number, err := strconv.ParseUint(text.(json.Number).String(), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return number
}

// runFake does a batch of the fake in this process.
func runFake(t *testing.T, prompt string, changes object) ([]sampleLine, *samples) {
	t.Helper()
	batch, err := parseBatch([]byte(lines(t, batchLine(changes))))
	if err != nil {
		t.Fatal(err)
	}
	newAgent, err := buildFake(&Hello{})
	if err != nil {
		t.Fatal(err)
	}
	agent, err := newAgent()
	if err != nil {
		t.Fatal(err)
	}
	samples := doRuns(func(uint64) Agent { return agent }, &Task{Prompt: prompt}, batch)
	var lines []sampleLine
	for index, kept := range samples.kept {
		lines = append(lines, samples.sample(index, kept))
	}
	return lines, samples
}

// mostInFlight is how many runs overlapped at the busiest moment.
func mostInFlight(samples []sampleLine) int {
	type edge struct {
		at   uint64
		step int
	}
	var edges []edge
	for _, sample := range samples {
		edges = append(edges, edge{sample.StartNs, 1}, edge{sample.EndNs, -1})
	}
	slices.SortFunc(edges, func(a, b edge) int { return int(int64(a.at) - int64(b.at)) })
	level, most := 0, 0
	for _, edge := range edges {
		level += edge.step
		most = max(most, level)
	}
	return most
}

func TestARunIsKeptIn24Bytes(t *testing.T) {
	if size := unsafe.Sizeof(kept{}); size != 24 {
		t.Errorf("%d bytes", size)
	}
}

func TestClosedArrivalKeepsTheLevelInFlightAndDoesEveryRunOnce(t *testing.T) {
	// Each run waits until there are three.
	changes := object{"first_run": 100, "runs": 9, "level": 3, "answers": "text"}
	samples, _ := runFake(t, "together 3 {run}", changes)
	for index, sample := range samples {
		want := "TOGETHER 3 " + decimal(100+uint64(index))
		if sample.Answer == nil || *sample.Answer != want || sample.Run != 100+uint64(index) {
			t.Errorf("%+v instead of %s", sample, want)
		}
	}
	if most := mostInFlight(samples); most != 3 {
		t.Errorf("%d in flight", most)
	}
}

func TestTheWorkersOfAClosedLoopStartOverItsRamp(t *testing.T) {
	before := clock.Monotonic()
	// Each run waits for the fourth, so none is a worker's second.
	samples, _ := runFake(t, "together 4", object{"runs": 4, "level": 4, "ramp_ms": 120})
	slices.SortFunc(samples, func(a, b sampleLine) int { return cmp.Compare(a.StartNs, b.StartNs) })
	for worker, sample := range samples {
		if share := uint64(worker) * 30_000_000; sample.StartNs < before+share {
			t.Errorf("worker %d starts %d ns after the batch began, or earlier", worker, sample.StartNs-before)
		}
	}
}

func TestALevelAboveTheNumberOfRunsStartsNoRunTwice(t *testing.T) {
	samples, _ := runFake(t, "together 3", object{"runs": 3, "level": 50})
	if len(samples) != 3 || mostInFlight(samples) != 3 {
		t.Errorf("%+v", samples)
	}
}

func TestBurstArrivalStartsEverythingAtOnce(t *testing.T) {
	// Each run waits for the twentieth.
	samples, _ := runFake(t, "together 20", object{"runs": 20, "level": 1, "arrival": "burst", "answers": "text"})
	for _, sample := range samples {
		if sample.Answer == nil || *sample.Answer != "TOGETHER 20" {
			t.Errorf("%+v", sample)
		}
	}
}

func TestEveryRunOfABurstCountsFromTheBatchsBeginning(t *testing.T) {
	before := clock.Monotonic()
	samples, _ := runFake(t, "called", object{"runs": 20, "level": 1, "arrival": "burst", "answers": "text"})
	began := samples[0].StartNs
	for index, sample := range samples {
		called, err := strconv.ParseUint(*sample.Answer, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		if sample.StartNs != began || began < before || called < began {
			t.Errorf("run %d is stamped %d, called at %d; the first is stamped %d", index, sample.StartNs, called, began)
		}
	}
}

func TestRateArrivalStampsTheIntendedStartAndStartsNoneBefore(t *testing.T) {
	samples, _ := runFake(t, "prompt", object{"runs": 5, "level": 1, "arrival": object{"rate": 200}})
	for index, sample := range samples {
		if intended := samples[0].StartNs + uint64(index)*5_000_000; sample.StartNs != intended {
			t.Errorf("run %d is stamped %d instead of %d", index, sample.StartNs, intended)
		}
		// The run's own 20 ms begin after the intended start, so its end is as far off or farther.
		if sample.EndNs-sample.StartNs < uint64(20*time.Millisecond) {
			t.Errorf("run %d began before its intended start", index)
		}
	}
}

func TestAFailedRunCarriesAShortErrorAndTheOthersGoOn(t *testing.T) {
	for _, answers := range []string{"digest", "text"} {
		samples, _ := runFake(t, "failure {run}", object{"answers": answers})
		for _, sample := range samples {
			wanted := strings.HasPrefix(sample.Error, "*fmt.wrapError: no answer to failure ")
			if !wanted || len([]rune(sample.Error)) != 300 || sample.Answer != nil || sample.AnswerCRC32 != nil {
				t.Errorf("%+v", sample)
			}
		}
	}
}

func TestAPanicFailsItsRunOnly(t *testing.T) {
	samples, _ := runFake(t, "panic", object{"runs": 2})
	for _, sample := range samples {
		if sample.Error != "runner.panicked: at the disco" {
			t.Errorf("%+v", sample)
		}
	}
}

func TestAnAnswerThatIsNoTextIsAnError(t *testing.T) {
	samples, _ := runFake(t, "bytes", object{"runs": 1})
	if !strings.HasSuffix(samples[0].Error, "the answer is not UTF-8") {
		t.Errorf("%+v", samples[0])
	}
}

func TestACancelledRunIsNoErrorAndEnds(t *testing.T) {
	// They never end by themselves.
	samples, _ := runFake(t, "endless", object{"runs": 3, "level": 3, "cancel_after_ms": 30})
	for _, sample := range samples {
		if !sample.Cancelled || sample.Error != "" || sample.Answer != nil || sample.AnswerCRC32 != nil {
			t.Errorf("%+v", sample)
		}
		if sample.EndNs-sample.StartNs < uint64(30*time.Millisecond) {
			t.Errorf("cancelled after %d ns", sample.EndNs-sample.StartNs)
		}
	}
}

func TestARunThatEndedBeforeIsNotCancelled(t *testing.T) {
	samples, _ := runFake(t, "prompt", object{"cancel_after_ms": 600_000})
	ignored, _ := runFake(t, "deaf", object{"cancel_after_ms": 1})
	for _, sample := range append(samples, ignored...) {
		if sample.Cancelled || sample.AnswerCRC32 == nil {
			t.Errorf("%+v", sample)
		}
	}
}

func TestTheHeartbeatBeatsWhileTheBatchLastsAndIsWrittenAsAList(t *testing.T) {
	_, samples := runFake(t, "long", object{"runs": 4, "level": 1, "heartbeat": true})
	// Four runs of 100 ms one after another: a beat is due before the end of each.
	if len(samples.lateUs) < 1 {
		t.Error("no beat in four runs")
	}
	_, none := runFake(t, "", object{"runs": 0, "heartbeat": true})
	var out strings.Builder
	if err := none.write(&out); err != nil {
		t.Fatal(err)
	}
	if want := `{"type":"batch_done","batch":1,"heartbeat_late_us":[]}` + "\n"; out.String() != want {
		t.Errorf("%s instead of %s", out.String(), want)
	}
}

func TestBeatsAreMultiplesOfTenMsAndMissedOnesAreNotMadeUpFor(t *testing.T) {
	const began, ms = 1_000_003, 1_000_000
	for now, next := range map[uint64]uint64{
		began: began + 10*ms, began + 10*ms - 1: began + 10*ms, began + 10*ms: began + 20*ms,
		began + 47*ms: began + 50*ms,
	} {
		if got := nextBeat(began, now); got != next {
			t.Errorf("after %d: %d instead of %d", now, got, next)
		}
	}
}

func TestASleepEndsAtItsTimeAndNotBefore(t *testing.T) {
	due := clock.Monotonic() + uint64(3*time.Millisecond)
	sleepUntil(due)
	if now := clock.Monotonic(); now < due {
		t.Errorf("woke %d ns early", due-now)
	}
	sleepUntil(due)
}

func TestTheAgentGetsAContextThatEndsWithItsRun(t *testing.T) {
	batch, err := parseBatch([]byte(lines(t, batchLine(object{"runs": 1}))))
	if err != nil {
		t.Fatal(err)
	}
	var kept context.Context
	agent := func(ctx context.Context, _ string) (string, error) {
		kept = ctx
		return "", ctx.Err()
	}
	doRuns(func(uint64) Agent { return agent }, &Task{}, batch)
	if kept.Err() == nil {
		t.Error("the context outlives its run")
	}
}
