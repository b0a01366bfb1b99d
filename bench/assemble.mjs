/**
 * Assembling against Python with numpy, OpenCV and scikit-learn doing the same work: FER2013's 28,709 training images
 * (of the archive in `FER_DATA`) are decoded, hashed and split, the same share of every class, and written as arrays.
 * Subject and peer alternate, each begun with nothing left to write to disk; medians, of the clock and of the processors'
 * own time, which a busy machine changes less. The search for near twins, which the peer has not, is timed apart, once.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { extract } from "@fer/dataset-extractors";
import { Assembler } from "@fer/split-assembler";
import { median } from "./peers/median.mjs";

export const title = "Assembling: images per second, two workers";
export const peers = "Python, numpy, opencv-python-headless, scikit-learn, multiprocessing with two processes";

const WORKERS = 2;
const NEAR = "jimp, with near twins";
const ROUNDS = Number(process.env.FER_BENCH_ROUNDS ?? 5);
const peer = fileURLToPath(new URL("peers/assemble.py", import.meta.url));

export async function run({ log, python }) {
  if (python === undefined) throw new Error("Set FER_PYTHON to a Python with the packages of bench/requirements.txt");
  const data = process.env.FER_DATA;
  if (data === undefined) throw new Error("Set FER_DATA to the folder with fer2013-train-and-public.tar.gz");
  const scratch = mkdtempSync(join(process.env.FER_BENCH_SCRATCH ?? tmpdir(), "fer-bench-assemble-"));
  try {
    execFileSync("tar", ["xzf", join(data, "fer2013-train-and-public.tar.gz"), "-C", scratch, "train"]);
    const images = join(scratch, "images");
    const { info } = await extract({ adapter: "folders", from: join(scratch, "train"), to: images, workers: WORKERS });
    const assemble = async (options) => {
      const to = join(scratch, "set");
      rmSync(to, { recursive: true, force: true });
      const before = process.cpuUsage();
      const began = performance.now();
      const set = await new Assembler({
        name: "fer2013",
        split: "ratio",
        page: false,
        workers: WORKERS,
        to,
        ...options,
      }).assemble([images]);
      const seconds = (performance.now() - began) / 1000;
      const { user, system } = process.cpuUsage(before);
      const { near } = set.info.leaks;
      set.close();
      return { seconds, cpu: (user + system) / 1e6, near };
    };
    const subjects = {
      "jimp, without near twins": () => assemble({ near: false }),
      "sharp, without near twins": () => assemble({ near: false, decoder: "sharp" }),
      [NEAR]: () => assemble({}),
      python: () => {
        const to = join(scratch, "peer");
        rmSync(to, { recursive: true, force: true });
        mkdirSync(to);
        return JSON.parse(execFileSync(python, [peer, images, to, String(WORKERS)], { encoding: "utf8" }));
      },
    };
    const times = Object.fromEntries(Object.keys(subjects).map((name) => [name, []]));
    const cpu = Object.fromEntries(Object.keys(subjects).map((name) => [name, []]));
    let near = null;
    for (let round = 0; round < ROUNDS; round++) {
      for (const [name, once] of Object.entries(subjects)) {
        // takes ten times as long as the others, and says how long by that
        if (name === NEAR && round > 0) continue;
        // what the one before has left to be written is not this one's to wait for
        if (process.platform !== "win32") execFileSync("sync");
        const found = await once();
        times[name].push(found.seconds);
        cpu[name].push(found.cpu);
        near = found.near ?? near;
        log(`${name}: ${found.seconds.toFixed(2)} s, of processors ${found.cpu.toFixed(2)} s`);
      }
    }
    const name = `FER2013, ${info.total.toLocaleString("en-US")}`;
    const row = (subject, value, unit, ratio = null) => ({ subject, case: name, value, unit, ratio });
    const rate = (subject) => info.total / median(times[subject]);
    const search = median(times[NEAR]) - median(times["jimp, without near twins"]);
    return [
      ...["jimp, without near twins", "sharp, without near twins"].map((subject) =>
        row(subject, rate(subject), "images/s", rate(subject) / rate("python")),
      ),
      row("python", rate("python"), "images/s"),
      ...["jimp, without near twins", "python"].map((subject) =>
        row(
          `${subject}: processors`,
          median(cpu[subject]),
          "s",
          subject === "python" ? null : median(cpu.python) / median(cpu[subject]),
        ),
      ),
      row("search for near twins between train and test", search, "s"),
      row("test images with a near twin in train", near, "images"),
    ];
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
