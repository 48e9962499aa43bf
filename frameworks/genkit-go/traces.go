package main

import (
	"context"

	"github.com/firebase/genkit/go/core/tracing"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/trace"
)

// closeTraces sends the traces that are left.
var closeTraces = func() error { return nil }

// openTraces has OpenTelemetry's exporter send Genkit's spans to a collector, in batches. Without a collector nothing
// reads the spans.
func openTraces(collector string) error {
	if collector == "" {
		return nil
	}
	exporter, err := otlptracehttp.New(context.Background(), otlptracehttp.WithEndpointURL(collector+"/v1/traces"))
	if err != nil {
		return err
	}
	provider := tracing.TracerProvider()
	provider.RegisterSpanProcessor(trace.NewBatchSpanProcessor(exporter))
	closeTraces = func() error { return provider.Shutdown(context.Background()) }
	return nil
}
