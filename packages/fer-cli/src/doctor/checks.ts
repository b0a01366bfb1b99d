/**
 * What `fer doctor` looks at, one thing a check. `missing` costs something that can be lived without, `bad` means that
 * nothing, or nothing worth waiting for, runs here.
 */
import { spawnSync } from "node:child_process";
import { access, constants, readFile, stat, statfs } from "node:fs/promises";
import { availableParallelism, cpus, freemem } from "node:os";
import { dirname } from "node:path";
import { cacheFolder, formatCount } from "@fer/core";
import { engines } from "@fer/model";

/** Whether a thing is as it should be. */
export type Health = "ok" | "missing" | "bad";

export interface Finding {
  /** What was looked at. */
  what: string;
  health: Health;
  found: string;
  /** What to do where it is not ok. */
  fix?: string;
}

type Check = () => Promise<Finding>;

const GIGABYTE = 1e9;
/** What the demo and a set of 30,000 faces take. */
const LEAST = { memory: 2, disk: 2 };

const node: Check = async () => {
  const { engines: wanted } = JSON.parse(await readFile(new URL("../../package.json", import.meta.url), "utf8")) as {
    engines: { node: string };
  };
  const [major, minor] = wanted.node.match(/\d+/g)!.map(Number) as [number, number];
  const [here, after] = process.versions.node.split(".").map(Number) as [number, number];
  const isNew = here > major || (here === major && after >= minor);
  const found = `${process.version} on ${process.platform} ${process.arch}`;
  return { what: "Node", found, ...(isNew ? { health: "ok" } : { health: "bad", fix: `Install Node ${wanted.node}` }) };
};

/** One of each engine; that something fast trains is a check of its own. */
const engine =
  (name: keyof typeof engines): Check =>
  async () => {
    const { available, device, version, reason, install } = await engines[name].probe();
    const what = `engine ${name}`;
    if (available) return { what, health: "ok", found: [device, version].filter(Boolean).join(", ") };
    return { what, health: "missing", found: reason ?? "it does not run here", ...(install ? { fix: install } : {}) };
  };

const fastEngine: Check = async () => {
  const fast = ["tensorflow", "onnx", "webgpu"] as const;
  const here = await Promise.all(fast.map(async (name) => ((await engines[name].probe()).available ? [name] : [])));
  const found = here.flat().join(", ");
  const what = "an engine that trains fast";
  if (found !== "") return { what, health: "ok", found };
  const fix = "Run fer setup tensorflow, or npm install onnxruntime-node --ignore-scripts";
  return { what, health: "bad", found: "none: training takes many times as long", fix };
};

const photos: Check = () => installed("@fer/weights", { what: "a model for photos", fix: "npm install @fer/weights" });
const sharp: Check = () => installed("sharp", { what: "fast reading of photos", fix: "npm install sharp" });

function installed(name: string, { what, fix }: { what: string; fix: string }): Promise<Finding> {
  try {
    import.meta.resolve(`${name}/package.json`);
    return Promise.resolve({ what, health: "ok", found: name });
  } catch (error) {
    // Found, with a package.json that it keeps to itself.
    if ((error as NodeJS.ErrnoException).code === "ERR_PACKAGE_PATH_NOT_EXPORTED")
      return Promise.resolve({ what, health: "ok", found: name });
    return Promise.resolve({ what, health: "missing", found: `${name} is not installed`, fix });
  }
}

const ffmpeg: Check = () => {
  const { stdout, status } = spawnSync("ffmpeg", ["-version"], { encoding: "utf8" });
  const what = "videos";
  if (status === 0) return Promise.resolve({ what, health: "ok", found: stdout.split(" Copyright")[0]! });
  const fix = "Install ffmpeg (Debian and Ubuntu: apt install ffmpeg; macOS: brew install ffmpeg)";
  return Promise.resolve({ what, health: "missing", found: "there is no ffmpeg in PATH", fix });
};

const memory: Check = () => {
  const gigabytes = (process.constrainedMemory() || freemem()) / GIGABYTE;
  const free = Math.min(gigabytes, freemem() / GIGABYTE);
  const found = `${formatCount(free, 2)} GB free, ${availableParallelism()} x ${cpus()[0]?.model ?? "unknown processor"}`;
  const what = "memory, processor";
  if (free >= LEAST.memory) return Promise.resolve({ what, health: "ok", found });
  const fix = `Free some: large nets and batches need ${LEAST.memory} GB and more`;
  return Promise.resolve({ what, health: "missing", found, fix });
};

const disk =
  (what: string, { folder, fix }: { folder(): string; fix: string }): Check =>
  async () => {
    const path = folder();
    try {
      const existing = await nearest(path);
      await access(existing, constants.W_OK);
      const { bavail, bsize } = await statfs(existing);
      const free = (bavail * bsize) / GIGABYTE;
      const found = `${path}, ${formatCount(free, 2)} GB free`;
      return free >= LEAST.disk ? { what, health: "ok", found } : { what, health: "missing", found, fix };
    } catch (error) {
      return { what, health: "bad", found: `${path}: ${(error as Error).message}`, fix };
    }
  };

/** A folder that is not there yet will be made in the first above it that is. */
async function nearest(path: string): Promise<string> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" && dirname(path) !== path) return null;
    throw error;
  });
  if (found === null) return nearest(dirname(path));
  if (found.isDirectory()) return path;
  throw new Error(`${path} is a file`);
}

export const CHECKS: readonly Check[] = [
  node,
  fastEngine,
  ...(Object.keys(engines) as (keyof typeof engines)[]).map(engine),
  memory,
  disk("this folder", { folder: () => process.cwd(), fix: "Work in a folder of yours with more room" }),
  disk("cache", { folder: cacheFolder, fix: "Set FER_CACHE to a folder of yours with more room" }),
  photos,
  sharp,
  ffmpeg,
];
