// The tools of docs/TOOLS.md that read papers and count, for runners to wrap in their framework's own way.

import { readFileSync } from "node:fs";

/** A paper as a search lists it. */
export interface PaperEntry {
  id: string;
  title: string;
  authors: string[];
  year: number;
}

/** A paper with its abstract. */
export interface Paper extends PaperEntry {
  abstract: string;
}

/** The papers of a scenario. */
export class Corpus {
  readonly #searchable: { text: string; paper: Paper }[];
  readonly #byId: Map<string, Paper>;

  constructor(papers: Paper[]) {
    this.#searchable = papers.map((paper) => ({ text: `${paper.title} ${paper.abstract}`.toLowerCase(), paper }));
    this.#byId = new Map(papers.map((paper) => [paper.id, paper]));
  }

  /** Reads the papers from the scenario's data files; there may be none. */
  static load(data: Record<string, string>): Corpus {
    const file = data["papers"];
    return new Corpus(file === undefined ? [] : JSON.parse(readFileSync(file, "utf8")).papers);
  }

  /** The first `limit` papers whose title or abstract contains the query, case ignored. */
  searchPapers(query: string, limit: number): { papers: PaperEntry[]; more_pages: boolean } {
    const wanted = query.toLowerCase();
    const found = this.#searchable.filter(({ text }) => text.includes(wanted));
    const entries = found.slice(0, limit).map(({ paper }) => entry(paper));
    return { papers: entries, more_pages: found.length > limit };
  }

  /** The paper with this id. */
  readPaper(id: string): Paper {
    const paper = this.#byId.get(id);
    if (paper === undefined) throw new Error(`no paper has the id ${JSON.stringify(id)}`);
    return paper;
  }
}

function entry({ id, title, authors, year }: Paper): PaperEntry {
  return { id, title, authors, year };
}

/** How many words the text has. */
export function wordCount(text: string): number {
  return text.split(/\s+/).filter((word) => word !== "").length;
}
