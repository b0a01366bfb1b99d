/** Links of a site in a folder that lead to no file of it, or to no place of a page. */
import { readdirSync, readFileSync } from "node:fs";
import { join, posix, sep } from "node:path";

const unescaped = (text) => text.replaceAll("&amp;", "&").replaceAll("&quot;", '"');

/** @returns {{ pages: number, links: number, dead: string[] }} */
export function deadLinks(folder) {
  const files = new Set(readdirSync(folder, { recursive: true }).map((file) => file.replaceAll(sep, "/")));
  const pages = [...files].filter((file) => file.endsWith(".html"));
  const texts = new Map(pages.map((file) => [file, readFileSync(join(folder, file), "utf8")]));
  const ids = new Map(
    pages.map((file) => [
      file,
      new Set([...texts.get(file).matchAll(/\sid="([^"]*)"/g)].map(([, id]) => unescaped(id))),
    ]),
  );
  let links = 0;
  const dead = pages.flatMap((file) => {
    const targets = [...texts.get(file).matchAll(/<[^>]*?\s(?:href|src)="([^"]*)"/g)].map(([, to]) => unescaped(to));
    return [...new Set(targets)]
      .filter((to) => !/^[a-z]+:/.test(to))
      .flatMap((to) => {
        links++;
        const [path, hash = ""] = to.split("#");
        const target = path === "" ? file : posix.join(posix.dirname(file), decodeURI(path));
        const found = [target, posix.join(target, "index.html")].find((name) => files.has(name) && name.includes("."));
        const isDead = found === undefined || (hash !== "" && !ids.get(found)?.has(decodeURIComponent(hash)));
        return isDead ? [`${file}: ${to}`] : [];
      });
  });
  return { pages: pages.length, links, dead };
}
