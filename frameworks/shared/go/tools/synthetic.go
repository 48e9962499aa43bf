package tools

import (
	"context"
	"errors"
	"hash/crc32"
	"runtime"
	"strconv"
	"strings"
	"time"

	"loopmark/runner/internal/clock"
)

// Waited is what Wait gives.
type Waited struct {
	Ms int `json:"waited_ms"`
}

// Blocked is what Block gives.
type Blocked struct {
	Ms int `json:"blocked_ms"`
}

// Computed is what Compute gives.
type Computed struct {
	Ms int `json:"computed_ms"`
}

// Filled is what Payload gives.
type Filled struct {
	Payload string `json:"payload"`
}

// Tallied is what Tally gives.
type Tallied struct {
	Count int `json:"count"`
}

// LookedUp is what LookUp gives.
type LookedUp struct {
	Section int    `json:"section"`
	Topic   string `json:"topic"`
	Entries int    `json:"entries"`
}

// Wait returns after so many milliseconds, or when the context is cancelled.
func Wait(ctx context.Context, ms int) (Waited, error) {
	timer := time.NewTimer(time.Duration(ms) * time.Millisecond)
	defer timer.Stop()
	select {
	case <-timer.C:
		return Waited{Ms: ms}, nil
	case <-ctx.Done():
		return Waited{}, ctx.Err()
	}
}

// Block sleeps for so many milliseconds, whatever becomes of its caller. A goroutine that sleeps holds up none of the
// others, as one in blocking I/O does not: in Go, Block differs from Wait only in that nothing cancels it.
func Block(ms int) Blocked {
	time.Sleep(time.Duration(ms) * time.Millisecond)
	return Blocked{Ms: ms}
}

// Compute keeps a processor busy for so many milliseconds of CPU time.
func Compute(ms int) Computed {
	// The clock is that of a thread: the goroutine stays on one.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	until := clock.ThreadCPU() + uint64(max(ms, 0))*uint64(time.Millisecond)
	var work [4096]byte
	for clock.ThreadCPU() < until {
		work[0] = byte(crc32.ChecksumIEEE(work[:]))
	}
	return Computed{Ms: ms}
}

// Payload gives so many characters.
func Payload(bytes int) Filled {
	const pattern = "0123456789abcdef"
	bytes = max(bytes, 0)
	return Filled{Payload: strings.Repeat(pattern, bytes/len(pattern)+1)[:bytes]}
}

// Tally counts the items.
func Tally(items []string) Tallied {
	return Tallied{Count: len(items)}
}

// SectionOf gives the section of the handbook in which a tool of this name looks up: 3 for lookup_3.
func SectionOf(name string) (section int, ok bool) {
	digits, ok := strings.CutPrefix(name, "lookup_")
	if !ok {
		return 0, false
	}
	section, err := strconv.Atoi(digits)
	return section, err == nil
}

// LookUp gives so many entries on a topic in a section of the handbook.
func LookUp(section int, topic string, limit int) LookedUp {
	return LookedUp{Section: section, Topic: topic, Entries: limit}
}

// Fail fails with this message.
func Fail(message string) error {
	return errors.New(message)
}
