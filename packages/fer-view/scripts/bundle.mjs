/**
 * Makes `bundle/` of what the compiler left in `dist/page`: the script of the page, with Preact inside.
 *
 *     node packages/fer-view/scripts/bundle.mjs
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const home = fileURLToPath(new URL("..", import.meta.url));
const target = join(home, "bundle");

const made = await rolldown({ input: join(home, "dist/page/main.js"), platform: "browser", logLevel: "silent" });
// Licences are told once, by NOTICE.
const { output } = await made.generate({
  format: "esm",
  minify: true,
  codeSplitting: false,
  comments: { legal: false },
});
await made.close();
rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });
writeFileSync(join(target, "page.js"), output[0].code);
