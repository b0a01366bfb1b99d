/** A run that is trained again: what the command prints, and its exit codes. */
import { join } from "node:path";
import type { Reproduction } from "@fer/model";
import { describe, expect, it } from "vitest";
import { renderReproduction } from "../../dist/render/reproduction.js";
import { writeTinyPipeline } from "../fixtures/tiny-pipeline.js";
import { emptyFolder } from "../fixtures/fer.js";
import { warmFer } from "../fixtures/warm-fer.js";

const found: Reproduction = {
  run: "runs/first",
  again: null,
  verdict: "identical",
  files: [
    { file: "last.h5", isEqual: true },
    { file: "history.jsonl", isEqual: true },
  ],
  otherwise: [],
  scores: [{ name: "accuracy", there: 0.71, here: 0.71 }],
  tolerance: 0.02,
};

describe("renderReproduction", () => {
  it("says that bytes are the same", () => {
    expect(renderReproduction(found)).toMatchInlineSnapshot(`
      "runs/first reproduced: 2 files of weights, history and predictions have the same bytes

                there   here
      accuracy  71.0%  71.0%"
    `);
  });

  it("says what is otherwise elsewhere, and how far scores are apart", () => {
    const elsewhere: Reproduction = {
      ...found,
      again: "runs/again",
      verdict: "close",
      files: [{ file: "last.h5", isEqual: false }, found.files[1]!],
      otherwise: ["engine tensorflow there, onnx here"],
      scores: [{ name: "accuracy", there: 0.71, here: 0.7 }],
    };
    expect(renderReproduction(elsewhere)).toMatchInlineSnapshot(`
      "runs/first reproduced elsewhere: bytes differ, and scores by at most 2 points; the second run is runs/again

      otherwise than there:
        engine tensorflow there, onnx here

                there   here
      accuracy  71.0%  70.0%

      file           bytes
      last.h5        differs
      history.jsonl  equal"
    `);
    expect(renderReproduction({ ...elsewhere, verdict: "different" }).split("\n")[0]).toMatchInlineSnapshot(
      `"runs/first not reproduced: scores differ by more than 2 points; the second run is runs/again"`,
    );
    expect(
      renderReproduction({ ...elsewhere, verdict: "different", otherwise: [] }).split("\n")[0],
    ).toMatchInlineSnapshot(
      `"runs/first not reproduced: bytes differ on the same processor, engine and versions; the second run is runs/again"`,
    );
  });
});

describe("fer reproduce", { timeout: 300_000 }, () => {
  it("exits with 0 where the same came out, with 1 for another set, with 2 without one", async () => {
    const folder = emptyFolder();
    writeTinyPipeline(folder);
    expect(await warmFer(folder, "pipeline", "--quiet")).toMatchObject({ code: 0 });
    const run = "out/runs/faces";
    const { code, stdout } = await warmFer(folder, "reproduce", run, "--set", "out/features/faces", "--json");
    expect({ code, verdict: (JSON.parse(stdout) as Reproduction).verdict }).toEqual({ code: 0, verdict: "identical" });

    const words = ["assemble", "out/data/faces", "--name", "other", "--split", "ratio", "--to", "out/features"];
    expect(await warmFer(folder, ...words)).toMatchObject({ code: 0 });
    const other = await warmFer(folder, "reproduce", run, "--set", join("out/features", "other"));
    expect(other.code).toBe(2);
    expect(other.stderr).toContain("set other: it is not the one that out/runs/faces was trained on");
    expect(await warmFer(folder, "reproduce", run)).toMatchObject({ code: 2 });
  });
});
