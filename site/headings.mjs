/** Headings of a Markdown text. */
import { slug } from "./slug.mjs";

/** Lines of a text outside of its code blocks, as `[line, number]`. */
function proseOf(text) {
  let fence = "";
  return text.split("\n").flatMap((line, at) => {
    const mark = /^\s*(`{3,}|~{3,})/.exec(line)?.[1];
    if (mark !== undefined) {
      if (fence === "") fence = mark;
      else if (line.trim() === fence) fence = "";
      return [];
    }
    return fence === "" ? [[line, at]] : [];
  });
}

/** The headings of a text: level, words, anchor, number of the line. */
export function headingsOf(text) {
  const taken = new Map();
  return proseOf(text).flatMap(([line, at]) => {
    const [, marks, words] = /^(#{1,6}) (.*)$/.exec(line) ?? [];
    if (marks === undefined) return [];
    const base = slug(words);
    const before = taken.get(base) ?? 0;
    taken.set(base, before + 1);
    return [{ level: marks.length, words, anchor: before === 0 ? base : `${base}-${before}`, line: at }];
  });
}
