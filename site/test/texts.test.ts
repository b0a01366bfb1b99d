/**
 * Every code block of the texts that the site is made of is run, or says why it is not.
 *
 * - `ts` and `js` of the packages' READMEs: by the `examples.test.ts` of the package, or where `ELSEWHERE` says.
 * - Commands of `docs/`: here, in a folder of the text's own, one line after the other. Trainings are made short.
 * - Commands of the two READMEs that show what a stranger does: by `scripts/try-packages.mjs`.
 * - What is generated (datasets, commands, the reference) is made of the code itself.
 */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BIN } from "../../packages/fer-cli/test/fixtures/fer.ts";
import { warmFer } from "../../packages/fer-cli/test/fixtures/warm-fer.ts";
import { type Block, blocksOf, commandsOf } from "../blocks.mjs";
import { PARTS } from "../pages.mjs";
import { staticHost } from "../static-host.mjs";

const root = join(import.meta.dirname, "../..");
const CLASSES = ["neutral", "anger", "disgust", "fear", "happy", "sad", "surprise"];
const CHROMIUM = process.env["FER_CHROMIUM"];
const hasFfmpeg = spawnSync("ffmpeg", ["-version"]).status === 0;

/** Texts whose blocks are made of the code. */
const GENERATED = new Set(["docs/datasets.md", "docs/cli.md"]);
/** Texts whose commands are run by `scripts/try-packages.mjs`. */
const TRIED = new Set(["README.md", "packages/fer-cli/README.md"]);
/** Blocks that another test runs, by language, and that test. */
const ELSEWHERE: Record<string, Record<string, string>> = {
  "README.md": { ts: "scripts/try-packages.mjs" },
  "packages/fer-cli/README.md": { ts: "packages/fer-cli/test/readme.test.ts" },
  "packages/fer-web/README.md": { html: "packages/fer-web/test/page.test.ts" },
  "packages/fer-weights/README.md": { ts: "packages/fer-serve/test/examples.test.ts" },
  "docs/browser.md": { html: "packages/fer-web/test/camera.test.ts" },
};
/** What is shown, and no code. */
const SHOWN = new Set(["text", "csv", "bibtex"]);
/** Commands that need no run to be right: what installs is looked up, the rest is what CI does. */
const KNOWN = [
  /^npm (run|test|install|init)\b/,
  /^npx changeset\b/,
  /^bash \.ci\/run$/,
  /^cd examples\/browser && npx vite$/,
  /^npx http-server public$/,
];
/** What has to be there before a text begins. */
const BEFORE: Record<string, string[]> = {
  "docs/fine-tune.md": [`extract folders --from my-faces --to data/mine --subject-pattern ([^/_]+)_[^/]*$`],
  "examples/models/README.md": [
    "assemble data/ckplus --name ckplus --split subject-kfold --folds 3 --limit ckplus=42 --to features --overwrite",
  ],
  "docs/merging-and-leaks.md": [`extract folders --from my-faces --to data/mine --subject-pattern ([^/_]+)_[^/]*$`],
};

const textOf = (source: string): string => readFileSync(join(root, source), "utf8");
const sources = PARTS.flatMap(({ groups }) => groups.flatMap(({ pages = [] }) => pages.map(({ source }) => source)));
const texts = sources
  .filter((source) => !GENERATED.has(source))
  .map((source) => ({ source, blocks: blocksOf(textOf(source)) }));
const isCommands = ({ language, text }: Block) =>
  language === "sh" || (language === "" && /^(npx|npm|curl|cd|bash|openssl|docker|node|pnpm) /m.test(text));
const sessions = texts.filter(
  ({ source, blocks }) => !TRIED.has(source) && blocks.some((block) => isCommands(block) && block.reason === undefined),
);

describe("blocks", () => {
  it("are of a kind that is run, or say why they are not", () => {
    const wrong = texts.flatMap(({ source, blocks }) =>
      blocks
        .filter(({ reason }) => reason === undefined)
        .filter((block) => {
          if (isCommands(block) || SHOWN.has(block.language) || block.language === "json") return false;
          const by = ELSEWHERE[source]?.[block.language];
          if (by !== undefined) return !existsSync(join(root, by));
          if (source === "docs/tutorial.md" && block.language === "html") return false;
          if (source === "docs/formats.md" && block.language === "js") return false;
          const isExample = /^packages\/[\w-]+\/README\.md$/.test(source) && ["ts", "js"].includes(block.language);
          return !(isExample && existsSync(join(root, dirname(source), "test/examples.test.ts")));
        })
        .map(({ line, language }) => `${source}:${line} (${language || "no language"})`),
    );
    expect(wrong).toEqual([]);
  });

  it("of JSON are JSON", () => {
    const json = texts.flatMap(({ blocks }) => blocks.filter(({ language }) => language === "json"));
    expect(json.length).toBeGreaterThan(1);
    for (const { text } of json) JSON.parse(text);
  });

  it("run scripts that there are", () => {
    const { scripts } = JSON.parse(textOf("package.json")) as { scripts: Record<string, string> };
    const named = texts.flatMap(({ blocks }) =>
      blocks.flatMap(({ text }) => [...text.matchAll(/^npm run ([\w:]+)/gm)].map(([, name]) => name!)),
    );
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });

  it("install packages that there are", () => {
    const lockfile = textOf("pnpm-lock.yaml");
    const own = readdirSync(join(root, "packages")).map(
      (name) => (JSON.parse(textOf(`packages/${name}/package.json`)) as { name: string }).name,
    );
    const isThere = (name: string): boolean =>
      own.some((of) => of === name) || lockfile.includes(`\n  ${name}@`) || lockfile.includes(`\n  '${name}@`);
    const named = texts.flatMap(({ blocks }) =>
      blocks
        .filter(isCommands)
        .flatMap(({ text }) => commandsOf(text))
        .filter((line) => line.startsWith("npm install "))
        .flatMap((line) => line.split(" ").slice(2))
        .filter((word) => !word.startsWith("-") && !word.includes("*")),
    );
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((name) => !isThere(name))).toEqual([]);
  });
});

/** Files that the texts speak of. */
function writeWorld(home: string): void {
  const frames = join(root, "examples/data/ckplus");
  const put = (from: string, to: string): void => {
    mkdirSync(dirname(join(home, to)), { recursive: true });
    cpSync(from, join(home, to));
  };
  const first = join(frames, "4", readdirSync(join(frames, "4"))[0]!);
  for (const [label, name] of CLASSES.entries()) {
    for (const [at, file] of readdirSync(join(frames, String(label))).entries()) {
      put(join(frames, String(label), file), `CK+/${name}/${file}`);
      if (at < 4) put(join(frames, String(label), file), `my-faces/${name}/${file}`);
      if (at < 3 && [0, 4, 5].includes(label)) put(join(frames, String(label), file), `numbered/${label}/${file}`);
    }
  }
  for (const name of ["face.png", "photo.jpg", "a.jpg", "b.jpg", "photos/happy/1.png", "photos/sad/2.png"])
    put(first, name);
  for (const name of ["photos/1.png", "photos/2.png"]) put(first, `listed/${name}`);
  const table = blocksOf(textOf("docs/own-data.md")).find(({ language }) => language === "csv");
  writeFileSync(join(home, "listed/list.csv"), table!.text);
  const clip = [
    "-loop",
    "1",
    "-i",
    join(home, "face.png"),
    "-t",
    "1",
    "-r",
    "5",
    "-vf",
    "scale=320:-2",
    join(home, "clip.mp4"),
  ];
  if (hasFfmpeg) spawnSync("ffmpeg", ["-loglevel", "error", ...clip]);
  for (const name of ["examples", "packages"]) symlinkSync(join(root, name), join(home, name));
  mkdirSync(join(home, "node_modules/@fer"), { recursive: true });
  for (const name of ["web", "weights"])
    symlinkSync(join(root, "packages", `fer-${name}`), join(home, "node_modules/@fer", name));
}

/** Words of a line as a shell reads them. */
const wordsOf = (line: string): string[] =>
  [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, double, single, bare]) => double ?? single ?? bare!);

/** The same training in a second. */
function short(words: string[]): string[] {
  if (words[0] !== "train") return words;
  const isLength = (word: string | undefined): boolean => word === "--budget" || word === "--epochs";
  const left = words.filter((word, at) => !isLength(word) && !isLength(words[at - 1]));
  const net = left.includes("--from") ? [] : ["--architecture", "tiny"];
  const folds = left.includes("features/ckplus-10") && !left.includes("--folds") ? ["--folds", "1"] : [];
  return [...left, "--epochs", "1", ...net, ...folds, "--engine", "onnx", "--no-report", "--no-baselines"];
}

const freePort = async (): Promise<number> => {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
};

describe("commands of the texts run", { timeout: 300_000 }, () => {
  const world = mkdtempSync(join(tmpdir(), "fer-texts-"));
  const homes: string[] = [];
  let server: { stop: () => Promise<void>; port: number } | undefined;

  async function fer(folder: string, words: string[]): Promise<void> {
    const { code, stdout, stderr } = await warmFer(folder, ...words);
    expect({ words, code, said: code === 0 ? "" : `${stdout}\n${stderr}` }).toEqual({ words, code: 0, said: "" });
  }

  beforeAll(async () => {
    writeWorld(world);
    await fer(world, ["extract", "ckplus", "--from", "CK+", "--to", "data/ckplus"]);
    await fer(world, [
      "assemble",
      "data/ckplus",
      "--name",
      "ckplus",
      "--whole-image",
      "--limit",
      "ckplus=42",
      "--to",
      "features",
    ]);
    await fer(world, short(["train", "features/ckplus", "--to", "runs/first"]));
    cpSync(join(world, "runs/first"), join(world, "runs/mine"), { recursive: true });
    await fer(world, ["export", "runs/first", "--as", "onnx", "--to", "models/first-onnx"]);
  }, 120_000);
  afterAll(async () => {
    await server?.stop();
    for (const home of [world, ...homes]) rmSync(home, { recursive: true, force: true });
  });

  /** Starts what a line of `fer serve` or `fer view` starts, at a free port, once the one before has stopped. */
  async function serve(folder: string, words: string[]): Promise<void> {
    await server?.stop();
    const port = await freePort();
    const isView = words[0] === "view";
    const few = [...(isView ? [] : ["--threads", "1"]), "--port", String(port)];
    const asked = words.map((word, at) => (words[at - 1] === "--workers" ? "2" : word));
    const child = spawn(process.execPath, [BIN, ...asked, ...few], { cwd: folder, stdio: "ignore" });
    const ended = new Promise((done) => child.once("exit", done));
    server = { port, stop: () => (child.kill("SIGTERM"), ended.then(() => undefined)) };
    for (const end = Date.now() + 60_000; ; await wait(100)) {
      const isReady = await fetch(`http://127.0.0.1:${port}/readyz`).then(
        // Who does not have the word in the address of a page is sent away, by one that is there.
        ({ ok }) => ok || isView,
        () => false,
      );
      if (isReady) return;
      if (child.exitCode !== null || Date.now() > end) throw new Error(`fer ${words.join(" ")} does not answer`);
    }
  }

  function home(source: string): string {
    const folder = mkdtempSync(join(tmpdir(), "fer-text-"));
    homes.push(folder);
    const isTutorial = source === "docs/tutorial.md";
    const left = isTutorial ? ["my-faces", "node_modules"] : readdirSync(world);
    for (const name of left) cpSync(join(world, name), join(folder, name), { recursive: true, verbatimSymlinks: true });
    return folder;
  }

  it.each(sessions)("$source", async ({ source, blocks }) => {
    const folder = home(source);
    for (const line of BEFORE[source] ?? []) await fer(folder, wordsOf(line));
    const lines = blocks.flatMap((block) =>
      isCommands(block) && block.reason === undefined ? commandsOf(block.text) : [],
    );
    const run = lines.filter((line) => !KNOWN.some((pattern) => pattern.test(line)));
    for (const line of run.filter((one) => hasFfmpeg || !one.includes("clip.mp4"))) {
      const [program, of, ...words] = wordsOf(line);
      if (program === "npx" && of === "@fer/cli" && /^(serve|view)$/.test(words[0]!)) await serve(folder, words);
      else if (program === "npx" && of === "@fer/cli") await fer(folder, short(words));
      else {
        const toServer = `curl --silent --show-error --fail --connect-to ::127.0.0.1:${server?.port} `;
        execFileSync("bash", ["-euc", line.replace(/^curl /, toServer)], { cwd: folder, stdio: "pipe" });
      }
    }
    await server?.stop();
    server = undefined;
    expect(run.length + lines.length).toBeGreaterThan(0);
    if (source !== "docs/tutorial.md") return;
    const page = blocks.find(({ language }) => language === "html");
    writeFileSync(join(folder, "public/index.html"), page!.text);
    const said =
      CHROMIUM === undefined ? "happy, 90 %" : await namedBy(join(folder, "public"), join(world, "face.png"));
    expect(said).toMatch(/^\w+, \d+ %$/);
  });

  it("docs/formats.md: the module of a peer names expressions", async () => {
    const module = blocksOf(textOf("docs/formats.md")).find(({ language }) => language === "js");
    const file = join(world, "brightness.mjs");
    writeFileSync(file, module!.text);
    const { classes, predict } = (await import(pathToFileURL(file).href)) as { classes: string[]; predict: Function };
    const images = new Float32Array(2 * 4).fill(51);
    expect(classes).toEqual(["happy", "sad"]);
    await expect(predict({ images, count: 2, size: 2, channels: 1 })).resolves.toEqual([0.2, 0.8, 0.2, 0.8]);
  });
});

/** What the page in a folder says of a picture that is chosen in it. */
async function namedBy(folder: string, picture: string): Promise<string> {
  const host = await staticHost(folder, "/");
  const browser = await chromium.launch({ executablePath: CHROMIUM!, args: ["--no-sandbox"] });
  try {
    const page = await browser.newPage();
    await page.goto(host.url);
    await page.getByRole("status").filter({ hasText: "Ready" }).waitFor({ timeout: 60_000 });
    await page.getByLabel("Picture").setInputFiles(picture);
    return (await page.getByRole("listitem").first().textContent({ timeout: 60_000 }))!;
  } finally {
    await browser.close();
    host.close();
  }
}
