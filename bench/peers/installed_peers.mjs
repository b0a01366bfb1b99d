/** Packages of npm that benchmarks compare with, installed into the cache where they are not. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder } from "@fer/core";

/** What finds faces and names expressions. */
const FACES = [
  "@vladmandic/human@3.3.6",
  "@vladmandic/face-api@1.7.15",
  "@tensorflow/tfjs@4.22.0",
  "@tensorflow/tfjs-backend-wasm@4.22.0",
];

/** The folder with their node_modules. */
export function installedPeers({ folder = "bench-faces", packages = FACES } = {}) {
  const home = join(cacheFolder(), folder);
  const isThere = (name) => existsSync(join(home, "node_modules", name.slice(0, name.lastIndexOf("@"))));
  if (packages.every(isThere)) return home;
  mkdirSync(home, { recursive: true });
  const words = ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", home, ...packages];
  execFileSync("npm", words, { stdio: "ignore", shell: process.platform === "win32" });
  return home;
}
