package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
)

// As many idle connections as runs will ever be in flight.
const idleConnections = 1 << 20

// newClient makes the client that all runs share. The default transport keeps two idle connections of a host; a floor
// makes no run open a connection that another has just let go of.
func newClient() *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConns = 0 // no limit
	transport.MaxIdleConnsPerHost = idleConnections
	return &http.Client{Transport: transport}
}

// server is one API of the model's server.
type server struct {
	client *http.Client
	url    string
}

// fetch reads a whole reply into reply.
func (s server) fetch(ctx context.Context, request, reply any) error {
	response, err := s.post(ctx, request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	// Read to its end, so that the connection can be used again.
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, reply)
}

// follow gives take the data of each event of a streamed reply.
func (s server) follow(ctx context.Context, request any, take func(data []byte) error) error {
	response, err := s.post(ctx, request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	return readEvents(response.Body, take)
}

// post makes one LLM call, up to the head of its reply.
func (s server) post(ctx context.Context, body any) (*http.Response, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer made-up")
	request.Header.Set("Content-Type", "application/json")
	response, err := s.client.Do(request)
	if err != nil || response.StatusCode == http.StatusOK {
		return response, err
	}
	defer response.Body.Close()
	text, err = io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	return nil, fmt.Errorf("%s: %s", response.Status, text)
}
