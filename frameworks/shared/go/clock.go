package runner

import (
	"syscall"
	"time"

	"loopmark/runner/internal/clock"
)

// sleepUntil returns at a time of CLOCK_MONOTONIC. It sleeps in the kernel, on a thread that the scheduler replaces
// meanwhile: Go's own timers are up to a millisecond late when the process is idle.
func sleepUntil(dueNs uint64) {
	for now := clock.Monotonic(); now < dueNs; now = clock.Monotonic() {
		pause := syscall.NsecToTimespec(int64(dueNs - now))
		// A signal, such as those by which the scheduler preempts, ends the pause early.
		_ = syscall.Nanosleep(&pause, nil)
	}
}

// durationUntil is how long it is to a time of CLOCK_MONOTONIC, or less than 0.
func durationUntil(dueNs uint64) time.Duration {
	return time.Duration(int64(dueNs) - int64(clock.Monotonic()))
}
