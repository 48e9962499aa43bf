package runner

import "testing"

func TestAnAnswerOfAStructureIsCompactWithItsFieldsInAlphabeticalOrder(t *testing.T) {
	output := struct {
		Words  int            `json:"words"`
		Title  string         `json:"title"`
		Nested map[string]any `json:"nested"`
	}{1 << 60, "Grüße <& more>", map[string]any{"b": []int{1}, "a": nil}}
	answer, err := AsAnswer(output)
	want := `{"nested":{"a":null,"b":[1]},"title":"Grüße <& more>","words":1152921504606846976}`
	if err != nil || answer != want {
		t.Errorf("%s, %v instead of %s", answer, err, want)
	}
}
