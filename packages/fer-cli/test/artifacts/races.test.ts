/**
 * Two processes at one target, for every command that makes something, also in two pid namespaces (`unshare`, needs root
 * on Linux): one works, the other is told who holds it (or finds what the first has finished), and nothing is mixed.
 *
 *     FER_RACES=20                       rounds of each pair (1 when left out)
 *     FER_RACES_REPORT=<file>            a line of figures for each
 *     FER_SETUP_WHEEL=<tensorflow.whl>   `fer setup` as well: needs npm and a compiler, half a minute a round
 */
import { spawn, spawnSync } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeFaces } from "../fixtures/faces.js";
import { BIN } from "../fixtures/fer.js";
import { artifactsOf, treeOf } from "../fixtures/tree.js";
import { warmFer } from "../fixtures/warm-fer.js";

const ROUNDS = Number(process.env["FER_RACES"] ?? 1);
const WHEEL = process.env["FER_SETUP_WHEEL"];
const hasNamespaces = spawnSync("unshare", ["-pfm", "--mount-proc", "true"]).status === 0;

const HELD = /process \d+ on \S+ is at work on/;
const FINISHED = /was made otherwise|unfinished work of other options/;

const TRAINING = ["--architecture", "tiny", "--engine", "wasm", "--epochs", "3", "--no-report"];

interface Race {
  /** What stands at the target before. */
  before?: (to: string) => Promise<void>;
  /** Two ways to make something there: of other data, or with other options. */
  words: (which: 1 | 2, to: string) => readonly string[];
  /** Whether what the two make stands side by side. */
  isAdded?: boolean;
}

const copyOfRun = async (to: string): Promise<void> =>
  cpSync(join(folder, "run"), join(folder, to), { recursive: true });

const RACES: Record<string, Race> = {
  extract: {
    words: (which, to) => ["extract", "ckplus", "--from", `faces-${which}`, "--to", to, "--workers", "1"],
  },
  assemble: {
    words: (which, to) => ["assemble", "data-1", "--to", to, "--name", "faces", "--seed", String(which)],
  },
  train: {
    words: (which, to) => ["train", "features/faces", "--to", to, "--seed", String(which), ...TRAINING],
  },
  export: { words: (which, to) => ["export", `data-${which}`, "--to", to] },
  evaluate: {
    before: copyOfRun,
    words: (which, to) => ["evaluate", to, "--on", `features/other-${which}`, "--part", "train"],
    isAdded: true,
  },
  report: {
    before: copyOfRun,
    words: (which, to) => ["report", to, "--name", `number ${which}`],
  },
  pipeline: {
    before: async (to) => {
      for (const which of [1, 2]) {
        const config = {
          extract: [{ adapter: "ckplus", from: "../faces-1", to: "data", workers: 1 }],
          assemble: { to: "features", name: "faces", split: "subject", seed: which },
          train: { to: "run", architecture: "tiny", engine: "wasm", epochs: 2, report: false },
        };
        mkdirSync(join(folder, to), { recursive: true });
        writeFileSync(join(folder, to, `fer.${which}.config.json`), JSON.stringify(config));
      }
    },
    words: (which, to) => ["pipeline", "--config", `${to}/fer.${which}.config.json`],
  },
};

let folder: string;
/** What stands at the target in the end, by who has worked: the first, the second, or one after the other. */
const expected: Record<string, Record<"1" | "2" | "1,2", string>> = {};

interface End {
  code: number | null;
  stderr: string;
}

function fer(words: readonly string[], { container = false, env = {} } = {}): Promise<End> {
  const all = [...(container ? ["unshare", "-pfm", "--mount-proc"] : []), process.execPath, BIN, ...words];
  const child = spawn(all[0]!, all.slice(1), {
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, ...env },
  });
  let stderr = "";
  child.stderr.on("data", (piece: Buffer) => (stderr += piece.toString()));
  return new Promise((resolve) => void child.once("close", (code) => resolve({ code, stderr })));
}

async function make(words: readonly string[]): Promise<void> {
  const { code, stderr } = await warmFer(folder, ...words);
  if (code !== 0) throw new Error(stderr);
}

const filesOf = (to: string): string =>
  JSON.stringify(to.startsWith("report") ? reportOf(to) : artifactsOf(treeOf(join(folder, to))));

/** A report shows times: its title, and all other files. */
const reportOf = (to: string) => {
  const title = /<title>.*<\/title>/.exec(readFileSync(join(folder, to, "report.html"), "utf8"))?.[0];
  return { title, ...artifactsOf(treeOf(join(folder, to))) };
};

async function stateAfter(name: string, made: readonly (1 | 2)[]): Promise<string> {
  const { before, words } = RACES[name]!;
  const to = `${name}-${made.join("-")}`;
  await before?.(to);
  for (const which of made) await make(words(which, to));
  return filesOf(to);
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "fer-races-"));
  for (const which of [1, 2]) {
    writeFaces(join(folder, `faces-${which}`), { subjects: 9 + which, frames: 2 });
    await make(["extract", "ckplus", "--from", `faces-${which}`, "--to", `data-${which}`]);
  }
  await make(["assemble", "data-1", "--to", "features", "--name", "faces"]);
  for (const which of [1, 2]) {
    const words = ["assemble", `data-${which}`, "--to", "features", "--name", `other-${which}`, "--seed", "9"];
    await make(words);
  }
  await make(["train", "features/faces", "--to", "run", ...TRAINING]);
  for (const [name, { isAdded = false }] of Object.entries(RACES)) {
    const [first, second] = [await stateAfter(name, [1]), await stateAfter(name, [2])];
    expected[name] = { "1": first, "2": second, "1,2": isAdded ? await stateAfter(name, [1, 2]) : "" };
  }
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const report = (line: string): void => {
  const file = process.env["FER_RACES_REPORT"];
  if (file !== undefined) appendFileSync(file, `${line}\n`);
};

describe.each([
  ["in one place", false],
  ["in two containers", true],
] as const)("two processes %s", (where, container) => {
  describe.skipIf(container && !hasNamespaces).each(Object.keys(RACES))("fer %s", (name) => {
    it.each([
      ["the same", [1, 1]],
      ["another", [1, 2]],
    ] as const)(
      "make %s artifact",
      async (what, pair) => {
        const { before, words, isAdded = false } = RACES[name]!;
        expect(expected[name]![1]).not.toEqual(expected[name]![2]);
        const figures = { held: 0, finished: 0, kept: 0 };
        for (let round = 0; round < ROUNDS; round++) {
          const to = `${name} ${what} ${where} ${round}`;
          await before?.(to);
          const ends = await Promise.all(
            pair.map(async (which, second) => {
              // from at once to after the first has begun
              await sleep(second * ((round * 97) % 400));
              return { which, ...(await fer(words(which, to), { container })) };
            }),
          );
          const worked = ends.filter(({ code }) => code === 0);
          expect(worked.length).toBeGreaterThanOrEqual(1);
          for (const { stderr } of ends.filter(({ code }) => code !== 0)) {
            if (HELD.test(stderr)) figures.held++;
            else if (what === "another" && FINISHED.test(stderr)) figures.finished++;
            else throw new Error(`refused without saying who holds it: ${stderr}`);
          }
          figures.kept += worked.length - 1;
          const makers = [...new Set(worked.map(({ which }) => which))].sort();
          const allowed = isAdded ? [makers.join(",") as "1,2"] : makers.map((which) => `${which}` as const);
          expect(
            allowed.map((of) => expected[name]![of]),
            `round ${round}: ${to} is of ${allowed.join(" or ")}`,
          ).toContain(filesOf(to));
          rmSync(join(folder, to), { recursive: true });
          expect(readdirSync(folder).filter((entry) => entry.startsWith("."))).toEqual([]);
        }
        const { held, finished, kept } = figures;
        report(
          `fer ${name}, ${what} artifact, ${where}: ${ROUNDS} rounds, ${held} told who holds it, ${finished} that it is another one, ${kept} came after; mixed: 0`,
        );
      },
      60_000 + ROUNDS * 60_000,
    );
  });

  it.skipIf(WHEEL === undefined || (container && !hasNamespaces))(
    "fer setup",
    async () => {
      for (let round = 0; round < ROUNDS; round++) {
        const cache = join(folder, `cache ${where} ${round}`);
        const words = ["setup", "tensorflow", "--wheel", WHEEL!];
        const ends = await Promise.all([1, 2].map(() => fer(words, { container, env: { FER_CACHE: cache } })));
        expect(ends.map(({ code }) => code)).toEqual([0, 0]);
        const waited = ends.filter(({ stderr }) => /waiting for process \d+, which is setting up too/.test(stderr));
        const compiled = ends.filter(({ stderr }) => stderr.includes("compiling the binding"));
        expect([waited.length, compiled.length]).toEqual([1, 1]);
        rmSync(cache, { recursive: true });
      }
      report(`fer setup, ${where}: ${ROUNDS} rounds, ${ROUNDS} waited and said for whom; made once each`);
    },
    60_000 + ROUNDS * 240_000,
  );
});
