/** A source of a set as a BibTeX entry. */

/** What is known of a dataset. */
interface Cited {
  name: string;
  title: string;
  /** One line: authors, title, where and when, as its owners ask to be cited. */
  citation: string;
  homepage: string;
}

/**
 * `@misc`, since a citation in one line does not tell authors from title: all of it stands in `note`, and year and DOI,
 * where it says them, in fields of their own. `null` where there is nothing to cite.
 */
export function bibtex({ name, title, citation, homepage }: Cited): string | null {
  if (citation === "none") return null;
  const fields = {
    title: `{${escaped(title)}}`,
    note: escaped(citation),
    year: /\b(?:19|20)\d{2}\b(?!.*\b(?:19|20)\d{2}\b)/.exec(citation.replace(/doi:\S+/, ""))?.[0],
    doi: /doi:(\S+)/.exec(citation)?.[1],
    url: homepage === "none" ? undefined : homepage,
  };
  const lines = Object.entries(fields).flatMap(([key, value]) =>
    value === undefined ? [] : [`  ${key} = {${value}}`],
  );
  return `@misc{${name},\n${lines.join(",\n")}\n}`;
}

const escaped = (text: string): string => text.replaceAll(/[&%$#_]/g, String.raw`\$&`);
