package tools

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

const papersFile = `{"papers": [
	{"id": "a", "title": "On Memory", "authors": ["X"], "year": 2001, "abstract": "short"},
	{"id": "b", "title": "Plans", "authors": [], "year": 2002, "abstract": "of memory and more"},
	{"id": "c", "title": "Other", "authors": ["Y", "Z"], "year": 2003, "abstract": "nothing"}
]}`

func corpus(t *testing.T) *Corpus {
	t.Helper()
	path := filepath.Join(t.TempDir(), "papers.json")
	if err := os.WriteFile(path, []byte(papersFile), 0o600); err != nil {
		t.Fatal(err)
	}
	corpus, err := LoadCorpus(map[string]string{"papers": path})
	if err != nil {
		t.Fatal(err)
	}
	return corpus
}

func wantJSON(t *testing.T, value any, want string) {
	t.Helper()
	if got, err := json.Marshal(value); err != nil || string(got) != want {
		t.Errorf("%s instead of %s, %v", got, want, err)
	}
}

func TestASearchIgnoresCaseKeepsTheOrderAndSaysIfThereIsMore(t *testing.T) {
	a := `{"id":"a","title":"On Memory","authors":["X"],"year":2001}`
	b := `{"id":"b","title":"Plans","authors":[],"year":2002}`
	wantJSON(t, corpus(t).SearchPapers("MEMORY", 1), `{"papers":[`+a+`],"more_pages":true}`)
	wantJSON(t, corpus(t).SearchPapers("memory", 2), `{"papers":[`+a+`,`+b+`],"more_pages":false}`)
}

func TestASearchLooksAtTitleAndAbstractAsOneText(t *testing.T) {
	if found := corpus(t).SearchPapers("memory short", 3); len(found.Papers) != 1 || found.Papers[0].ID != "a" {
		t.Errorf("%+v", found)
	}
}

func TestReadingGivesTheWholePaper(t *testing.T) {
	paper, err := corpus(t).ReadPaper("c")
	if err != nil {
		t.Fatal(err)
	}
	wantJSON(t, paper, `{"id":"c","title":"Other","authors":["Y","Z"],"year":2003,"abstract":"nothing"}`)
}

func TestReadingAnUnknownPaperIsAnError(t *testing.T) {
	if _, err := corpus(t).ReadPaper("z"); err == nil || err.Error() != `no paper has the id "z"` {
		t.Error(err)
	}
}

func TestThePapersComeFromTheScenariosDataIfItHasAny(t *testing.T) {
	none, err := LoadCorpus(nil)
	if err != nil {
		t.Fatal(err)
	}
	wantJSON(t, none.SearchPapers("memory", 1), `{"papers":[],"more_pages":false}`)
	if _, err := LoadCorpus(map[string]string{"papers": "no such file"}); err == nil {
		t.Error("papers of no file")
	}
}

func TestWordsAreThePartsBetweenWhiteSpace(t *testing.T) {
	if got := WordCount(" a  bc\nd "); got != 3 {
		t.Error(got)
	}
	if got := WordCount(""); got != 0 {
		t.Error(got)
	}
}
