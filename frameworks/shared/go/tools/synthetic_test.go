package tools

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"

	"loopmark/runner/internal/clock"
)

func TestWaitingAndBlockingTakeTheirTime(t *testing.T) {
	began := time.Now()
	waited, err := Wait(context.Background(), 12)
	if err != nil {
		t.Fatal(err)
	}
	wantJSON(t, waited, `{"waited_ms":12}`)
	wantJSON(t, Block(13), `{"blocked_ms":13}`)
	if took := time.Since(began); took < 25*time.Millisecond {
		t.Errorf("took %s", took)
	}
}

func TestAWaitEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Wait(ctx, 3_600_000); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestComputingTakesTimeOfTheProcessor(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	before := clock.ThreadCPU()
	wantJSON(t, Compute(0), `{"computed_ms":0}`)
	between := clock.ThreadCPU()
	wantJSON(t, Compute(20), `{"computed_ms":20}`)
	nothing, used := time.Duration(between-before), time.Duration(clock.ThreadCPU()-between)
	if used < 20*time.Millisecond || used <= nothing {
		t.Errorf("used %s, and %s for nothing", used, nothing)
	}
}

func TestAPayloadRepeatsSixteenCharactersAndIsCutOff(t *testing.T) {
	wantJSON(t, Payload(20), `{"payload":"0123456789abcdef0123"}`)
	wantJSON(t, Payload(16), `{"payload":"0123456789abcdef"}`)
	wantJSON(t, Payload(0), `{"payload":""}`)
}

func TestATallyCountsTheItems(t *testing.T) {
	wantJSON(t, Tally([]string{"a", "b"}), `{"count":2}`)
	wantJSON(t, Tally(nil), `{"count":0}`)
}

func TestALookupHasTheSectionOfItsToolsName(t *testing.T) {
	wantJSON(t, LookUp(7, "leave", 4), `{"section":7,"topic":"leave","entries":4}`)
	if section, ok := SectionOf("lookup_17"); section != 17 || !ok {
		t.Error(section, ok)
	}
	for _, name := range []string{"lookup_", "lookup_x", "wait"} {
		if section, ok := SectionOf(name); ok {
			t.Errorf("%s looks up in section %d", name, section)
		}
	}
}

func TestAFailureCarriesItsMessage(t *testing.T) {
	if err := Fail("out of order"); err == nil || err.Error() != "out of order" {
		t.Error(err)
	}
}
