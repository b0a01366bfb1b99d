/** From whole photos to a model and back to whole photos: faces are cut out in one way. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readDatasetInfo } from "@fer/core/image-folder";
import { FACE_POSE, paste, type Picture, resizeBilinear } from "@fer/core/pixels";
import { ModelInfo } from "@fer/core/run";
import { openSet } from "@fer/core/set";
import { encodePng, readPicture } from "@fer/dataset-extractors/image";
import { loadModel, openFaceDetector } from "@fer/model";
import { Recognizer } from "@fer/recognizer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeFile } from "../fixtures/faces.js";
import { warmFer } from "../fixtures/warm-fer.js";

const EXAMPLES = fileURLToPath(new URL("../../../../examples/data/ckplus/", import.meta.url));
const FACES = {
  "happy/ann.png": "4/S010_006_00000015.png",
  "happy/bob.png": "4/S014_005_00000017.png",
  "happy/cleo.png": "4/S026_006_00000013.png",
  "sad/ann.png": "5/S011_002_00000022.png",
  "sad/bob.png": "5/S014_002_00000016.png",
  "sad/cleo.png": "5/S026_002_00000016.png",
} as const;

describe.sequential("fer extract --detect", { timeout: 300_000 }, () => {
  let folder: string;
  const fer = async (...words: string[]) => {
    const outcome = await warmFer(folder, ...words);
    if (outcome.code !== 0) throw new Error(outcome.stderr);
    return outcome;
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "fer-detected-"));
    for (const [i, [name, file]] of Object.entries(FACES).entries()) {
      const photo: Picture = { width: 420, height: 300, channels: 1, data: new Uint8Array(126_000).fill(110) };
      const edge = 150 + 20 * i;
      const face = resizeBilinear(await readPicture(join(EXAMPLES, file)), { width: edge, height: edge });
      paste(face, { into: photo, x: 20 + 15 * i, y: 10 + 5 * i });
      writeFile(join(folder, "photos", name), encodePng(photo));
    }
    const empty = { width: 420, height: 300, channels: 1, data: new Uint8Array(126_000).fill(90) } as const;
    writeFile(join(folder, "photos/happy/nobody.png"), encodePng(empty));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("cuts the faces of photos out, lists photos without, and records how", async () => {
    const { stdout } = await fer(
      "extract",
      "folders",
      "--from",
      "photos",
      "--to",
      "data",
      "--image-kind",
      "photo",
      "--detect",
      "--detected-size",
      "96",
    );
    expect(stdout).toContain("faces: found by blazeface, 96 x 96 pixels\n");
    expect(stdout).toContain("skipped: 1 no-face (listed in skipped.jsonl)\n");
    const info = await readDatasetInfo(join(folder, "data"));
    expect(info.faceCrop).toEqual({ detector: "blazeface", side: 96, ...FACE_POSE });
  });

  it("set and run keep it, so that predictions on whole photos see the same crops", async () => {
    await fer("assemble", "data", "--name", "mine", "--split", "ratio", "--allow-missing", "--to", "features");
    const set = await openSet(join(folder, "features/mine"));
    const cut = { detector: "blazeface", side: 96, ...FACE_POSE };
    expect(set.info.image.cut).toEqual(cut);
    await fer(
      "train",
      "features/mine",
      "--to",
      "runs/mine",
      "--recipe",
      "none",
      "--architecture",
      "tiny",
      "--epochs",
      "1",
      "--engine",
      "wasm",
      "--no-baselines",
    );
    const model = ModelInfo.parse(JSON.parse(readFileSync(join(folder, "runs/mine/model.json"), "utf8")));
    expect(model.preprocessing![0]).toEqual({ step: "cut", ...cut });
    const recognizer = new Recognizer({
      detector: await openFaceDetector(),
      model: await loadModel(join(folder, "runs/mine")),
    });
    expect(recognizer.crop).toEqual({ step: "cut", ...cut });
    const rows = readFileSync(join(folder, "data/all/metadata.jsonl"), "utf8")
      .trim()
      .split("\n")
      .map(
        (line) =>
          JSON.parse(line) as {
            source: string;
            file_name: string;
            box: { x: number; y: number; width: number; height: number };
          },
      );
    expect(rows).toHaveLength(6);
    let furthest = 0;
    for (const { source, file_name, box } of rows) {
      const photo = await readPicture(join(folder, "photos", source));
      const [face] = await recognizer.detector.detect(photo);
      for (const key of ["x", "y", "width", "height"] as const)
        furthest = Math.max(furthest, Math.abs(face!.box[key] - box[key]));
      const own = await readPicture(join(folder, "data/all", file_name));
      const again = recognizer.cut(photo, face!);
      const difference =
        own.data.reduce((sum, value, i) => sum + Math.abs(value - again.data[i]!), 0) / own.data.length;
      expect(difference).toBeLessThan(1);
    }
    // onnxruntime here, WebAssembly in the extraction
    expect(furthest).toBeLessThan(1);
    recognizer.detector.dispose?.();
    recognizer.model.dispose();
  });

  it("fer predict names on whole photos what it names on the extracted faces", async () => {
    const read = async (...words: string[]) =>
      JSON.parse((await fer("predict", "runs/mine", ...words, "--json", "--quiet")).stdout) as {
        file: string;
        faces?: number;
        probabilities?: Record<string, number>;
      }[];
    const [whole, faces] = [await read("photos"), await read("data/all", "--faces", "crop")];
    expect(whole.filter((row) => row.faces === 0).map(({ file }) => file)).toEqual(["photos/happy/nobody.png"]);
    const found = whole.flatMap(({ probabilities }) => (probabilities === undefined ? [] : [probabilities["happy"]!]));
    expect(found).toHaveLength(6);
    for (const [i, { probabilities }] of faces.entries())
      expect(Math.abs(probabilities!["happy"]! - found[i]!)).toBeLessThan(0.02);
  });
});
