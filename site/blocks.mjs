/**
 * Code blocks of a Markdown text. Behind its language a block says why it is not run, where it is not:
 * "sh not run: it wants a camera".
 */

/** The language of a block and the reason why it is not run, from what stands behind its backticks. */
export function blockInfo(info) {
  const [, language, reason] = /^(\S*)(?: not run: (.+))?$/.exec(info.trim()) ?? [];
  if (language === undefined) throw new Error(`a code block begins with "${info}"; it may say: sh not run: <why>`);
  return { language, reason };
}

/** Blocks in their order: `{ language, reason, text, line }`. */
export function blocksOf(markdown) {
  return [...markdown.matchAll(/^```([^`\n]*)\n(.*?)^```$/gms)].map(({ 1: info, 2: text, index }) => {
    const { language, reason } = blockInfo(info);
    return { language, reason, text, line: markdown.slice(0, index).split("\n").length };
  });
}

/** Lines of a block of commands, without comments; those that go on are one. */
export const commandsOf = (text) =>
  text
    .replaceAll(/\\\n\s*/g, "")
    .split("\n")
    .map((line) => line.replace(/(^|\s+)#.*$/, "").trim())
    .filter(Boolean);
