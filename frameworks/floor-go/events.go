package main

import (
	"bufio"
	"bytes"
	"io"
)

// A line of a stream may be this long, in bytes.
const longestLine = 16 << 20

// readEvents gives take the data of each server-sent event of a reply. It reads to the end of the body, past the last
// event: after it the connection can be used again.
func readEvents(body io.Reader, take func(data []byte) error) error {
	lines := bufio.NewScanner(body)
	lines.Buffer(nil, longestLine)
	for lines.Scan() {
		data, isData := bytes.CutPrefix(lines.Bytes(), []byte("data: "))
		if !isData {
			continue
		}
		if err := take(data); err != nil {
			return err
		}
	}
	return lines.Err()
}
