/**
 * One set for bench/assemble-scale.mjs: assemble_memory.mjs FROM TO NEAR DTYPE LIMIT [PYTHON], of all images where the limit
 * is 0; prints images, seconds (all, of the processors, until the split is known with its leaks, and of the search for
 * near twins), peak memory, leaks, and with Python rows equal to numpy's and the seconds that reading them at once took.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { splitRandom } from "@fer/core";
import { openSet } from "@fer/core/set";
import { Assembler } from "@fer/split-assembler";

const [from, to, near, dtype, limit, python] = process.argv.slice(2);
const began = performance.now();
const limited = limit === "0" ? {} : { limit: { folders: Number(limit) } };
const options = { name: "all", split: "ratio", page: false, workers: 2, near: near === "true", dtype, to, ...limited };
const stages = new Map();
const onProgress = ({ stage }) => stages.set(stage, stages.get(stage) ?? performance.now());
const { info } = await new Assembler(options).assemble([from], { onProgress });
const seconds = (performance.now() - began) / 1000;
const { user, system } = process.cpuUsage();
const cpu = (user + system) / 1e6;
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
let reading = null;
if (python) {
  const input = JSON.stringify(rows);
  const theirs = JSON.parse(
    execFileSync(python, ["-c", script, join(to, "all_train_images.npy")], { input, encoding: "utf8" }),
  );
  const before = performance.now();
  const ours = await part.read(rows);
  reading = (performance.now() - before) / 1000;
  const length = ours.length / rows.length;
  const hashOf = (i) =>
    createHash("sha256")
      .update(ours.subarray(i * length, (i + 1) * length))
      .digest("hex");
  equal = theirs.filter((hash, i) => hash === hashOf(i)).length;
}
set.close();
const images = Object.values(info.parts).reduce((sum, { count }) => sum + count, 0);
process.stdout.write(JSON.stringify({ images, seconds, cpu, planned, twins, peak, leaks: info.leaks, equal, reading }));
