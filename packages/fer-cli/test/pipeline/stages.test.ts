/** What a second `fer pipeline` keeps, refuses and replaces: artifacts alone remember what is finished. */
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { facePng, writeFaces, writeFile } from "../fixtures/faces.js";
import { emptyFolder } from "../fixtures/fer.js";
import { warmFer } from "../fixtures/warm-fer.js";
import { treeOf } from "../fixtures/tree.js";

/** A pipeline with an evaluation on the training part. */
function writeConfig(folder: string, { train = {}, assemble = {}, extract = {} } = {}): void {
  const config = {
    extract: [{ adapter: "ckplus", from: "faces", to: "data/faces", ...extract }],
    assemble: { name: "faces", ...assemble },
    train: { to: "runs/faces", architecture: "tiny", engine: "wasm", epochs: 2, ...train },
    evaluate: [{ on: "features/faces", part: "train" }],
  };
  writeFileSync(join(folder, "fer.config.json"), JSON.stringify(config));
}

/** Status by the first word of the stage, where the pipeline succeeds; else its message. */
async function pipeline(folder: string, ...words: string[]): Promise<Record<string, string> | string> {
  const { code, stdout, stderr } = await warmFer(folder, "pipeline", "--json", ...words);
  if (code !== 0) return `exit ${code}: ${stderr.split("\n").find((line) => line.startsWith("error"))}`;
  const { stages } = JSON.parse(stdout) as { stages: { stage: string; status: string }[] };
  return Object.fromEntries(stages.map(({ stage, status }) => [stage.split(" ")[0]!, status]));
}

const ALL_KEPT = { extract: "kept", assemble: "kept", train: "kept", evaluate: "kept" };

describe("fer pipeline", { timeout: 600_000 }, () => {
  it("keeps what is finished, refuses what has other options, and replaces it when told to", async () => {
    const folder = emptyFolder();
    writeFaces(join(folder, "faces"));
    writeConfig(folder);
    expect(await pipeline(folder)).toEqual({
      extract: "done",
      assemble: "done",
      train: "done",
      evaluate: "done",
      report: "done",
    });
    expect(readFileSync(join(folder, "runs/faces/report.html"), "utf8")).toContain("Lucey");

    const tree = treeOf(folder);
    expect(await pipeline(folder)).toEqual(ALL_KEPT);
    expect(await pipeline(folder, "--overwrite")).toEqual(ALL_KEPT);
    expect(treeOf(folder)).toEqual(tree);

    writeConfig(folder, { train: { epochs: 3 } });
    expect(await pipeline(folder)).toMatchInlineSnapshot(
      `"exit 1: error: train: "runs/faces" was made otherwise: epochs 2 there, 3 asked for. Expected the same options and data. Choose another --to, or pass --overwrite to replace it; nothing was changed."`,
    );
    expect(treeOf(join(folder, "runs"))).toEqual(
      Object.fromEntries(
        Object.entries(tree).flatMap(([file, hash]) => (file.startsWith("runs/") ? [[file.slice(5), hash]] : [])),
      ),
    );
    expect(await pipeline(folder, "--overwrite")).toEqual({
      ...ALL_KEPT,
      train: "done",
      evaluate: "done",
      report: "done",
    });
    expect(await pipeline(folder)).toEqual(ALL_KEPT);

    writeConfig(folder, { train: { epochs: 3 }, extract: { margin: 0.1 } });
    expect(await pipeline(folder)).toMatchInlineSnapshot(
      `"exit 1: error: extract: "data/faces" was made otherwise: margin 0 there, 0.1 asked for. Expected the same options and data. Choose another --to, or pass --overwrite to replace it; nothing was changed."`,
    );
    writeConfig(folder, { train: { epochs: 3 }, assemble: { seed: 4 } });
    expect(await pipeline(folder)).toMatchInlineSnapshot(
      `"exit 1: error: assemble: "features/faces" was made otherwise: seed 0 there, 4 asked for. Expected the same options and data. Choose another --to, or pass --overwrite to replace it; nothing was changed."`,
    );
  });

  it("makes again what is gone, and leaves what it did not write", async () => {
    const folder = emptyFolder();
    writeFaces(join(folder, "faces"));
    writeConfig(folder);
    await pipeline(folder);
    const tree = treeOf(folder);
    rmSync(join(folder, "data"), { recursive: true });
    expect(await pipeline(folder)).toEqual({ ...ALL_KEPT, extract: "done" });
    rmSync(join(folder, "features"), { recursive: true });
    expect(await pipeline(folder)).toEqual({ ...ALL_KEPT, assemble: "done" });
    rmSync(join(folder, "runs/faces/evaluations"), { recursive: true });
    expect(treeOf(folder)["features/faces_train_images.npy"]).toBe(tree["features/faces_train_images.npy"]);
    rmSync(join(folder, "runs"), { recursive: true });
    writeFile(join(folder, "runs/faces/thesis.tex"), "mine");
    expect(await pipeline(folder, "--overwrite")).toMatchInlineSnapshot(
      `"exit 1: error: train: "runs/faces" holds "thesis.tex" and not what train writes. Expected a new or empty folder, or an earlier output. Choose another --to; nothing was changed."`,
    );
    expect(readFileSync(join(folder, "runs/faces/thesis.tex"), "utf8")).toBe("mine");
  });

  it("takes new pictures into the image folder, and says what follows from them", async () => {
    const folder = emptyFolder();
    writeFaces(join(folder, "faces"));
    writeConfig(folder);
    await pipeline(folder);
    writeFile(join(folder, "faces/happy/S099_001_00000001.png"), facePng(4, 99));
    expect(await pipeline(folder)).toMatch(/^exit 1: error: assemble: "features\/faces" was made otherwise: sources /);
    expect(await pipeline(folder, "--overwrite")).toMatchObject({ extract: "kept", assemble: "done", train: "done" });
  });

  it("refuses two sections that write the same, and a config without any", async () => {
    const folder = emptyFolder();
    const section = { adapter: "ckplus", from: "faces", to: "data" };
    writeFileSync(join(folder, "fer.config.json"), JSON.stringify({ extract: [section, section] }));
    expect(await pipeline(folder)).toMatchInlineSnapshot(
      `"exit 2: error: <folder>/fer.config.json: two sections write the same: extract data. Expected folders or sets of different names. Rename one of them."`,
    );
    writeFileSync(join(folder, "fer.config.json"), "{}");
    expect(await pipeline(folder)).toMatchInlineSnapshot(
      `"exit 2: error: <folder>/fer.config.json: it has no section that a stage comes from: there is nothing to do. Expected at least one of extract, assemble, train, evaluate. Add one; fer init writes an example."`,
    );
    expect(existsSync(join(folder, "data"))).toBe(false);
  });

  it("trains, measures and reports each of several seeds; inspect and evaluate show them together", async () => {
    const folder = emptyFolder();
    writeFaces(join(folder, "faces"));
    writeConfig(folder, { train: { seeds: 2, epochs: 1 } });
    const { code, stdout, stderr } = await warmFer(folder, "pipeline", "--json");
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const { stages } = JSON.parse(stdout) as { stages: { stage: string; status: string }[] };
    expect(stages.map(({ stage, status }) => `${stage}: ${status}`)).toEqual([
      "extract data/faces: done",
      "assemble features/faces: done",
      "train runs/faces: done",
      "evaluate runs/faces on features/faces, train: done",
      "report runs/faces/seed-1: done",
      "report runs/faces/seed-2: done",
    ]);
    expect(await pipeline(folder)).toEqual(ALL_KEPT);

    const inspected = await warmFer(folder, "inspect", "runs/faces");
    expect(inspected.code).toBe(0);
    expect(inspected.stderr).toContain("runs/faces: every file of every run is as it was written");
    expect(inspected.stdout).toContain("2 runs in runs/faces: seed-1, seed-2");
    expect(inspected.stdout).toContain("all together, as an ensemble");
    const own = await warmFer(folder, "evaluate", "runs/faces");
    expect(own.stdout).toContain("2 runs in runs/faces on faces, test part");
    expect(own.stdout).toMatch(/^deviation /m);

    writeFile(join(folder, "runs/faces/seed-2/history.csv"), "another");
    const damaged = await warmFer(folder, "inspect", "runs/faces");
    expect(damaged.code).toBe(1);
    expect(damaged.stdout).toContain("seed-2/history.csv");
  });
});
