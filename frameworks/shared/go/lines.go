package runner

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// readLine gives the next line, or nil at the end of the input.
func readLine(in *bufio.Reader) ([]byte, error) {
	line, err := in.ReadBytes('\n')
	switch {
	case err == nil || err == io.EOF && len(line) > 0:
		return line, nil
	case err == io.EOF:
		return nil, nil
	default:
		return nil, err
	}
}

// fieldsOf gives the fields of a line of the wanted type. Fields that this runner does not know are no fault: a newer
// harness may say more.
func fieldsOf(line []byte, wanted string) (map[string]json.RawMessage, error) {
	var fields map[string]json.RawMessage
	var kind string
	err := json.Unmarshal(line, &fields)
	if err == nil {
		err = json.Unmarshal(fields["type"], &kind)
	}
	if err != nil {
		return nil, fmt.Errorf("expected a %s, got %.200q: %w", wanted, line, err)
	}
	if kind != wanted {
		return nil, fmt.Errorf("expected a %s, got a %s", wanted, kind)
	}
	return fields, nil
}

// has fails when one of the names is not among the fields.
func has(of string, fields map[string]json.RawMessage, names ...string) error {
	known := slices.Collect(maps.Keys(fields))
	missing := slices.DeleteFunc(names, func(name string) bool { return slices.Contains(known, name) })
	if len(missing) > 0 {
		return fmt.Errorf("a %s without %s", of, strings.Join(missing, ", "))
	}
	return nil
}

// write writes one line.
func write(out io.Writer, line any) error {
	buffered := bufio.NewWriter(out)
	if err := encoder(buffered).Encode(line); err != nil {
		return err
	}
	return buffered.Flush()
}

func encoder(out io.Writer) *json.Encoder {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	return encoder
}
