package runner

import (
	"runtime/debug"
	"testing"
)

func TestVersionsComeFromTheBuild(t *testing.T) {
	build := &debug.BuildInfo{Deps: []*debug.Module{{Path: "example.org/agent", Version: "v1.2.3"}}}
	for path, want := range map[string]string{"example.org/agent": "1.2.3", "net/http": goVersion()} {
		if got, err := versionOf(build, path); err != nil || got != want {
			t.Errorf("%s: %q instead of %q, %v", path, got, want, err)
		}
	}
	if _, err := versionOf(build, "example.org/other"); err == nil {
		t.Error("a version of what is not in the build")
	}
}
