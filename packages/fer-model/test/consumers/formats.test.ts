/** Needs FER_PYTHON: a Python with what is exported for (see .ci/requirements.txt); what it lacks is skipped by name. */
import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { encodeNpyHeader } from "@fer/core";
import { exportRun } from "@fer/model";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ExportedRun, exportedRun, worst } from "../formats/exported-run.ts";

const python = process.env["FER_PYTHON"];
const COUNT = 1000;
const CONSUMERS = ["keras 3, .keras", "keras 3, .h5", "tf_keras, .h5", "tensorflow", "onnxruntime", "ai-edge-litert"];

describe.skipIf(!python)("exported runs in what they are exported for (FER_PYTHON)", () => {
  let folder: string;
  let given: ExportedRun;
  let found: Record<string, { version: string; probabilities: number[] } | { absent: string }>;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "fer-exports-"));
    given = await exportedRun(folder, COUNT);
    for (const as of ["keras", "h5", "savedmodel", "onnx"] as const)
      await exportRun(join(folder, "run"), { to: join(folder, as), as });
    const [faces, out] = [join(folder, "faces.npy"), join(folder, "found.json")];
    writeFileSync(faces, Buffer.concat([encodeNpyHeader("uint8", [COUNT, 16, 16, 1]), given.faces]));
    const script = fileURLToPath(new URL("open-exports.py", import.meta.url));
    await promisify(execFile)(python!, [script, folder, faces, out], { maxBuffer: 2 ** 26 });
    found = JSON.parse(readFileSync(out, "utf8"));
  }, 600_000);
  afterAll(() => rm(folder, { recursive: true }));

  test.for(CONSUMERS)("%s predicts 1,000 images of raw grey levels as we do, within 1e-5", (name, { skip }) => {
    const result = found[name]!;
    if ("absent" in result) return skip(result.absent);
    expect(worst(result.probabilities, given.expected)).toBeLessThan(1e-5);
  });
});
