/**
 * What a stranger does, with what a release would publish: the packages after `changeset version`, packed, published to
 * a registry on this machine and installed by plain npm into empty projects, one for the command line and one for every
 * library; there the lines and programs of the READMEs run.
 *
 *     node scripts/try-packages.mjs [--keep]
 */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { startRegistry } from "./local-registry.mjs";
import { packagesOf, pnpm, releaseCopy, root, shell } from "./packages.mjs";

const folder = mkdtempSync(join(tmpdir(), "fer-stranger-"));
const CLASSES = ["neutral", "anger", "disgust", "fear", "happy", "sad", "surprise"];
/** The same training in seconds instead of minutes. */
const QUICK = { epochs: 1, architecture: "tiny", engine: "wasm" };

const hasFfmpeg = spawnSync("ffmpeg", ["-version"]).status === 0;
let env = { ...process.env };

/** Runs a program; its stdout. Ends everything where it fails. */
function run(what, [command, ...args], cwd = folder) {
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd,
    env,
    encoding: "utf8",
    shell,
    maxBuffer: 2 ** 28,
  });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  if (status !== 0) {
    console.error(`FAILED  ${what} (${command} ${args.join(" ")})\n${stdout ?? ""}\n${stderr ?? ""}`);
    console.error(`Left in ${folder}`);
    process.exit(1);
  }
  console.log(`ok      ${what} (${seconds} s)`);
  return stdout;
}

function demand(what, found) {
  if (found.length > 0) {
    console.error(`FAILED  ${what}:\n${found.join("\n")}\nLeft in ${folder}`);
    process.exit(1);
  }
  console.log(`ok      ${what}`);
}

const blocksOf = (readme, language) =>
  [...readFileSync(readme, "utf8").matchAll(/^```(\w*)\n(.*?)^```$/gms)]
    .filter(([, of]) => language.includes(of))
    .map(([, , text]) => text);

/** The command lines of a README that begin with `start`, without what follows `#`. */
const linesOf = (readme, start) =>
  blocksOf(readme, ["", "sh"])
    .flatMap((block) => block.split("\n"))
    .filter((line) => line.startsWith(start))
    .map((line) => line.replace(/\s+#.*$/, "").split(/\s+/));

/** Compiles and runs the programs of a README in `home`; one that goes on where another stopped is left out. */
function runPrograms(readme, home) {
  const of = basename(home);
  // One that starts from a run has its architecture.
  const quickIn = (code) =>
    Object.entries(QUICK)
      .filter(([key]) => key !== "architecture" || !code.includes("from: "))
      .map(([key, value]) => `${key}: ${JSON.stringify(value)}`)
      .join(", ");
  const programs = ["ts", "js"].flatMap((language) =>
    blocksOf(readme, [language])
      .filter((code) => code.includes("import "))
      .map((code, at) => ({ file: `program-${language}-${at + 1}.${language}`, code })),
  );
  for (const { file, code } of programs)
    writeFileSync(join(home, file), code.replaceAll(/epochs: \d+/g, quickIn(code)));
  const files = programs.map(({ file }) => file).filter((file) => file.endsWith(".ts"));
  for (const [module, moduleResolution] of [
    ["ESNext", "Bundler"],
    ["NodeNext", "NodeNext"],
  ]) {
    const compilerOptions = { strict: true, skipLibCheck: true, target: "ES2023", types: ["node"] };
    const settings = { compilerOptions: { ...compilerOptions, module, moduleResolution }, files };
    writeFileSync(join(home, "tsconfig.json"), JSON.stringify(settings));
    run(`${of}: its README compiles under ${moduleResolution}`, ["node", tsc], home);
  }
  for (const { file } of programs) run(`${of}: ${file} of its README`, ["node", file.replace(".ts", ".js")], home);
}

// --- what a release publishes

const copy = releaseCopy(join(folder, "release"));
const released = packagesOf(copy);
demand(
  "changeset version gives every package a version and a changelog that names it",
  released
    .filter(
      ({ folder: home, version }) => !readFileSync(join(home, "CHANGELOG.md"), "utf8").includes(`\n## ${version}\n`),
    )
    .map(({ name, version }) => `${name}@${version}`),
);
const before = new Map(packagesOf(root).map(({ name, version }) => [name, version]));
demand(
  "a first release is 0.1.0, and no package becomes another major version by what another one changes",
  released
    .filter(({ name, version }) =>
      before.get(name) === "0.0.0" ? version !== "0.1.0" : parseInt(version) !== parseInt(before.get(name)),
    )
    .map(({ name, version }) => `${name}@${version}`),
);
console.log(`        ${released.map(({ name, version }) => `${name}@${version}`).join(" ")}`);
const dry = pnpm(["--recursive", "publish", "--dry-run", "--no-git-checks"], { cwd: copy });
demand(
  "pnpm publish --dry-run",
  released
    .filter(({ name, version }) => !`${dry.stdout}${dry.stderr}`.includes(`${name}@${version}`))
    .map(({ name }) => name),
);

const registry = await startRegistry(join(folder, "registry"));
env = registry.env;
run("publish to the local registry", ["node", join(root, "scripts", "publish.mjs"), "--from", copy]);

// --- the command line

/** An empty project with what `npm install` lines bring. */
function project(name, installs) {
  const home = join(folder, "projects", name);
  mkdirSync(home, { recursive: true });
  writeFileSync(
    join(home, "package.json"),
    JSON.stringify({ name: `stranger-${name}`, private: true, type: "module" }),
  );
  for (const words of installs) run(`${name}: ${words.join(" ")}`, [...words, "--no-audit", "--no-fund"], home);
  return home;
}

const frames = CLASSES.flatMap((expression, label) =>
  readdirSync(join(root, "examples", "data", "ckplus", String(label))).map((file) => ({
    expression,
    file: join(root, "examples", "data", "ckplus", String(label), file),
  })),
);
const put = (from, to) => {
  mkdirSync(join(to, ".."), { recursive: true });
  cpSync(from, to);
};

/** The folders and files that the READMEs speak of, in small, made of the example's frames. */
function writeWorld(home) {
  const RAFDB = ["surprise", "fear", "disgust", "happy", "sad", "anger", "neutral"];
  const list = [];
  for (const expression of CLASSES) {
    const some = frames.filter((frame) => frame.expression === expression).slice(0, 12);
    for (const [at, { file }] of some.entries()) {
      put(file, join(home, "CK+", expression, basename(file)));
      put(file, join(home, "my-faces", expression, basename(file)));
      const id =
        at % 3 === 0 ? `test_${String(list.length).padStart(4, "0")}` : `train_${String(list.length).padStart(5, "0")}`;
      put(file, join(home, "RAF-DB/basic/Image/aligned", `${id}_aligned.jpg`));
      list.push(`${id}.jpg ${RAFDB.indexOf(expression) + 1}\n`);
    }
  }
  mkdirSync(join(home, "RAF-DB/basic/EmoLabel"), { recursive: true });
  writeFileSync(join(home, "RAF-DB/basic/EmoLabel/list_patition_label.txt"), list.join(""));
  for (const name of ["face.jpg", "face.png", "photo.jpg"]) put(frames[0].file, join(home, name));
  for (const name of ["ann_happy_1", "bob_sad_1", "bob_unhappy_1"])
    put(frames[0].file, join(home, `named-faces/${name}.png`));
  const clip = ["-loop", "1", "-i", join(home, "face.png"), "-t", "1", "-vf", "scale=320:-2", join(home, "clip.mp4")];
  if (hasFfmpeg) spawnSync("ffmpeg", ["-loglevel", "error", ...clip]);
}

const readmeOf = (name) => join(copy, "packages", name, "README.md");
const npx = (words) => ["npx", "@fer/cli", ...words];
const quick = Object.entries(QUICK).flatMap(([key, value]) => [`--${key}`, String(value)]);

const cli = project("cli", [["npm", "install", "@fer/cli"]]);
const web = project("web", linesOf(readmeOf("fer-web"), "npm install"));
for (const { folder: home, name } of released) {
  const installed = [cli, web].map((at) => join(at, "node_modules", name)).find(existsSync);
  const { files } = JSON.parse(readFileSync(join(home, "package.json"), "utf8"));
  const allowed = new Set([...files, "package.json", "README.md", "LICENSE", "node_modules"]);
  const wrong = readdirSync(installed).filter((entry) => !allowed.has(entry));
  const inside = readdirSync(installed, { recursive: true });
  wrong.push(...inside.filter((entry) => /tsbuildinfo|\.test\./.test(entry)));
  wrong.push(
    ...["README.md", "LICENSE", "CHANGELOG.md", files.includes("dist") ? "dist" : files[0]].filter(
      (entry) => !inside.includes(entry),
    ),
  );
  if (readFileSync(join(installed, "package.json"), "utf8").includes("workspace:")) wrong.push("workspace:");
  demand(`${name} holds what its manifest's files say, and no workspace:`, wrong);
}
const size = spawnSync("du", ["-sm", "node_modules"], { cwd: cli, encoding: "utf8" }).stdout?.split("\t")[0];
if (size) console.log(`        installed size: ${size} MB`);

run(
  "@fer/view brings the script of its page",
  [
    "node",
    "--input-type=module",
    "--eval",
    `import { view } from "@fer/view";
const viewer = await view();
const { status } = await fetch(viewer.url + "page.js");
await viewer.close();
process.exit(status === 200 ? 0 : 1);`,
  ],
  cli,
);

const other = join(cli, "other");
writeWorld(other);
run("a set of other faces: extract ckplus", npx(["extract", "ckplus", "--from", "CK+", "--to", "data/ckplus"]), other);
const people = ["--subject-pattern", String.raw`^.*/(S\d+)_`];
run(
  "a set of other faces: extract folders",
  npx(["extract", "folders", "--from", "my-faces", "--to", "data/own", ...people]),
  other,
);
for (const name of ["other", "mix", "ckplus"]) {
  const words = ["data/ckplus", "--name", name, "--whole-image", "--to", "features"];
  run(`a set of other faces: assemble ${name}`, npx(["assemble", ...words]), other);
}

for (const readme of [join(copy, "README.md"), readmeOf("fer-cli")]) {
  const home = join(cli, readme === readmeOf("fer-cli") ? "package-readme" : "readme");
  writeWorld(home);
  cpSync(join(other, "features"), join(home, "features"), { recursive: true });
  const lines = linesOf(readme, "npx @fer/cli");
  demand(`${basename(home)} has command lines`, lines.length > 3 ? [] : [`${lines.length}`]);
  for (const [, , ...words] of lines) {
    if (!hasFfmpeg && words.includes("clip.mp4")) {
      console.log(`skipped ${basename(home)}: ${words.join(" ")}: there is no ffmpeg`);
      continue;
    }
    run(`${basename(home)}: ${words.join(" ")}`, npx(words[0] === "train" ? [...words, ...quick] : words), home);
  }
}

const [config] = blocksOf(readmeOf("fer-cli"), ["ts"]);
const piped = join(cli, "pipeline");
writeWorld(piped);
writeFileSync(
  join(piped, "fer.config.ts"),
  config.replace(/epochs: \d+/, `...${JSON.stringify(QUICK)}`).replace(/split: "subject"/, "$&, wholeImage: true"),
);
run("the README's fer.config.ts: fer pipeline", npx(["pipeline", "--json"]), piped);

// --- the libraries, each in a project of its own

const tools = join(folder, "projects");
mkdirSync(tools, { recursive: true });
writeFileSync(join(tools, "package.json"), JSON.stringify({ private: true }));
run(
  "npm install typescript",
  ["npm", "install", "--no-audit", "--no-fund", "typescript@7.0.2", "@types/node@20.19.43"],
  tools,
);
const tsc = join(tools, "node_modules", "typescript", "bin", "tsc");

const LIBRARIES = ["core", "dataset-extractors", "split-assembler", "tfjs-graph", "fer-model", "fer-serve"];
for (const name of LIBRARIES) {
  const installs = linesOf(readmeOf(name), "npm install");
  demand(`${name}: its README says how to install it`, installs.length > 0 ? [] : ["no npm install"]);
  const home = project(name, installs);
  writeWorld(home);
  cpSync(join(other, "data"), join(home, "data"), { recursive: true });
  // The assembler's README makes the set that it opens.
  if (name !== "split-assembler") cpSync(join(other, "features"), join(home, "features"), { recursive: true });
  // Of the model's README; those of later ones begin with it.
  const runs = join(folder, "projects", "fer-model", "runs");
  if (name !== "fer-model" && existsSync(runs)) cpSync(runs, join(home, "runs"), { recursive: true });
  runPrograms(readmeOf(name), home);
}
runPrograms(join(copy, "README.md"), join(cli, "readme"));

const extractors = join(folder, "projects", "dataset-extractors");
const oldest = /\d[\d.]*/.exec(
  JSON.parse(readFileSync(join(copy, "packages/core/package.json"), "utf8")).peerDependencies.zod,
)[0];
run(`npm install zod@${oldest}, the oldest that is promised`, ["npm", "install", `zod@${oldest}`], extractors);
rmSync(join(extractors, "data"), { recursive: true });
runPrograms(readmeOf("dataset-extractors"), extractors);

const model = join(folder, "projects", "fer-model");
const script = (name, code) => {
  writeFileSync(join(model, name), code);
  return ["node", "--no-warnings", name];
};
run(
  "@fer/model loads no image decoder",
  script(
    "light.mjs",
    `import { register } from "node:module";
const hook = "export const resolve = (name, context, next) => { if (/^(jimp|sharp)$/.test(name)) throw new Error('image decoder loaded from ' + context.parentURL); return next(name, context); };";
register("data:text/javascript," + encodeURIComponent(hook));
await import("@fer/model");
await import("jimp").then(() => process.exit(1), () => {});
`,
  ),
  model,
);
run(
  "require @fer/model",
  script("cjs.cjs", `if (typeof require("@fer/model").FerTrainer !== "function") process.exit(1);\n`),
  model,
);

registry.stop();
if (process.argv.includes("--keep")) console.log(folder);
else rmSync(folder, { recursive: true, force: true });
