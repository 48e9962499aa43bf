package main

import (
	"context"

	"trpc.group/trpc-go/trpc-agent-go/telemetry/trace"
)

// closeTraces sends the traces that are left.
var closeTraces = func() error { return nil }

// openTraces has the framework send OpenTelemetry spans to a collector. Without a collector there are no traces.
func openTraces(collector string) error {
	if collector == "" {
		return nil
	}
	clean, err := trace.Start(
		context.Background(),
		trace.WithProtocol("http"),
		trace.WithEndpointURL(collector+"/v1/traces"),
	)
	if err != nil {
		return err
	}
	closeTraces = clean
	return nil
}
