/**
 * Puts the pages of the site into `.pages/`, from which VitePress makes it: the texts that `pages.mjs` names, as they are
 * but for comments, those that are cut as a page for each section, and the pages of the reference. Each page carries the
 * text that it comes from in its front matter.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { headingsOf } from "./headings.mjs";
import { PARTS } from "./pages.mjs";
import { apiPages } from "./reference/api.mjs";
import { artifactsPage, configPage } from "./reference/config.mjs";
import { root } from "./root.mjs";

const PAGES = join(root, "site", ".pages");

/**
 * @typedef {object} Page
 * @property {string} route its file below `.pages`, such as `datasets/ckplus.md`
 * @property {string} source the text that it comes from, from the root of the repository
 * @property {string} title
 * @property {string} [section] its section of the text, where that is cut
 * @property {string[]} anchors of its headings
 * @property {string} content
 * @property {boolean} [isMade] of the reference, whose links begin at the root of the site
 */

/** The sections of the second level, and what stands before them. */
function cut(text) {
  const lines = text.split("\n");
  const starts = headingsOf(text).filter(({ level }) => level === 2);
  const head = lines.slice(0, starts[0].line).join("\n");
  const sections = starts.map(({ words, anchor, line }, at) => {
    const body = lines.slice(line + 1, starts[at + 1]?.line).map((row) => row.replace(/^#(#{2,} )/, "$1"));
    return { words, anchor, text: `# ${words}\n${body.join("\n")}` };
  });
  return { head, sections };
}

/** The first sentence of a section: what stands in its help, or its title in bold. */
function summaryOf(text) {
  return /^Usage: .*\n\n(.+)$/m.exec(text)?.[1] ?? /^\*\*(.+)\*\*$/m.exec(text)?.[1] ?? "";
}

const withoutComments = (text) => text.replaceAll(/<!--[\s\S]*?-->\n*/g, "");

function page({ route, source, content, ...more }) {
  const headings = headingsOf(content);
  const title = headings[0].words.replaceAll("`", "");
  return { route, source, title, anchors: headings.map(({ anchor }) => anchor), content, ...more };
}

/** All pages of the text `source`. */
function pagesOf({ route, source, text: name, cut: isCut }) {
  const text = withoutComments(readFileSync(join(root, source), "utf8"));
  if (!isCut) return [page({ route, source, content: text, name })];
  const { head, sections } = cut(text);
  const listed = sections.map(({ words, anchor, text: body }) => `* [${words}](#${anchor}): ${summaryOf(body)}`);
  const isListed = head.includes("](");
  return [
    page({ route, source, content: isListed ? head : `${head}\n${listed.join("\n")}\n`, name }),
    ...sections.map(({ anchor, text: body }) =>
      page({ route: `${dirname(route)}/${anchor}.md`, source, content: body, section: anchor }),
    ),
  ];
}

/** Packages with an API, in the order of the architecture. */
const PACKAGES = readdirSync(join(root, "packages")).filter((name) => existsSync(join(root, "packages", name, "src")));

/** Writes all pages, and tells them and the navigation. */
export async function stage() {
  rmSync(PAGES, { recursive: true, force: true });
  const write = (route, text) => {
    mkdirSync(dirname(join(PAGES, route)), { recursive: true });
    writeFileSync(join(PAGES, route), text);
  };
  const { page: files, schemas } = await artifactsPage();
  const made = { config: [configPage(), files], api: await apiPages(PACKAGES) };
  const pages = [];
  const sidebars = PARTS.map(({ text, link, groups }) => ({
    text,
    link,
    groups: groups.map((group) => {
      const of = group.pages?.flatMap(pagesOf) ?? made[group.made].map((one) => page({ ...one, isMade: true }));
      pages.push(...of);
      return {
        text: group.text,
        items: of.map(({ route, name, title }) => ({ text: name ?? title, link: `/${route}` })),
      };
    }),
  }));
  const twice = pages.find(({ route }, at) => pages.findIndex((other) => other.route === route) !== at);
  if (twice !== undefined) throw new Error(`${twice.route} is made of ${twice.source}, and of another text`);
  for (const { route, source, title, content, isMade } of pages) {
    const matter = { title, source, ...(isMade && { editLink: false }) };
    const lines = Object.entries(matter).map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
    write(route, `---\n${lines.join("\n")}\n---\n\n${content}`);
  }
  write("index.md", readFileSync(new URL("home.md", import.meta.url), "utf8"));
  for (const [name, schema] of Object.entries(schemas))
    write(`public/schemas/${name}`, JSON.stringify(schema, null, 2));
  write("public/schemas/fer.schema.json", readFileSync(join(root, "packages/fer-cli/fer.schema.json"), "utf8"));
  return { pages, sidebars };
}
