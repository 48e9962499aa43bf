/** The table as it stands, to take away: as Markdown, as CSV, and the address of the view. */

import { el } from "./dom.ts";

type Lines = string[][];

/** The table's cells as texts. */
function lines(of: (cell: HTMLTableCellElement) => string | null | undefined): Lines {
  const rows = [...document.querySelectorAll<HTMLTableRowElement>("#figures tr")];
  return rows.map((row) => [...row.cells].map((cell) => (of(cell) ?? cell.textContent ?? "").trim()));
}

/** As it is read. */
const shown = () => lines((cell) => cell.dataset.text);
/** As it is computed with: without separators of thousands, and nothing where there is no figure. */
const values = () => lines((cell) => cell.dataset.value ?? cell.dataset.text);

export function markdown([header, ...body]: Lines): string {
  if (!header) return "";
  const line = (cells: string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  const rule = header.map((_, index) => (index === 0 ? "---" : "---:"));
  return [line(header), line(rule), ...body.map(line)].join("\n") + "\n";
}

/** RFC 4180. */
export function csv(lines: Lines): string {
  const field = (text: string) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return lines.map((cells) => `${cells.map(field).join(",")}\r\n`).join("");
}

export function takeAway(name: string): HTMLElement {
  const said = el("span", { role: "status", class: "small" });
  const copy = async (text: string, what: string) => {
    try {
      await navigator.clipboard.writeText(text);
      said.textContent = `${what} is in the clipboard.`;
    } catch {
      said.textContent = "The browser does not let this page write to the clipboard.";
    }
  };
  const download = () => {
    const url = URL.createObjectURL(new Blob([csv(values())], { type: "text/csv" }));
    const link = el("a", { href: url, download: `${name}.csv` });
    link.click();
    URL.revokeObjectURL(url);
  };
  const button = (id: string, text: string, click: () => void) => el("button", { type: "button", id, click }, text);
  return el(
    "p",
    { class: "take" },
    button("copy-markdown", "Copy as Markdown", () => void copy(markdown(shown()), "The table")),
    button("copy-link", "Copy the link", () => void copy(location.href, "The link")),
    button("download-csv", "Download CSV", download),
    said,
  );
}
