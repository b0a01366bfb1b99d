/**
 * What a stranger does: packs all packages, installs the tarballs with plain npm in an empty folder, and uses them:
 * `npx fer pipeline` on the example frames, an ESM script, `require`, and the types under NodeNext and Bundler.
 *
 *     node scripts/try-packages.mjs [--keep]
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const { packageManager } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const folder = mkdtempSync(join(tmpdir(), "fer-stranger-"));
const shell = process.platform === "win32";

function run(what, command, args, options = {}) {
  const started = performance.now();
  const result = spawnSync(command, args, { cwd: folder, encoding: "utf8", shell, ...options });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  if (result.status !== 0) {
    console.error(`FAILED ${what} (${command} ${args.join(" ")})\n${result.stdout ?? ""}\n${result.stderr ?? ""}`);
    console.error(`Left in ${folder}`);
    process.exit(1);
  }
  console.log(`ok      ${what} (${seconds} s)`);
  return result.stdout ?? "";
}

const tarballs = readdirSync(join(root, "packages")).map((name) => {
  const out = join(folder, "tarballs", `${name}.tgz`);
  mkdirSync(join(folder, "tarballs"), { recursive: true });
  run(`pack ${name}`, "npx", ["--yes", packageManager, "pack", "--out", out], { cwd: join(root, "packages", name) });
  return out;
});

writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "stranger", private: true, type: "module" }));
run("npm install", "npm", ["install", "--no-audit", "--no-fund", ...tarballs]);
const size = spawnSync("du", ["-sm", "node_modules"], { cwd: folder, encoding: "utf8" }).stdout?.split("\t")[0];
if (size) console.log(`        installed size: ${size} MB`);

cpSync(join(root, "examples", "data", "ckplus"), join(folder, "frames"), { recursive: true });
cpSync(join(root, "examples", "ckplus-pipeline", "fer.config.ts"), join(folder, "fer.config.ts"));
run("npx fer pipeline", "npx", ["fer", "pipeline", "--json"], {
  env: { ...process.env, FER_CKPLUS: join(folder, "frames") },
});

writeFileSync(join(folder, "esm.mjs"), `import { FerTrainer } from "@fer/model";\nconsole.log(typeof FerTrainer);\n`);
writeFileSync(
  join(folder, "cjs.cjs"),
  `const { FerTrainer } = require("@fer/model");\nconsole.log(typeof FerTrainer);\n`,
);
writeFileSync(
  join(folder, "light.mjs"),
  `import { register } from "node:module";
const hook = "export const resolve = (name, context, next) => { if (/^(jimp|sharp)$/.test(name)) throw new Error('image decoder loaded from ' + context.parentURL); return next(name, context); };";
register("data:text/javascript," + encodeURIComponent(hook));
await import("@fer/model");
await import("jimp").then(() => process.exit(1), () => {});
`,
);
for (const [what, file] of [
  ["import", "esm.mjs"],
  ["require", "cjs.cjs"],
]) {
  const printed = run(`${what} @fer/model`, process.execPath, ["--no-warnings", file]).trim();
  if (printed !== "function") throw new Error(`${file} printed ${printed}`);
}
run("@fer/model loads no image decoder", process.execPath, ["light.mjs"]);

run("npm install typescript", "npm", [
  "install",
  "--no-audit",
  "--no-fund",
  "typescript@7.0.2",
  "@types/node@20.19.43",
]);
writeFileSync(
  join(folder, "types.ts"),
  `import { FerTrainer, type TrainerOptions } from "@fer/model";
import { Assembler } from "@fer/split-assembler";
import { extract } from "@fer/dataset-extractors";
const trainer: FerTrainer = new FerTrainer({ epochs: 1 });
const wrong: Partial<TrainerOptions> = {
  // @ts-expect-error epochs is a number
  epochs: "many",
};
export { Assembler, extract, trainer, wrong };
`,
);
for (const [resolution, module] of [
  ["NodeNext", "NodeNext"],
  ["Bundler", "ESNext"],
]) {
  run(`types under ${resolution}`, "npx", [
    "tsc",
    "--noEmit",
    "--strict",
    // the types of TensorFlow.js and of its WebGPU dependency do not pass without it
    "--skipLibCheck",
    "--target",
    "ES2023",
    "--types",
    "node",
    "--module",
    module,
    "--moduleResolution",
    resolution,
    "types.ts",
  ]);
}

if (process.argv.includes("--keep")) console.log(folder);
else rmSync(folder, { recursive: true, force: true });
