// Package tools has the tools of docs/TOOLS.md, for runners to wrap in their framework's own tool type.
package tools

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

// PaperEntry is a paper as a search lists it.
type PaperEntry struct {
	ID      string   `json:"id"`
	Title   string   `json:"title"`
	Authors []string `json:"authors"`
	Year    int      `json:"year"`
}

// Paper is a paper with its abstract.
type Paper struct {
	PaperEntry
	Abstract string `json:"abstract"`
}

// Found is what a search gives.
type Found struct {
	Papers []PaperEntry `json:"papers"`
	// MorePages says that more papers match than are listed.
	MorePages bool `json:"more_pages"`
}

// Corpus is the papers of a scenario.
type Corpus struct {
	papers []Paper
	// searchable is title and abstract of each paper in lower case.
	searchable []string
}

// LoadCorpus reads the papers from the scenario's data files; there may be none.
func LoadCorpus(data map[string]string) (*Corpus, error) {
	path, ok := data["papers"]
	if !ok {
		return newCorpus(nil), nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var file struct {
		Papers []Paper `json:"papers"`
	}
	if err := json.Unmarshal(text, &file); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return newCorpus(file.Papers), nil
}

func newCorpus(papers []Paper) *Corpus {
	searchable := make([]string, len(papers))
	for index, paper := range papers {
		searchable[index] = strings.ToLower(paper.Title + " " + paper.Abstract)
	}
	return &Corpus{papers: papers, searchable: searchable}
}

// SearchPapers lists the first papers, limit at most, whose title or abstract contains the query, case ignored.
func (c *Corpus) SearchPapers(query string, limit int) Found {
	wanted := strings.ToLower(query)
	found := Found{Papers: []PaperEntry{}}
	for index, text := range c.searchable {
		if !strings.Contains(text, wanted) {
			continue
		}
		if len(found.Papers) >= limit {
			found.MorePages = true
			break
		}
		found.Papers = append(found.Papers, c.papers[index].PaperEntry)
	}
	return found
}

// ReadPaper gives the paper with this id.
func (c *Corpus) ReadPaper(id string) (Paper, error) {
	for _, paper := range c.papers {
		if paper.ID == id {
			return paper, nil
		}
	}
	return Paper{}, fmt.Errorf("no paper has the id %q", id)
}

// WordCount is how many words a text has.
func WordCount(text string) int {
	return len(strings.Fields(text))
}
