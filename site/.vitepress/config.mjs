/** The site: pages of `stage.mjs`, searched on the reader's machine. Nothing is fetched from elsewhere, built or read. */
import { defineConfig } from "vitepress";
import { blockInfo } from "../blocks.mjs";
import { imageOf, linker } from "../links.mjs";
import { slug } from "../slug.mjs";
import { stage } from "../stage.mjs";

const { pages, sidebars } = await stage();
const byRoute = new Map(pages.map((page) => [page.route, page]));
const linkOf = linker(pages);

/** Links and images of a page lead from its place on the site; the reason why a block is not run stands above it. */
function ofTheRepository(md) {
  md.core.ruler.push("of-the-repository", ({ tokens, env }) => {
    const page = byRoute.get(env.relativePath);
    if (page === undefined) return;
    for (const token of tokens.flatMap(({ children }) => children ?? [])) {
      const href = token.attrGet("href");
      if (token.type === "link_open" && href !== null) token.attrSet("href", linkOf(page, decodeURI(href)));
      if (token.type === "image") token.attrSet("src", imageOf(page, token.attrGet("src")));
    }
  });
  const { fence } = md.renderer.rules;
  md.renderer.rules.fence = (...given) => {
    const [tokens, at] = given;
    const { language, reason } = blockInfo(tokens[at].info);
    tokens[at].info = language;
    const why = `<p class="not-run">Not run by the tests: ${md.utils.escapeHtml(reason ?? "")}.</p>`;
    return (reason === undefined ? "" : why) + fence(...given);
  };
  md.linkify.set({ fuzzyLink: false, fuzzyEmail: false });
}

const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><circle cx="16" cy="16" r="15" fill="#3451b2"/><g fill="#fff"><circle cx="11" cy="13" r="2"/><circle cx="21" cy="13" r="2"/><rect x="9" y="20" width="14" height="2.5" rx="1"/></g></svg>';

const folderOf = (link) => link.split("/")[1];

/**
 * The sidebar of the pages of a folder: the groups of its part, of long ones of other folders the first page alone. (Groups
 * that open and close would be buttons in buttons.)
 */
const sidebarOf = ({ groups }, folder) =>
  groups.map(({ text, items }) => ({
    text,
    items: items.length > 12 && folderOf(items[0].link) !== folder ? items.slice(0, 1) : items,
  }));

const sidebar = Object.fromEntries(
  sidebars.flatMap((part) => {
    const folders = new Set(part.groups.flatMap(({ items }) => items.map(({ link }) => folderOf(link))));
    return [...folders].map((folder) => [`/${folder}/`, sidebarOf(part, folder)]);
  }),
);

export default defineConfig({
  title: "@fer",
  description:
    "Facial expression recognition in TypeScript: datasets, leak-free sets, training, honest numbers, models in use.",
  lang: "en",
  head: [["link", { rel: "icon", href: `data:image/svg+xml,${encodeURIComponent(ICON)}` }]],
  srcDir: ".pages",
  outDir: "dist",
  cacheDir: "../node_modules/.cache/vitepress",
  markdown: {
    // Both have 4.5 : 1 and more on the grey of a block.
    theme: { light: "github-light-high-contrast", dark: "github-dark-high-contrast" },
    html: false,
    anchor: { slugify: slug },
    config: ofTheRepository,
  },
  transformPageData: (data) => {
    data.filePath = byRoute.get(data.relativePath)?.source ?? "site/home.md";
  },
  themeConfig: {
    nav: sidebars.map(({ text, link }) => ({ text, link: `/${link}` })),
    sidebar,
    outline: [2, 3],
    search: { provider: "local" },
    socialLinks: [{ icon: "github", link: "https://github.com/fer-framework/fer", ariaLabel: "@fer on GitHub" }],
    editLink: { pattern: "https://github.com/fer-framework/fer/edit/main/:path", text: "Edit this text" },
    footer: { message: "MIT. Expressions are what people see on a face, not what somebody feels." },
  },
  vite: { build: { chunkSizeWarningLimit: 2_000 } },
});
