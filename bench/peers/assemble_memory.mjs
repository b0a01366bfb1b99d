/**
 * One set for bench/assemble-scale.mjs: assemble_memory.mjs FROM TO NEAR DTYPE [PYTHON]; prints images, seconds (all, until the
 * split is known with its leaks, and of the search for near twins), peak memory, leaks, and rows equal to numpy's.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { splitRandom } from "@fer/core";
import { openSet } from "@fer/core/set";
import { Assembler } from "@fer/split-assembler";

const [from, to, near, dtype, python] = process.argv.slice(2);
const began = performance.now();
const options = { name: "all", split: "ratio", page: false, workers: 2, near: near === "true", dtype, to };
const stages = new Map();
const onProgress = ({ stage }) => stages.set(stage, stages.get(stage) ?? performance.now());
const { info } = await new Assembler(options).assemble([from], { onProgress });
const seconds = (performance.now() - began) / 1000;
const planned = (stages.get("assemble") - began) / 1000;
const twins = stages.has("sketch") ? (stages.get("assemble") - stages.get("sketch")) / 1000 : 0;
const peak = process.resourceUsage().maxRSS * 1024;

const set = await openSet(join(to, "all"));
const part = set.part("train");
const random = splitRandom(1, "rows");
const rows = Array.from({ length: 1000 }, () => Math.floor(random() * part.count));
const script = `
import hashlib, json, sys, numpy as np
images = np.load(sys.argv[1], mmap_mode="r")
print(json.dumps([hashlib.sha256(images[row].astype(np.uint8).tobytes()).hexdigest() for row in json.load(sys.stdin)]))`;
let equal = null;
if (python) {
  const input = JSON.stringify(rows);
  const theirs = JSON.parse(
    execFileSync(python, ["-c", script, join(to, "all_train_images.npy")], { input, encoding: "utf8" }),
  );
  equal = 0;
  for (const [i, row] of rows.entries())
    if (
      createHash("sha256")
        .update(await part.read([row]))
        .digest("hex") === theirs[i]
    )
      equal += 1;
}
set.close();
const images = Object.values(info.parts).reduce((sum, { count }) => sum + count, 0);
process.stdout.write(JSON.stringify({ images, seconds, planned, twins, peak, leaks: info.leaks, equal }));
