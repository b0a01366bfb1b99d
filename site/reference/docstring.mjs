/** A docstring as Markdown. */

/** The text of `/** ... *\/` without its stars, in parts: what comes before the first tag, and each tag with its text. */
function partsOf(comment) {
  const text = comment
    .replace(/^\/\*\*/, "")
    .replace(/\*\/$/, "")
    .replaceAll(/^[ \t]*\* ?/gm, "")
    .trim();
  const [head, ...tags] = text.split(/(?<=^|\s)@(?=(?:default|example|param|returns|throws)\b)/m);
  return { head: head.trim(), tags: tags.map((tag) => /^(\w+)\s*([\s\S]*)$/.exec(tag).slice(1)) };
}

const TITLES = { throws: "Throws", returns: "Returns", default: "Default:" };

/**
 * @param {string} comment `/** ... *\/`
 * @param {(name: string) => string} linkTo `{@link name}` as Markdown
 */
export function docstring(comment, linkTo) {
  const { head, tags } = partsOf(comment);
  const linked = (text) => text.replaceAll(/\{@link ([^}]+)\}/g, (_, name) => linkTo(name.trim()));
  const told = tags.map(([tag, text]) => {
    if (tag === "example") return text.trim();
    if (tag === "param") {
      const [, name, rest] = /^([\w.[\]]+)\s*-?\s*([\s\S]*)$/.exec(text);
      return `\`${name}\`: ${rest.trim()}`;
    }
    return `${TITLES[tag] ?? tag} ${text.trim()}`;
  });
  return [head, ...told].filter(Boolean).map(linked).join("\n\n");
}
