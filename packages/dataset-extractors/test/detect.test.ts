/** Faces that are found during an extraction: which is taken, what is left out, and what is recorded. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { readDatasetInfo } from "@fer/core/image-folder";
import { cutFace, FACE_POSE, type Picture } from "@fer/core/pixels";
import { extract, type ExtractOptions } from "@fer/dataset-extractors";
import { encodePng, readPicture } from "@fer/dataset-extractors/image";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { digests, writeTree } from "./fixtures/tree.js";

const folder = mkdtempSync(join(tmpdir(), "fer-detect-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Finds as many faces as the first pixel says, each smaller and further right; takes its time as a real one does. */
const DETECTOR = `export default async () => ({
  async detect({ data }) {
    await new Promise((resolve) => setTimeout(resolve, 8));
    return Array.from({ length: data[0] }, (_, i) => ({
      box: { x: 10 + 40 * i, y: 20, width: 30 - 5 * i, height: 30 - 5 * i },
      eyes: i === 0 ? [[18, 30], [32, 32]] : null,
    }));
  },
});`;
const detector = { name: "told", module: pathToFileURL(join(folder, "detector.mjs")).href };

/** A slope with noise, so that what was cut where can be seen. */
const photo = (faces: number, seed: number): Picture => {
  const data = Uint8Array.from({ length: 120 * 80 }, (_, i) => (i * 7 + seed * 31 + ((i * i) % 13)) % 256);
  data[0] = faces;
  return { width: 120, height: 80, channels: 1, data };
};

const run = (to: string, options: Partial<ExtractOptions> = {}) =>
  extract(
    {
      adapter: "folders",
      from: join(folder, "photos"),
      to: join(folder, to),
      detect: true,
      detectedSize: 32,
      ...options,
    },
    { detector },
  );

const skips = (to: string): object[] =>
  readFileSync(join(folder, to, "skipped.jsonl"), "utf8")
    .trim()
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as object);

beforeAll(() => {
  writeFileSync(join(folder, "detector.mjs"), DETECTOR);
  const files: Record<string, Buffer> = {};
  for (let i = 0; i < 80; i++) files[`photos/${i % 2 === 0 ? "happy" : "sad"}/p${i}.png`] = encodePng(photo(1, i));
  files["photos/happy/none.png"] = encodePng(photo(0, 1));
  files["photos/happy/several.png"] = encodePng(photo(3, 2));
  writeTree(folder, files);
});

describe("faces are found and cut out", () => {
  test("in the pose of all others; photos without one are listed; what was done is recorded", async () => {
    const { info } = await run("plain");
    expect(info).toMatchObject({
      imageKind: "crop",
      total: 81,
      skipped: { "no-face": 1 },
      faceCrop: { detector: "told", side: 32, ...FACE_POSE },
      pictures: { copied: 0, cropped: 81, converted: 0, severalFaces: 1 },
    });
    expect(await readDatasetInfo(join(folder, "plain"))).toEqual(info);
    expect(skips("plain")).toEqual([
      { source: "happy/none.png", reason: "no-face", detail: "no face was found in it" },
    ]);
    const rows = readFileSync(join(folder, "plain/all/metadata.jsonl"), "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { id: string; file_name: string; box: object });
    const row = rows.find(({ id }) => id.includes("several"))!;
    expect(row.box).toEqual({ x: 10, y: 20, width: 30, height: 30 });
    const cut = await readPicture(join(folder, "plain/all", row.file_name));
    const eyes = [
      [18, 30],
      [32, 32],
    ] as const;
    const face = { box: { x: 10, y: 20, width: 30, height: 30 }, eyes };
    expect(cut).toEqual(cutFace(photo(3, 2), { face, side: 32, ...FACE_POSE }));
  });

  test("with the same bytes in this thread and in others, and nothing is done twice", async () => {
    await run("plain");
    await run("threads", { workers: 3 });
    expect(digests(join(folder, "threads"))).toEqual(digests(join(folder, "plain")));
    expect((await run("plain")).status).toBe("unchanged");
    await expect(run("plain", { detectedSize: 48 })).rejects.toThrow("faceCrop");
    await expect(run("plain", { detect: false })).rejects.toThrow("faceCrop");
  });

  test("pictures of several are left out where that is asked for", async () => {
    const { info } = await run("refused", { severalFaces: "refuse" });
    expect(info.skipped).toEqual({ "no-face": 1, "several-faces": 1 });
    expect(skips("refused")).toContainEqual({
      source: "happy/several.png",
      reason: "several-faces",
      detail: "3 faces were found in it",
    });
  });

  test("a box that is shipped says which face", async () => {
    writeTree(folder, {
      "listed/a.png": encodePng(photo(3, 4)),
      "listed/list.csv": "path,label,x,y,width,height\na.png,happy,52,20,22,24\na.png,sad,5,60,10,10\n",
    });
    const { info } = await extract(
      { adapter: "list", from: join(folder, "listed"), to: join(folder, "boxes"), detect: true, detectedSize: 32 },
      { detector },
    );
    expect([info.total, info.skipped, info.pictures?.severalFaces]).toEqual([1, { "no-face": 1 }, 0]);
    const [row] = readFileSync(join(folder, "boxes/all/metadata.jsonl"), "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { box: object });
    expect(row!.box).toEqual({ x: 50, y: 20, width: 25, height: 25 });
    expect(skips("boxes")).toMatchObject([
      { reason: "no-face", detail: "none of 3 faces that were found is in its box" },
    ]);
  });
});

test("what cannot be asked for together, or without a detector, is refused", async () => {
  const said = [];
  for (const options of [{ align: true }, { margin: 0.1 }])
    said.push(await run("never", options).then(String, (error: Error) => error.message));
  const alone = { adapter: "folders", from: join(folder, "photos"), to: join(folder, "never"), detect: true };
  said.push(await extract(alone).then(String, (error: Error) => error.message));
  expect(said.join("\n")).toMatchInlineSnapshot(`
    "detect: align too: both say how a face is cut out. Leave one of both out.
    detect: a margin too, which is one of boxes that are shipped. Leave margin out.
    detect: no detector. Pass one beside the options: { detector: faceDetectorModule } of @fer/model."
  `);
});
