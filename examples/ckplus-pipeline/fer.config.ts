/**
 * The whole way on CK+: 327 frames -> subject-independent set -> network -> report. `FER_CKPLUS` names your own
 * licensed copy instead (official release, CK+48 or class folders), `FER_OUT` where everything goes.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { defineConfig } from "@fer/cli";

const from = process.env.FER_CKPLUS ?? "../data/ckplus";
const out = process.env.FER_OUT ?? "demo-output";

// Numbered folders say nothing by themselves, and other copies of CK+ number differently: the map is explicit.
const numbered = existsSync(join(import.meta.dirname, from, "0")) || existsSync(join(from, "0"));
const map = { 0: "neutral", 1: "anger", 2: "disgust", 3: "fear", 4: "happy", 5: "sad", 6: "surprise" };

export default defineConfig({
  extract: [{ adapter: "ckplus", from, to: join(out, "data/ckplus"), options: numbered ? { map } : {} }],
  assemble: { name: "ckplus", to: join(out, "features"), split: "subject", seed: 8, wholeImage: !numbered },
  train: { to: join(out, "runs/ckplus"), seed: 8 },
});
