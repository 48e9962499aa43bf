package runner

import (
	"bytes"
	"encoding/json"
	"errors"
	"hash/crc32"
	"maps"
	"os"
	"os/exec"
	"strings"
	"testing"

	"loopmark/runner/internal/clock"
)

// object is a line of the protocol, as a test writes and reads it.
type object map[string]any

func with(line object, changes object) object {
	line = maps.Clone(line)
	maps.Copy(line, changes)
	return line
}

func hello(prompt string, changes object) object {
	scenario := object{
		"name": "fake", "instructions": "", "prompt": prompt, "data": object{}, "max_turns": 10,
		"tools":                      []object{{"name": "ask", "description": "", "parameters": object{}}},
		"a-field-of-a-newer-harness": 1,
	}
	return with(object{
		"type": "hello", "protocol": 1, "base_url": "http://127.0.0.1:9/v1", "api": "chat-completions",
		"model": "fake", "scenario": scenario,
	}, changes)
}

func batchLine(changes object) object {
	return with(object{
		"type": "batch", "batch": 1, "first_run": 0, "runs": 4, "level": 2, "arrival": "closed", "answers": "digest",
	}, changes)
}

func lines(t *testing.T, objects ...object) string {
	t.Helper()
	var text strings.Builder
	for _, object := range objects {
		line, err := json.Marshal(object)
		if err != nil {
			t.Fatal(err)
		}
		text.Write(line)
		text.WriteByte('\n')
	}
	return text.String()
}

// process runs the fake to its end and gives both streams and the exit code.
func process(t *testing.T, kind, stdin string, arguments ...string) (stdout, stderr string, code int) {
	t.Helper()
	fake := exec.Command(os.Args[0], arguments...)
	fake.Env = append(os.Environ(), asFake+"="+kind)
	fake.Stdin = strings.NewReader(stdin)
	var out, log bytes.Buffer
	fake.Stdout, fake.Stderr = &out, &log
	var exit *exec.ExitError
	if err := fake.Run(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return out.String(), log.String(), fake.ProcessState.ExitCode()
}

// conversation gives the lines that the fake wrote.
func conversation(t *testing.T, kind string, objects ...object) []object {
	t.Helper()
	stdout, stderr, code := process(t, kind, lines(t, objects...))
	if code != 0 {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	var written []object
	for text := range strings.Lines(stdout) {
		// Numbers stay texts: a float64 would round nanoseconds.
		decoder := json.NewDecoder(strings.NewReader(text))
		decoder.UseNumber()
		var line object
		if err := decoder.Decode(&line); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		written = append(written, line)
	}
	return written
}

func wantTypes(t *testing.T, written []object, types ...string) {
	t.Helper()
	var got []string
	for _, line := range written {
		got = append(got, line["type"].(string))
	}
	if strings.Join(got, " ") != strings.Join(types, " ") {
		t.Fatalf("the lines are %v instead of %v", got, types)
	}
}

func TestReadyNamesTheRuntimeThatIsCompiledInAndWhatIsOffered(t *testing.T) {
	written := conversation(t, "all", hello("prompt {run}", nil))
	wantTypes(t, written, "imported", "ready")
	ready, _ := json.Marshal(written[1])
	want := `{"framework":"net/http","http_client":"net/http ` + goVersion() + `",` +
		`"offers":["streaming","agent-per-run","cancellation","heartbeat","synthetic-tools",` +
		`"many-tools","hold-agents","structured-output"],` +
		`"runtime":"Go ` + goVersion() + `","type":"ready","version":"` + goVersion() + `"}`
	if string(ready) != want {
		t.Errorf("%s instead of %s", ready, want)
	}
}

func TestVersionPrintsOneLine(t *testing.T) {
	stdout, _, code := process(t, "all", "", "--version")
	if stdout != "net/http "+goVersion()+"\n" || code != 0 {
		t.Errorf("%q, exit code %d", stdout, code)
	}
}

func TestTheEndOfInputEndsTheConversationWell(t *testing.T) {
	wantTypes(t, conversation(t, "all"), "imported")
}

func TestARunnerIsClosedOnceWhenTheInputHasEnded(t *testing.T) {
	input := lines(t, hello("failure {run}", nil), batchLine(object{"runs": 1}))
	_, stderr, code := process(t, "all", input)
	if strings.Count(stderr, "closed\n") != 1 || code != 0 {
		t.Errorf("exit code %d: %s", code, stderr)
	}
	_, stderr, code = process(t, "unclosable", input)
	if !strings.Contains(stderr, "it can't be closed") || code != 1 {
		t.Errorf("exit code %d: %s", code, stderr)
	}
}

func TestStrayOutputGoesToTheLog(t *testing.T) {
	input := lines(t, hello("print {run}", nil), batchLine(object{"runs": 1}))
	stdout, stderr, _ := process(t, "all", input)
	if strings.Contains(stdout, "stray") || strings.Contains(stdout, "past os.Stdout") {
		t.Errorf("among the protocol: %s", stdout)
	}
	for _, stray := range []string{"a stray line\n", "and one past os.Stdout\n"} {
		if !strings.Contains(stderr, stray) {
			t.Errorf("%q is not in the log: %s", stray, stderr)
		}
	}
}

func TestADigestIsZlibsCRC32OfTheAnswer(t *testing.T) {
	written := conversation(t, "all", hello("Grüße {run}", nil), batchLine(object{"first_run": 40, "runs": 1}))
	wantTypes(t, written, "imported", "ready", "sample", "batch_done")
	sample := written[2]
	digest := crc32.ChecksumIEEE([]byte(strings.ToUpper("Grüße 40")))
	want := json.Number(decimal(uint64(digest)))
	if sample["answer_crc32"] != want || sample["run"] != json.Number("40") || sample["answer"] != nil {
		t.Errorf("%v instead of %s", sample, want)
	}
	if _, ok := written[3]["heartbeat_late_us"]; ok {
		t.Error("a heartbeat that nobody asked for")
	}
}

func TestSecondBatchFollowsTheFirst(t *testing.T) {
	second := batchLine(object{"batch": 2, "first_run": 4, "runs": 1, "answers": "text"})
	written := conversation(t, "all", hello("<p> {run}", nil), batchLine(object{"runs": 1}), second)
	wantTypes(t, written, "imported", "ready", "sample", "batch_done", "sample", "batch_done")
	if written[4]["answer"] != "<P> 4" || written[4]["batch"] != json.Number("2") {
		t.Errorf("%v", written[4])
	}
}

func TestTheClockIsThatOfOtherProcesses(t *testing.T) {
	before := clock.Monotonic()
	written := conversation(t, "all", hello("prompt {run}", nil), batchLine(object{"runs": 1}))
	after := clock.Monotonic()
	start, end := number(t, written[2]["start_ns"]), number(t, written[2]["end_ns"])
	if before >= start || start >= end || end >= after {
		t.Errorf("%d, %d, %d, %d do not follow each other", before, start, end, after)
	}
}

func TestAnAgentLivesForAllRunsOrForOne(t *testing.T) {
	batch := batchLine(object{"runs": 2, "level": 1, "answers": "text"})
	shared := conversation(t, "all", hello("agent {run}", nil), batch)
	perRun := conversation(t, "all", hello("agent {run}", object{"agent": "per-run", "stream": true}), batch)
	for index, want := range []string{"agent 1, stream false", "agent 1, stream false"} {
		if shared[2+index]["answer"] != want {
			t.Errorf("%v instead of %s", shared[2+index], want)
		}
	}
	for index, want := range []string{"agent 1, stream true", "agent 2, stream true"} {
		if perRun[2+index]["answer"] != want {
			t.Errorf("%v instead of %s", perRun[2+index], want)
		}
	}
}

func TestRunsTakeTheHeldAgentsInTurn(t *testing.T) {
	batch := batchLine(object{"first_run": 5, "answers": "text"})
	written := conversation(t, "all", hello("agent {run}", object{"protocol": 2, "agents": 3}), batch)
	for index, want := range []string{"agent 3", "agent 1", "agent 2", "agent 3"} {
		if answer, _, _ := strings.Cut(written[2+index]["answer"].(string), ","); answer != want {
			t.Errorf("run %d is done by %s instead of %s", 5+index, answer, want)
		}
	}
}

func TestWhatIsNotOfferedIsNotBuilt(t *testing.T) {
	synthetic := with(hello("prompt", nil)["scenario"].(object), object{"tools": []object{{"name": "wait"}}})
	lookup := with(synthetic, object{"tools": []object{{"name": "lookup_7"}}})
	for _, need := range []object{
		{"stream": true}, {"agent": "per-run"}, {"scenario": synthetic}, {"scenario": lookup}, {"agents": 2},
		{"output": object{"name": "summary", "schema": object{}}}, {"tracing": "http://127.0.0.1:9/sink"},
		{"handoff": object{"name": "writer", "description": "", "instructions": ""}},
	} {
		need["model"] = "unbuildable"
		wantTypes(t, conversation(t, "plain", hello("prompt", need)), "imported", "ready")
	}
}

func TestWhatCannotBeServedEndsTheRunnerWithItsReason(t *testing.T) {
	good := hello("prompt", nil)
	otherTool := with(good["scenario"].(object), object{"tools": []object{{"name": "other"}}})
	for _, refused := range []struct{ stdin, reason string }{
		{lines(t, with(good, object{"protocol": 3})), "speaks protocol 1 to 2, not 3"},
		{lines(t, with(good, object{"protocol": 0})), "speaks protocol 1 to 2, not 0"},
		{lines(t, with(good, object{"agents": 0})), "asks for 0 agents, not 1 or more"},
		{lines(t, with(good, object{"agent": "secret"})), `an agent that is "secret"`},
		{lines(t, with(good, object{"scenario": otherTool})), "wants tools this runner lacks: other"},
		{lines(t, with(good, object{"scenario": object{}})), "a scenario without name, instructions"},
		{lines(t, object{"type": "hello"}), "a hello without protocol"},
		{lines(t, batchLine(nil)), "expected a hello, got a batch"},
		{"no json\n", `expected a hello, got "no json\n"`},
		{lines(t, good, good), "expected a batch, got a hello"},
		{lines(t, good, object{"type": "batch"}), "a batch without batch, first_run"},
		{lines(t, good, batchLine(object{"arrival": "late"})), `no arrival: "late"`},
		{lines(t, good, batchLine(object{"arrival": object{"rate": 0}})), `no arrival: {"rate":0}`},
		{lines(t, good, batchLine(object{"level": 0})), "a level of 1 or more"},
		{lines(t, good, batchLine(object{"answers": "poems"})), `no way to carry answers: "poems"`},
	} {
		stdout, stderr, code := process(t, "all", refused.stdin)
		if code != 1 || !strings.Contains(stderr, refused.reason) || !strings.HasPrefix(stdout, `{"type":"imported","protocol":2}`) {
			t.Errorf("exit code %d without %q: %s", code, refused.reason, stderr)
		}
	}
}

func TestABatchThatAsksForWhatIsNotOfferedIsRefused(t *testing.T) {
	for _, need := range []object{{"cancel_after_ms": 5}, {"heartbeat": true}} {
		_, stderr, code := process(t, "plain", lines(t, hello("prompt", nil), batchLine(need)))
		if code != 1 || !strings.Contains(stderr, "does not offer") {
			t.Errorf("exit code %d: %s", code, stderr)
		}
	}
}

func TestARefusalDoesNotWaitForTheEndOfInput(t *testing.T) {
	fake := exec.Command(os.Args[0])
	fake.Env = append(os.Environ(), asFake+"=all")
	stdin, err := fake.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := fake.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := stdin.Write([]byte("no json\n")); err != nil {
		t.Fatal(err)
	}
	if state, _ := fake.Process.Wait(); state.ExitCode() != 1 {
		t.Errorf("exit code %d", state.ExitCode())
	}
}
