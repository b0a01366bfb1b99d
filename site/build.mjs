/**
 * Makes the site in `site/dist`, a folder that any static host serves, in whatever folder of it: run `npm run build` first.
 *
 *     node site/build.mjs [folder]
 */
import { relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vitepress";
import { anywhere, PLACE } from "./anywhere.mjs";
import { deadLinks } from "./dead-links.mjs";
import { root } from "./root.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const out = resolve(process.argv[2] ?? fileURLToPath(new URL("dist", import.meta.url)));
await build(here, { base: PLACE, outDir: out });
anywhere(out);
const { pages, links, dead } = deadLinks(out);
console.log(`${pages} pages, ${links} links inside, ${dead.length} dead, in ${relative(root, out)}`);
for (const line of dead) console.error(`dead: ${line}`);
process.exitCode = dead.length === 0 ? 0 : 1;
