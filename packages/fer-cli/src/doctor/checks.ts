/**
 * What `fer doctor` looks at. `missing` costs something that can be lived without, `bad` means that
 * nothing, or nothing worth waiting for, runs here.
 */
import { access, constants, readFile, stat, statfs } from "node:fs/promises";
import { availableParallelism, cpus, freemem } from "node:os";
import { dirname } from "node:path";
import { cacheFolder, FerError, formatCount } from "@fer/core";
import { loadDecoder } from "@fer/dataset-extractors/image";
import { requireFfmpeg } from "@fer/dataset-extractors/video";
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

type Check = () => Promise<Finding[]>;

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
  return [
    { what: "Node", found, ...(isNew ? { health: "ok" } : { health: "bad", fix: `Install Node ${wanted.node}` }) },
  ];
};

/** Engines that do not take many times as long as a processor needs. */
const FAST: ReadonlySet<string> = new Set(["tensorflow", "onnx", "webgpu"]);

const trainers: Check = async () => {
  const found: Finding[] = [];
  const fast: string[] = [];
  for (const engine of Object.values(engines)) {
    const { name, available, device, version, reason, install } = await engine.probe();
    const what = `engine ${name}`;
    if (available && FAST.has(name)) fast.push(name);
    if (available) found.push({ what, health: "ok", found: [device, version].filter(Boolean).join(", ") });
    else {
      const fix = install === undefined ? {} : { fix: install };
      found.push({ what, health: "missing", found: reason ?? "it does not run here", ...fix });
    }
  }
  const what = "an engine that trains fast";
  const fix = "Run fer setup tensorflow, or npm install onnxruntime-node --ignore-scripts";
  const summary: Finding =
    fast.length > 0
      ? { what, health: "ok", found: fast.join(", ") }
      : { what, health: "bad", found: "none: training takes many times as long", fix };
  return [summary, ...found];
};

/** What a part of the program says when it is asked for; its own words, which name a fix, where it cannot be had. */
const optional =
  (what: string, ask: () => Promise<string>): Check =>
  async () => {
    try {
      return [{ what, health: "ok", found: await ask() }];
    } catch (error) {
      if (!(error instanceof FerError)) throw error;
      return [{ what, health: "missing", found: error.message }];
    }
  };

const sharp = optional("fast reading of photos", () => loadDecoder("sharp").then(() => "sharp"));
const ffmpeg = optional("videos", requireFfmpeg);

const memory: Check = () => {
  const free = Math.min(process.constrainedMemory() || Number.POSITIVE_INFINITY, freemem()) / GIGABYTE;
  const found = `${formatCount(free, 2)} GB free, ${availableParallelism()} x ${cpus()[0]?.model ?? "unknown processor"}`;
  const what = "memory, processor";
  const fix = `Free some: large nets and batches need ${LEAST.memory} GB and more`;
  return Promise.resolve([
    free >= LEAST.memory ? { what, health: "ok", found } : { what, health: "missing", found, fix },
  ]);
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
      return [free >= LEAST.disk ? { what, health: "ok", found } : { what, health: "missing", found, fix }];
    } catch (error) {
      return [{ what, health: "bad", found: `${path}: ${(error as Error).message}`, fix }];
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
  trainers,
  memory,
  disk("this folder", { folder: () => process.cwd(), fix: "Work in a folder of yours with more room" }),
  disk("cache", { folder: cacheFolder, fix: "Set FER_CACHE to a folder of yours with more room" }),
  sharp,
  ffmpeg,
];
