/**
 * Makes `packages/fer-weights` again: `node scripts/build-weights.mjs <FER2013 as its owners give it out, or a set of it>`.
 * Extracts and assembles the data where they are no set yet, and exports the run that the card of the model names; the
 * accuracy of its one view is measured on the public test. Equal data give equal bytes.
 */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "./packages.mjs";

const [data] = process.argv.slice(2);
if (data === undefined) {
  console.error("usage: node scripts/build-weights.mjs <FER2013's folder or archive, or a set as <folder>/<name>>");
  process.exit(2);
}
const scratch = mkdtempSync(join(tmpdir(), "fer-weights-"));
const fer = (...words) => {
  const bin = join(root, "packages/fer-cli/bin/fer.js");
  const { status } = spawnSync(process.execPath, [bin, ...words], { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
};

let set = data;
if (!existsSync(`${data}.json`)) {
  fer("extract", "fer2013", "--from", data, "--to", join(scratch, "fer2013"));
  fer(
    "assemble",
    join(scratch, "fer2013"),
    "--name",
    "fer2013",
    "--split",
    "official",
    "--to",
    join(scratch, "features"),
  );
  set = join(scratch, "features/fer2013");
}
// What is measured is noted in a run: in a copy of it here.
const run = join(scratch, "fer2013-hour");
cpSync(join(root, "examples/models/fer2013-hour"), run, { recursive: true });
const how = ["--as", "tfjs", "--quantize", "uint8", "--engine", "onnx", "--overwrite"];
fer("export", run, ...how, "--on", set, "--to", join(root, "packages/fer-weights/fer2013"));
rmSync(scratch, { recursive: true, force: true });
