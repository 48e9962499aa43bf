package runner

import (
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
)

// ready names the framework, the runtime and the HTTP client, each with the version that is compiled in.
func (r Runner) ready() (readyLine, error) {
	build, ok := debug.ReadBuildInfo()
	if !ok {
		return readyLine{}, errors.New("the runner was built without modules")
	}
	version, err := versionOf(build, r.Package)
	if err != nil {
		return readyLine{}, err
	}
	client, err := versionOf(build, r.HTTPClient)
	if err != nil {
		return readyLine{}, err
	}
	return readyLine{
		Type:       "ready",
		Framework:  r.Package,
		Version:    version,
		Runtime:    "Go " + goVersion(),
		HTTPClient: r.HTTPClient + " " + client,
		Offers:     append([]Feature{}, r.Offers...),
	}, nil
}

// versionOf gives the version of a module of the build; a package of the standard library, whose path begins without a
// dot, has Go's own.
func versionOf(build *debug.BuildInfo, path string) (string, error) {
	if first, _, _ := strings.Cut(path, "/"); !strings.Contains(first, ".") {
		return goVersion(), nil
	}
	for _, module := range build.Deps {
		if module.Path == path {
			return strings.TrimPrefix(module.Version, "v"), nil
		}
	}
	return "", fmt.Errorf("the runner is built without the module %s", path)
}

func goVersion() string {
	return strings.TrimPrefix(runtime.Version(), "go")
}
