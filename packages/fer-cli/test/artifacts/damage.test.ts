/**
 * Every file that extract, assemble and train have written damaged in five ways, and what each command says that reads
 * it: it names the file and ends with an error, or makes the artifact again; never a result without a word.
 *
 *     FER_DAMAGE=all               every way for every file (one way a file in turn when left out)
 *     FER_DAMAGE_REPORT=<file>     the table as Markdown
 */
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeFaces, writeFile } from "../fixtures/faces.js";
import type { Outcome } from "../fixtures/fer.js";
import { treeOf } from "../fixtures/tree.js";
import { warmFer } from "../fixtures/warm-fer.js";

const WAYS: Record<string, (file: string, other: string) => void> = {
  emptied: (file) => truncateSync(file),
  truncated: (file) => truncateSync(file, readFileSync(file).length >> 1),
  flipped(file) {
    const bytes = readFileSync(file);
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(file, bytes);
  },
  removed: (file) => rmSync(file),
  swapped: (file, other) => cpSync(other, file),
};

/** A command, and the files whose content it needs; what it only opens must be there in its size. */
interface Reader {
  words(at: string): string[];
  reads(file: string): boolean;
}

const TRAINING = ["--architecture", "tiny", "--engine", "wasm", "--no-baselines"];
const all = (): boolean => true;
const isPicture = (file: string): boolean => file.endsWith(".png") && !file.startsWith("charts/");
/** What opening a run reads. */
const isOpened = (file: string): boolean =>
  /^(manifest|config|model|outcome|metrics)\.json$|^history\.jsonl$/.test(file);
const isNetwork = (file: string): boolean => /^last\.(h5|json)$/.test(file);
const isTestPart = (file: string): boolean => /(^|\/)faces(_test.*|\.json|\.manifest\.json)$/.test(file);

/** By folder of the artifact. */
const READERS: Record<string, Record<string, Reader>> = {
  data: {
    inspect: { words: (at) => ["inspect", join(at, "data")], reads: all },
    assemble: {
      words: (at) => ["assemble", join(at, "data"), "--to", join(at, "new"), "--name", "new"],
      reads: (file) => file !== "skipped.jsonl",
    },
    export: {
      words: (at) => ["export", join(at, "data"), "--to", join(at, "new")],
      reads: (file) => file !== "skipped.jsonl",
    },
    "extract again": {
      words: (at) => ["extract", "ckplus", "--from", join(at, "faces"), "--to", join(at, "data")],
      // as many pictures as there were
      reads: (file) => !isPicture(file),
    },
  },
  features: {
    inspect: { words: (at) => ["inspect", join(at, "features/faces")], reads: all },
    train: {
      words: (at) => [
        "train",
        join(at, "features/faces"),
        "--to",
        join(at, "new"),
        "--epochs",
        "1",
        "--no-report",
        ...TRAINING,
      ],
      reads: all,
    },
    "evaluate --on": {
      words: (at) => ["evaluate", join(at, "run"), "--on", join(at, "features/faces"), "--engine", "wasm"],
      reads: isTestPart,
    },
    "assemble again": {
      words: (at) => ["assemble", join(at, "data"), "--to", join(at, "features"), "--name", "faces"],
      reads: all,
    },
  },
  run: {
    inspect: { words: (at) => ["inspect", join(at, "run")], reads: all },
    evaluate: { words: (at) => ["evaluate", join(at, "run")], reads: isOpened },
    "evaluate --on": {
      words: (at) => [
        "evaluate",
        join(at, "run"),
        "--on",
        join(at, "features/faces"),
        "--part",
        "train",
        "--engine",
        "wasm",
      ],
      reads: (file) => isOpened(file) || isNetwork(file),
    },
    predict: {
      words: (at) => ["predict", join(at, "run"), join(at, "faces/happy")],
      reads: (file) => isOpened(file) || isNetwork(file),
    },
    report: {
      words: (at) => ["report", join(at, "run")],
      reads: (file) => isOpened(file) || file === "set.json" || file.startsWith("evaluations/"),
    },
    "train again": {
      words: (at) => ["train", join(at, "features/faces"), "--to", join(at, "run"), "--epochs", "2", ...TRAINING],
      reads: all,
    },
  },
};

let root: string;
const at = (...path: string[]): string => join(root, ...path);

const fer = (words: readonly string[]): Promise<Outcome> => warmFer(root, ...words);

async function make(words: readonly string[]): Promise<void> {
  const { code, stderr } = await fer(words);
  if (code !== 0) throw new Error(stderr);
}

/** Faces, and all three artifacts made of them. */
async function makeAll(name: string, { subjects, seed }: { subjects: number; seed: number }): Promise<void> {
  writeFaces(at(name, "faces"), { subjects });
  writeFile(at(name, "faces/happy", `S${subjects + 100}_001_00000001.png`), "not a picture");
  await make(["extract", "ckplus", "--from", at(name, "faces"), "--to", at(name, "data")]);
  await make(["assemble", at(name, "data"), "--to", at(name, "features"), "--name", "faces"]);
  const training = [at(name, "features/faces"), "--to", at(name, "run"), "--epochs", "2", "--seed", String(seed)];
  await make(["train", ...training, ...TRAINING]);
  await make(["evaluate", at(name, "run"), "--on", at(name, "features/faces"), "--part", "train"]);
}

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "fer-damage-"));
  await makeAll("whole", { subjects: 10, seed: 1 });
  await makeAll("other", { subjects: 15, seed: 2 });
}, 120_000);
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Files of an artifact; of the pictures of an image folder, which are all alike, the first. */
function filesOf(artifact: string): string[] {
  const files = Object.keys(treeOf(at("whole", artifact)));
  const pictures = files.filter(isPicture);
  return files.filter((file) => !pictures.includes(file) || file === pictures[0]);
}

/** What a command made of a damaged artifact. */
function verdictOf({ code, stdout, stderr }: Outcome, file: string): "noticed" | "unnamed" | "nothing" {
  if (code === 0) return "nothing";
  return `${stdout}${stderr}`.includes(basename(file)) ? "noticed" : "unnamed";
}

interface Row {
  file: string;
  command: string;
  way: string;
  said: string;
}

const says = ({ stdout, stderr }: Outcome): string =>
  `${stderr}${stdout}`
    .replaceAll("<folder>", "")
    .split("\n")
    .filter((line) => line.trim() !== "" && !/^(Usage|engine )/.test(line))
    .slice(0, 3)
    .join(" ")
    .replaceAll("|", "\\|");

function report(rows: readonly Row[]): void {
  const file = process.env["FER_DAMAGE_REPORT"];
  if (file === undefined) return;
  const lines = rows.map((row) => `| ${row.file} | ${row.way} | ${row.command} | ${row.said} |\n`);
  writeFileSync(file, lines.join(""), { flag: "a" });
}

describe.each(Object.keys(READERS))("%s", (artifact) => {
  it("says what is damaged", async () => {
    const rows: Row[] = [];
    const silent: string[] = [];
    const copy = at("copy");
    for (const [index, file] of filesOf(artifact).entries()) {
      const names = Object.keys(WAYS);
      for (const way of process.env["FER_DAMAGE"] === "all" ? names : [names[index % names.length]!]) {
        for (const [command, { words, reads }] of Object.entries(READERS[artifact]!)) {
          // what is redrawn needs no original
          const isRedrawn = command === "report" && /^(charts\/|report\.html$)/.test(file);
          if (isRedrawn || (way === "swapped" && !existsSync(at("other", artifact, file)))) continue;
          rmSync(copy, { recursive: true, force: true });
          cpSync(at("whole"), copy, { recursive: true, preserveTimestamps: true });
          const [path, before] = [join(copy, artifact, file), readFileSync(at("whole", artifact, file))];
          WAYS[way]!(path, at("other", artifact, file));
          const after = existsSync(path) ? readFileSync(path) : null;
          const isSame = after !== null && after.equals(before);
          const isSizeSeen = after === null || after.length !== before.length;
          const end = await fer(words(copy));
          const isMadeAgain =
            end.code === 0 && command.endsWith("again") && existsSync(path) && readFileSync(path).equals(before);
          const verdict = isMadeAgain ? "made again" : verdictOf(end, file);
          // a picture is seen by who decodes it
          const mustNotice = !isSame && (reads(file) || (isSizeSeen && !isPicture(file)));
          const where = `${artifact}/${file} ${way}, fer ${command}`;
          // whether the manifest is of another artifact, or all its other files are, nobody can say
          const isNamed = verdict !== "unnamed" || file.endsWith("manifest.json");
          if (mustNotice && (verdict === "nothing" || !isNamed)) silent.push(`${where}: ${says(end)}`);
          if (isSame && verdict !== "nothing" && !isMadeAgain) silent.push(`${where} is as it was: ${says(end)}`);
          const said = isSame ? "(the same bytes)" : isMadeAgain ? "made again" : says(end);
          rows.push({
            file: `${artifact}/${file}`,
            way,
            command,
            said: mustNotice || isSame ? said : `does not read it: ${said}`,
          });
        }
      }
    }
    rmSync(copy, { recursive: true, force: true });
    report(rows);
    expect(silent).toEqual([]);
    expect(readdirSync(root).sort()).toEqual(["other", "whole"]);
  }, 1_200_000);
});
