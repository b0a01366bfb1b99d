/**
 * VitePress makes a site for one place of a host. It is made for `PLACE` here, and what names that place is made relative:
 * in a page the way up from it, in scripts what the page says (`__SITE_PLACE__`). The folder can then lie anywhere.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, posix, sep } from "node:path";

export const PLACE = "/__site_place__/";
const IN_SCRIPT = "globalThis.__SITE_PLACE__";

/** Where no page is there is no way up either: a page that needs nothing. */
const NOT_FOUND = `<!doctype html>
<html lang="en">
  <meta charset="utf-8" />
  <meta name="viewport" content="width=device-width, initial-scale=1" />
  <title>No such page</title>
  <style>
    :root { color-scheme: light dark }
    body { font: 1.1rem/1.5 system-ui, sans-serif; max-width: 36rem; margin: 20vh auto; padding: 0 1.5rem }
  </style>
  <main>
    <h1>No such page</h1>
    <p>The documentation of @fer has no page of this address.</p>
  </main>
</html>
`;

/** A page with the way up in the place of `PLACE`. */
function page(text, route) {
  const up = "../".repeat(route.split("/").length - 1) || "./";
  // Links that outlive a change of page become whole addresses before the page is taken over by scripts.
  const place = `<script>globalThis.__SITE_PLACE__=new URL("${up}",location.href).pathname</script>`;
  const whole = `<script>__VP_SITE_DATA__.base=__SITE_PLACE__;for(const link of document.querySelectorAll('a[href^="."]'))link.setAttribute("href",new URL(link.href).pathname+link.hash)</script>`;
  return text
    .replaceAll(`="${PLACE}`, `="${up}`)
    .replace("<head>", `<head>\n    ${place}`)
    .replace(`\\"base\\":\\"${PLACE}\\"`, `\\"base\\":\\"/\\"`)
    .replace("</body>", `${whole}\n  </body>`);
}

/** A script whose words begin with what the page says in the place of `PLACE`. */
function script(text) {
  const index = /^const \w+='\{"documentCount":.*\}';export\{/s.test(text);
  if (index) return text.replaceAll(PLACE, `'+${IN_SCRIPT}+'`);
  return text.replaceAll(new RegExp(`(["'\`])${PLACE}([^"'\`\\\\]*)\\1`, "g"), `(${IN_SCRIPT}+"$2")`);
}

/** Makes the site in `folder` independent of its place. Throws where something of it still names one. */
export function anywhere(folder) {
  const files = readdirSync(folder, { recursive: true }).map((file) => file.replaceAll(sep, "/"));
  for (const file of files.filter((name) => /\.(html|js|css)$/.test(name))) {
    const path = join(folder, file);
    const text = readFileSync(path, "utf8");
    const toAssets = posix.relative(posix.dirname(file), "") || ".";
    const made =
      file === "404.html"
        ? NOT_FOUND
        : file.endsWith(".html")
          ? page(text, file)
          : file.endsWith(".js")
            ? script(text)
            : text.replaceAll(PLACE, `${toAssets}/`);
    if (made.includes(PLACE)) throw new Error(`${file} names the place of the site in a way that is not known`);
    if (made !== text) writeFileSync(path, made);
  }
}
