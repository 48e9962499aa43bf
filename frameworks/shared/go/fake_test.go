package runner

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"loopmark/runner/internal/clock"
)

// asFake makes this test binary a runner without a framework, for the tests that look at a process.
const asFake = "LOOPMARK_TEST_FAKE"

func TestMain(m *testing.M) {
	switch os.Getenv(asFake) {
	case "":
		os.Exit(m.Run())
	case "plain":
		Main(fake(nil))
	case "unclosable":
		runner := fake(nil)
		runner.Close = func() error { return errors.New("it can't be closed") }
		Main(runner)
	default:
		Main(fake([]Feature{
			Streaming, AgentPerRun, Cancellation, Heartbeat, SyntheticTools, ManyTools, HoldAgents, StructuredOutput,
		}))
	}
}

// fake is a runner whose prompt says what a run does.
func fake(offers []Feature) Runner {
	closed := func() error {
		fmt.Fprintln(os.Stderr, "closed")
		return nil
	}
	return Runner{Package: "net/http", HTTPClient: "net/http", Offers: offers, Build: buildFake, Close: closed}
}

func buildFake(hello *Hello) (NewAgent, error) {
	if hello.Model == "unbuildable" {
		return nil, errors.New("built, though the runner does not offer what the hello needs")
	}
	if _, err := Offered(&hello.Scenario, map[string]string{"ask": "", "wait": ""}); err != nil {
		return nil, err
	}
	var agents atomic.Int64
	return func() (Agent, error) {
		agent := agents.Add(1)
		return func(ctx context.Context, prompt string) (string, error) {
			return act(ctx, hello, agent, prompt)
		}, nil
	}, nil
}

var meeting struct {
	sync.Mutex
	waiting int
	all     chan struct{}
}

// meet returns when as many runs have come here as the prompt says, however long that takes.
func meet(prompt string) {
	var runs int
	fmt.Sscanf(prompt, "together %d", &runs)
	meeting.Lock()
	if meeting.waiting == 0 {
		meeting.all = make(chan struct{})
	}
	all := meeting.all
	if meeting.waiting++; meeting.waiting == runs {
		meeting.waiting = 0
		close(all)
	}
	meeting.Unlock()
	<-all
}

func act(ctx context.Context, hello *Hello, agent int64, prompt string) (string, error) {
	switch task, _, _ := strings.Cut(prompt, " "); task {
	case "failure":
		return "", fmt.Errorf("no answer to %s %w", prompt, errors.New(strings.Repeat("x", 1000)))
	case "panic":
		panic("at the disco")
	case "bytes":
		return "\xff", nil
	case "agent":
		return fmt.Sprintf("agent %d, stream %t", agent, hello.Stream), nil
	case "together":
		meet(prompt)
	case "called":
		return decimal(clock.Monotonic()), nil
	case "print":
		fmt.Println("a stray line")
		_, err := syscall.Write(1, []byte("and one past os.Stdout\n"))
		return "", err
	case "endless":
		<-ctx.Done()
		return "", ctx.Err()
	case "deaf":
		<-ctx.Done()
		return "an answer all the same", nil
	case "long":
		time.Sleep(100 * time.Millisecond)
	default:
		time.Sleep(20 * time.Millisecond)
	}
	return strings.ToUpper(prompt), nil
}
