package runner

import (
	"context"
	"sync/atomic"

	"loopmark/runner/internal/clock"
)

type seenKey struct{}

// TextSeen notes that the agent's caller sees text of the run of this context; of several calls the first one counts. It
// is for agents whose answers are streamed: wherever a user would be shown the text.
func TextSeen(ctx context.Context) {
	if seenNs, ok := ctx.Value(seenKey{}).(*atomic.Uint64); ok && seenNs.Load() == 0 {
		seenNs.CompareAndSwap(0, clock.Monotonic())
	}
}

// withSeen gives a run's context, and where the time at which its caller saw the first text will be, 0 until then.
func withSeen(ctx context.Context) (context.Context, *atomic.Uint64) {
	seenNs := new(atomic.Uint64)
	return context.WithValue(ctx, seenKey{}, seenNs), seenNs
}
