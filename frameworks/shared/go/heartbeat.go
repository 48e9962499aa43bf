package runner

import (
	"math"
	"time"

	"loopmark/runner/internal/clock"
)

const (
	heartbeatPeriod = 10 * time.Millisecond
	// The list has room for the beats of ten seconds before it grows.
	beatsAtFirst = 1000
)

// heartbeat is a goroutine that sleeps, as any other does, to multiples of its period since the batch began, and notes
// how late the scheduler woke it. A beat that was missed is not made up for.
type heartbeat struct {
	ended  chan struct{}
	lateUs chan []uint32
}

func startHeartbeat(beganNs uint64) *heartbeat {
	heart := &heartbeat{ended: make(chan struct{}), lateUs: make(chan []uint32)}
	go heart.beat(beganNs)
	return heart
}

// stop ends the heartbeat and gives how late each beat was, in µs.
func (h *heartbeat) stop() []uint32 {
	close(h.ended)
	return <-h.lateUs
}

func (h *heartbeat) beat(beganNs uint64) {
	lateUs := make([]uint32, 0, beatsAtFirst)
	dueNs := nextBeat(beganNs, clock.Monotonic())
	timer := time.NewTimer(durationUntil(dueNs))
	defer timer.Stop()
	for {
		select {
		case <-h.ended:
			h.lateUs <- lateUs
			return
		case <-timer.C:
		}
		now := clock.Monotonic()
		// A timer that runs ahead of the clock is on time.
		late := max(0, int64(now)-int64(dueNs)) / int64(time.Microsecond)
		lateUs = append(lateUs, uint32(min(late, math.MaxUint32)))
		dueNs = nextBeat(beganNs, max(now, dueNs))
		timer.Reset(durationUntil(dueNs))
	}
}

// nextBeat is the first multiple of the period since the beginning that is after now.
func nextBeat(beganNs, now uint64) uint64 {
	period := uint64(heartbeatPeriod)
	return beganNs + ((now-beganNs)/period+1)*period
}
