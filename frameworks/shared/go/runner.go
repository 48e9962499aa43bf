// Package runner is the Go side of the runner protocol (docs/PROTOCOL.md), on the standard library alone.
//
// A runner calls [Main] with a function that makes its agent. Importing this package takes standard output away from
// everything else in the process, so that a banner or a stray print lands in the log instead of the protocol.
package runner

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"syscall"
)

// NewAgent makes an agent. It is called before any run, once or for each agent to hold, or in each run, as the hello
// asks.
type NewAgent func() (Agent, error)

// Runner is what a row is made of.
type Runner struct {
	// Package is the framework's module; its version is read from the build.
	Package string
	// HTTPClient is the module of the HTTP client that the framework uses, or net/http.
	HTTPClient string
	// Offers is what the runner can do beyond plain runs.
	Offers []Feature
	// Build makes what all agents share, such as the HTTP client and the tools' data.
	Build func(*Hello) (NewAgent, error)
	// Close is called when the harness has closed standard input, before the process ends: it sends traces, for
	// example. It may be nil.
	Close func() error
}

// protocolOut is where the harness listens; file descriptor 1 is the log from here on.
var protocolOut = takeStdout()

func takeStdout() *os.File {
	protocol, err := syscall.Dup(1)
	if err != nil {
		panic(err)
	}
	syscall.CloseOnExec(protocol)
	if err := syscall.Dup3(2, 1, 0); err != nil {
		panic(err)
	}
	return os.NewFile(uintptr(protocol), "protocol")
}

// Main serves the harness until it closes standard input, then exits: with 0, or with 1 and the reason on standard
// error. With the argument --version it prints the framework and its version instead.
func Main(runner Runner) {
	if err := runner.main(os.Args[1:], os.Stdin, protocolOut); err != nil {
		fmt.Fprintln(os.Stderr, "runner:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

func (r Runner) main(arguments []string, in io.Reader, out io.Writer) error {
	ready, err := r.ready()
	if err != nil {
		return err
	}
	if slices.Equal(arguments, []string{"--version"}) {
		_, err := fmt.Fprintln(out, ready.Framework, ready.Version)
		return err
	}
	if err := r.converse(ready, bufio.NewReader(in), out); err != nil || r.Close == nil {
		return err
	}
	return r.Close()
}

// converse is the conversation of docs/PROTOCOL.md, up to the end of the input.
func (r Runner) converse(ready readyLine, in *bufio.Reader, out io.Writer) error {
	if err := write(out, importedLine{Type: "imported", Protocol: protocolVersion}); err != nil {
		return err
	}
	line, err := readLine(in)
	if err != nil || line == nil {
		return err
	}
	hello, err := parseHello(line)
	if err != nil {
		return err
	}
	if !offersAll(r.Offers, hello.needs()) {
		if err := write(out, ready); err != nil {
			return err
		}
		_, err := io.Copy(io.Discard, in)
		return err
	}
	agentOf, err := r.agents(hello)
	if err != nil {
		return err
	}
	if err := write(out, ready); err != nil {
		return err
	}
	return r.doBatches(agentOf, &hello.Scenario, in, out)
}

// agents builds what the hello asks for: agents that the runs take in turn, or one that makes another for each run.
func (r Runner) agents(hello *Hello) (agentOf, error) {
	newAgent, err := r.Build(hello)
	if err != nil {
		return nil, err
	}
	if hello.Agent == perRun {
		return func(uint64) Agent { return anew(newAgent) }, nil
	}
	held := make([]Agent, hello.Agents)
	for index := range held {
		if held[index], err = newAgent(); err != nil {
			return nil, err
		}
	}
	return func(run uint64) Agent { return held[run%uint64(len(held))] }, nil
}

// anew is an agent that is made in its run.
func anew(newAgent NewAgent) Agent {
	return func(ctx context.Context, prompt string) (string, error) {
		agent, err := newAgent()
		if err != nil {
			return "", err
		}
		return agent(ctx, prompt)
	}
}

func (r Runner) doBatches(agentOf agentOf, task *Task, in *bufio.Reader, out io.Writer) error {
	for {
		line, err := readLine(in)
		if err != nil || line == nil {
			return err
		}
		batch, err := parseBatch(line)
		if err != nil {
			return err
		}
		if !offersAll(r.Offers, batch.needs()) {
			return errors.New("the batch asks for what this runner does not offer")
		}
		samples := doRuns(agentOf, task, batch)
		if err := samples.write(out); err != nil {
			return err
		}
	}
}

func offersAll(offers, needs []Feature) bool {
	return !slices.ContainsFunc(needs, func(need Feature) bool { return !slices.Contains(offers, need) })
}
