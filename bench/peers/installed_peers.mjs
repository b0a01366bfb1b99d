/** Packages of npm that are peers of several benchmarks. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder } from "@fer/core";

/** Packages of the peers, installed into the cache where they are not. */
const PACKAGES = [
  "@vladmandic/human@3.3.6",
  "@vladmandic/face-api@1.7.15",
  "@tensorflow/tfjs@4.22.0",
  "@tensorflow/tfjs-backend-wasm@4.22.0",
];

/** The folder with their node_modules. */
export function installedPeers() {
  const home = join(cacheFolder(), "bench-faces");
  if (existsSync(join(home, "node_modules/@vladmandic/human"))) return home;
  mkdirSync(home, { recursive: true });
  const words = ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", home, ...PACKAGES];
  execFileSync("npm", words, { stdio: "ignore", shell: process.platform === "win32" });
  return home;
}
