/**
 * Links of a text are relative to its place in the repository, and right there: on the site they lead to the page of the
 * text they name, if there is one, else to the file on GitHub. A link to a file or section that does not exist is an error.
 */
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, posix, relative } from "node:path";
import { headingsOf } from "./headings.mjs";
import { root } from "./root.mjs";

const REPOSITORY = "https://github.com/fer-framework/fer";
/** What names a text of the repository by its address on GitHub, as the READMEs that npm shows do. */
const OWN = new RegExp(`^${REPOSITORY}(?:/(?:blob|tree)/main/([^#]*))?(#.*)?$`);

/** A function that tells where the link `href` of a page leads: `(page, href) => href`. */
export function linker(pages) {
  const pagesOf = (file) => pages.filter(({ source }) => source === file);
  return (page, href) => {
    if (page.isMade && href.startsWith("/")) return posix.relative(dirname(page.route), href.slice(1));
    const own = OWN.exec(href);
    if (own === null && /^[a-z]+:/.test(href)) return href;
    const fail = (why) => {
      throw new Error(`${page.source}: the link ${href} ${why}`);
    };
    const [path, hash = ""] = own === null ? href.split("#") : [`/${own[1] ?? "README.md"}`, own[2]?.slice(1)];
    const target = path === "" ? page.source : own === null ? posix.join(dirname(page.source), path) : path.slice(1);
    const file = textAt(target) ?? fail("leads to nothing");
    const found = pagesOf(file);
    if (hash !== "" && file.endsWith(".md") && !anchorsOf(file).includes(hash)) fail("leads to no section of its text");
    if (found.length === 0) {
      const kind = statSync(join(root, target)).isDirectory() ? "tree" : "blob";
      return `${REPOSITORY}/${kind}/main/${target}${hash === "" ? "" : `#${hash}`}`;
    }
    const to =
      found.find(({ section }) => section === hash) ?? found.find(({ anchors }) => anchors.includes(hash)) ?? found[0];
    const rest = hash === "" || to.section === hash ? "" : `#${hash}`;
    if (to === page && rest !== "") return rest;
    return `${posix.relative(dirname(page.route), to.route)}${rest}`;
  };
}

/** The file that a link to `path` shows: of a folder its README. `undefined` where there is nothing. */
function textAt(path) {
  const readme = posix.join(path, "README.md");
  if (existsSync(join(root, readme))) return readme;
  return existsSync(join(root, path)) ? path.replace(/\/$/, "") : undefined;
}

const anchors = new Map();
function anchorsOf(file) {
  if (!anchors.has(file))
    anchors.set(
      file,
      headingsOf(readFileSync(join(root, file), "utf8")).map(({ anchor }) => anchor),
    );
  return anchors.get(file);
}

/** An address of an image of a text, from the file of its page. */
export function imageOf(page, src) {
  if (/^[a-z]+:/.test(src)) return src;
  return relative(join(root, "site/.pages", dirname(page.route)), join(root, dirname(page.source), src));
}
