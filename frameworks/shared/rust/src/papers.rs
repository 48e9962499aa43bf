//! The scenarios' tools (`docs/TOOLS.md`) as plain functions over the file `papers`.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::Task;

/// The papers, in the file's order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Corpus {
    papers: Vec<Paper>,
    /// Title and abstract of each paper in lower case, to search in.
    searchable: Vec<String>,
}

/// The data file.
#[derive(Deserialize)]
struct File {
    papers: Vec<Paper>,
}

/// A paper: what `read_paper` gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paper {
    /// The paper's identifier.
    pub id: String,
    /// The title.
    pub title: String,
    /// The authors, in order.
    pub authors: Vec<String>,
    /// The year of publication.
    pub year: i32,
    /// The abstract.
    #[serde(rename = "abstract")]
    pub summary: String,
}

/// What `search_papers` gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// The first matches, in the file's order.
    pub papers: Vec<Entry>,
    /// Whether more papers match than are returned.
    pub more_pages: bool,
}

/// A paper in a search result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The paper's identifier.
    pub id: String,
    /// The title.
    pub title: String,
    /// The authors, in order.
    pub authors: Vec<String>,
    /// The year of publication.
    pub year: i32,
}

/// The data file is not what it should be.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file can't be read.
    #[error("can't read {0}")]
    Read(PathBuf, #[source] std::io::Error),
    /// The file can't be parsed.
    #[error("can't parse {0}")]
    Parse(PathBuf, #[source] serde_json::Error),
}

/// No paper has this id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no paper has the id `{0}`")]
pub struct UnknownPaper(pub String);

impl Corpus {
    /// Reads the data file that the task names; a task without one has no papers.
    ///
    /// # Errors
    ///
    /// When the file can't be read or parsed.
    pub fn load(task: &Task) -> Result<Corpus, LoadError> {
        let Some(path) = task.data.get("papers") else {
            return Ok(Corpus::default());
        };
        let json = std::fs::read_to_string(path).map_err(|e| LoadError::Read(path.clone(), e))?;
        Corpus::parse(&json).map_err(|error| LoadError::Parse(path.clone(), error))
    }

    fn parse(json: &str) -> Result<Corpus, serde_json::Error> {
        let File { papers } = serde_json::from_str(json)?;
        let text = |paper: &Paper| format!("{} {}", paper.title, paper.summary);
        let searchable = papers
            .iter()
            .map(|paper| text(paper).to_ascii_lowercase())
            .collect();
        Ok(Corpus { papers, searchable })
    }

    /// `search_papers`: the first `limit` papers whose title or abstract contains `query`, case
    /// ignored.
    pub fn search_papers(&self, query: &str, limit: usize) -> Found {
        let query = query.to_ascii_lowercase();
        let texts = self.papers.iter().zip(&self.searchable);
        let mut matches = texts.filter(|(_, text)| text.contains(&query));
        let papers = matches
            .by_ref()
            .take(limit)
            .map(|(paper, _)| paper.into())
            .collect();
        Found {
            papers,
            more_pages: matches.next().is_some(),
        }
    }

    /// `read_paper`: the paper with this id.
    ///
    /// # Errors
    ///
    /// When no paper has it.
    pub fn read_paper(&self, id: &str) -> Result<Paper, UnknownPaper> {
        let paper = self.papers.iter().find(|paper| paper.id == id);
        paper.cloned().ok_or_else(|| UnknownPaper(id.to_owned()))
    }
}

/// `word_count`: how many parts `text` has when split at white space.
pub fn word_count(text: &str) -> usize {
    text.split_whitespace().count()
}

impl From<&Paper> for Entry {
    fn from(paper: &Paper) -> Entry {
        Entry {
            id: paper.id.clone(),
            title: paper.title.clone(),
            authors: paper.authors.clone(),
            year: paper.year,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn corpus() -> Corpus {
        let papers = serde_json::json!({"papers": [
            {"id": "a", "title": "On Caching", "authors": ["X", "Y"], "year": 2001,
             "abstract": "We keep things."},
            {"id": "b", "title": "On Routing", "authors": ["Z"], "year": 2002,
             "abstract": "Without caching, slow."},
            {"id": "c", "title": "Ends with re", "authors": ["Z"], "year": 2003,
             "abstract": "play of tapes; CACHING again."},
        ]});
        Corpus::parse(&papers.to_string()).unwrap()
    }

    fn ids(found: &Found) -> Vec<&str> {
        found.papers.iter().map(|paper| paper.id.as_str()).collect()
    }

    #[test]
    fn search_ignores_case_and_keeps_the_files_order() {
        let found = corpus().search_papers("Caching", 3);
        assert_eq!(ids(&found), ["a", "b", "c"]);
        assert!(!found.more_pages);
    }

    #[test]
    fn search_tells_of_matches_beyond_the_limit() {
        let found = corpus().search_papers("caching", 2);
        assert_eq!(ids(&found), ["a", "b"]);
        assert!(found.more_pages);
        assert!(corpus().search_papers("caching", 0).more_pages);
        assert!(!corpus().search_papers("nothing", 2).more_pages);
    }

    #[test]
    fn search_joins_title_and_abstract_with_one_space() {
        assert_eq!(ids(&corpus().search_papers("re play", 1)), ["c"]);
        assert_eq!(
            ids(&corpus().search_papers("replay", 1)),
            Vec::<&str>::new()
        );
    }

    #[test]
    fn a_result_has_exactly_the_documented_fields() {
        let found = serde_json::to_value(corpus().search_papers("keep", 1)).unwrap();
        let entry = serde_json::json!({"id": "a", "title": "On Caching", "authors": ["X", "Y"],
            "year": 2001});
        assert_eq!(
            found,
            serde_json::json!({"papers": [entry], "more_pages": false})
        );
        let paper = serde_json::to_value(corpus().read_paper("b").unwrap()).unwrap();
        let expected = serde_json::json!({"id": "b", "title": "On Routing", "authors": ["Z"],
            "year": 2002, "abstract": "Without caching, slow."});
        assert_eq!(paper, expected);
    }

    #[test]
    fn a_task_without_the_file_has_no_papers_and_a_missing_file_is_named() {
        let mut task = Task {
            name: String::new(),
            instructions: String::new(),
            prompt: String::new(),
            tools: Vec::new(),
            data: Default::default(),
            max_turns: 1,
        };
        assert_eq!(Corpus::load(&task).unwrap(), Corpus::default());
        task.data.insert("papers".into(), "/no/such.json".into());
        assert_eq!(
            Corpus::load(&task).unwrap_err().to_string(),
            "can't read /no/such.json"
        );
    }

    #[test]
    fn an_unknown_paper_is_an_error() {
        let error = corpus().read_paper("z").unwrap_err();
        assert_eq!(error.to_string(), "no paper has the id `z`");
    }

    #[test]
    fn words_are_split_at_any_white_space_and_empty_ones_not_counted() {
        assert_eq!(word_count("  one\ttwo\n three  "), 3);
        assert_eq!(word_count(""), 0);
    }
}
