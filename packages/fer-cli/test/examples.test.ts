/** The examples run as their users run them, into a folder of the test. `npm run demo` runs the pipeline as a whole. */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { BIN, emptyFolder } from "./fixtures/fer.js";

const examples = fileURLToPath(new URL("../../../examples", import.meta.url));
const JITI = fileURLToPath(new URL("../node_modules/jiti/lib/jiti-cli.mjs", import.meta.url));

/** Runs a script in the folder of an example; its stdout. */
function run(example: string, out: string, ...words: string[]): string {
  // TensorFlow.js as Node loads it: through jiti it takes three seconds
  const env = { ...process.env, FER_OUT: out, FER_CKPLUS: undefined, JITI_NATIVE_MODULES: '["@tensorflow/tfjs"]' };
  const result = spawnSync(process.execPath, words, { cwd: join(examples, example), env, encoding: "utf8" });
  expect({ status: result.status, stderr: result.stderr }).toMatchObject({ status: 0 });
  return result.stdout;
}

describe("examples", () => {
  it("ckplus-pipeline reads the 327 frames and splits them by subject", { timeout: 120_000 }, () => {
    const out = emptyFolder();
    const extracted = run("ckplus-pipeline", out, BIN, "extract", "ckplus", "--json");
    expect(JSON.parse(extracted)).toMatchObject({
      total: 327,
      counts: { all: { neutral: 50, anger: 45, disgust: 59, fear: 24, happy: 59, sad: 28, surprise: 62 } },
    });
    const set = JSON.parse(run("ckplus-pipeline", out, BIN, "assemble", join(out, "data/ckplus"), "--json")) as object;
    expect(set).toMatchObject({ policy: "subject", leaks: { exact: 0, groups: 0 } });
  });

  it(
    "own-faces trains on class folders, and load-in-node names an expression with its run",
    { timeout: 300_000 },
    () => {
      const out = emptyFolder();
      expect(run("own-faces", out, JITI, "index.ts")).toMatch(
        /^accuracy 0\.\d{3}, always the most frequent class 0\.\d{3}/,
      );
      const said = run("load-in-node", out, JITI, "index.ts", join(out, "own-faces/run"));
      expect(said).toMatch(/S010_006_00000015\.png: (neutral|anger|disgust|fear|happy|sad|surprise) \(\d+ %\)/);
    },
  );

  it("own-architecture trains a tf.sequential with a callback of its own", { timeout: 300_000 }, () => {
    const out = emptyFolder();
    const said = run("own-architecture", out, JITI, "index.ts");
    expect(said).toMatch(/epoch 10: loss \d/);
    expect(said).toMatch(/39879 parameters, test accuracy 0\.\d{3}/);
    expect(existsSync(join(out, "own-architecture/run/report.html"))).toBe(true);
  });

  it("fer2013-hour is as it was written, and reads of CK+ what its card says", { timeout: 300_000 }, () => {
    const out = emptyFolder();
    cpSync(join(examples, "models/fer2013-hour"), join(out, "model"), { recursive: true });
    run("ckplus-pipeline", out, BIN, "extract", "ckplus", "--quiet");
    const assemble = ["assemble", join(out, "data/ckplus"), "--split", "subject-kfold", "--folds", "10", "--quiet"];
    run("ckplus-pipeline", out, BIN, ...assemble);
    const words = ["evaluate", join(out, "model"), "--on", join(out, "features/ckplus"), "--part", "all", "--json"];
    const said = JSON.parse(run("ckplus-pipeline", out, BIN, ...words)) as { accuracy: number; macroF1: number };
    const card = readFileSync(join(examples, "models/README.md"), "utf8");
    const [, accuracy, macroF1] = /`fer2013-hour` .*\| ([\d.]+) % \[[^|]*\], macro-F1 ([\d.]+) \|$/m.exec(card)!;
    expect([said.accuracy, said.macroF1].map((score) => (100 * score).toFixed(1))).toEqual([accuracy, macroF1]);
  });
});
