import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runStages } from "../../dist/pipeline/run-stages.js";
import { type Stage, fingerprintOf } from "../../dist/pipeline/stage.js";
import { emptyFolder } from "../fixtures/fer.js";

/** Two stages that write text files: the second one builds on the first. Counts how often each ran. */
function stagesIn(folder: string, text: string, readable: boolean) {
  const ran: string[] = [];
  const stage = (name: string, inputs: Stage["inputs"], content: () => string): Stage => {
    const to = join(folder, name);
    const outcome = (output: string) => ({ text: output, json: { output }, output });
    return {
      name,
      to,
      inputs,
      fingerprint: async () => (existsSync(to) ? readFileSync(to, "utf8") : undefined),
      existing: async () => (existsSync(to) && readable ? outcome(readFileSync(to, "utf8")) : undefined),
      discard: () => rmSync(to),
      run: async () => {
        if (existsSync(to)) throw new Error(`${name} is there already, and not ours`);
        ran.push(name);
        writeFileSync(to, content());
        return outcome(content());
      },
    };
  };
  const first = stage(
    "first",
    () => ({ text }),
    () => text,
  );
  const second = stage(
    "second",
    (outputs) => ({ from: outputs.get("first") }),
    () => `${readFileSync(first.to, "utf8")}!`,
  );
  return { stages: [first, second], ran };
}

async function run(
  folder: string,
  text: string,
  { force = false, readable = true, signal = new AbortController().signal } = {},
) {
  const { stages, ran } = stagesIn(folder, text, readable);
  const hooks = { signal, onProgress: () => {} };
  const reports = await runStages(stages, { state: join(folder, ".fer"), force, hooks, note: () => {} });
  return { ran, skipped: reports.filter((report) => report.skipped).map((report) => report.stage) };
}

describe("runStages", () => {
  it("runs every stage once, and none of them the second time", async () => {
    const folder = emptyFolder();
    expect(await run(folder, "a")).toEqual({ ran: ["first", "second"], skipped: [] });
    expect(await run(folder, "a")).toEqual({ ran: [], skipped: ["first", "second"] });
  });

  it("runs a stage again when its options changed, and those that build on it", async () => {
    const folder = emptyFolder();
    await run(folder, "a");
    expect(await run(folder, "b")).toEqual({ ran: ["first", "second"], skipped: [] });
  });

  it("runs a stage again when its artifact is gone, and never replaces what it did not write", async () => {
    const folder = emptyFolder();
    await run(folder, "a");
    rmSync(join(folder, "second"));
    expect(await run(folder, "a")).toEqual({ ran: ["second"], skipped: ["first"] });
    writeFileSync(join(folder, "second"), "touched");
    await expect(run(folder, "a")).rejects.toThrow("second is there already, and not ours");
  });

  it("makes an artifact of its own again that this version cannot read", async () => {
    const folder = emptyFolder();
    await run(folder, "a");
    expect(await run(folder, "a", { readable: false })).toEqual({ ran: ["first", "second"], skipped: [] });
  });

  it("does not take a stage for finished when its stamp was cut off", async () => {
    const folder = emptyFolder();
    await run(folder, "a");
    writeFileSync(join(folder, ".fer", "second.json"), '{ "stage": "sec');
    rmSync(join(folder, "second"));
    expect(await run(folder, "a")).toEqual({ ran: ["second"], skipped: ["first"] });
  });

  it("runs everything again when told to", async () => {
    const folder = emptyFolder();
    await run(folder, "a");
    expect(await run(folder, "a", { force: true })).toEqual({ ran: ["first", "second"], skipped: [] });
  });

  it("starts no stage once it is interrupted", async () => {
    const folder = emptyFolder();
    await expect(run(folder, "a", { signal: AbortSignal.abort(new Error("stop")) })).rejects.toThrow("stop");
    expect(existsSync(join(folder, "first"))).toBe(false);
  });
});

describe("fingerprintOf", () => {
  it("depends on values, not on the order of keys", () => {
    expect(fingerprintOf({ a: 1, b: { c: 2, d: [3, 4] } })).toBe(fingerprintOf({ b: { d: [3, 4], c: 2 }, a: 1 }));
    expect(fingerprintOf({ a: [1, 2] })).not.toBe(fingerprintOf({ a: [2, 1] }));
  });
});
