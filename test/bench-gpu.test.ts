/** `bench/gpu` on a machine without a card says at once what it takes, before anything is built or downloaded. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const script = fileURLToPath(new URL("../bench/gpu", import.meta.url));
const isLinux = process.platform === "linux" && process.arch === "x64";

it.skipIf(!isLinux || existsSync("/proc/driver/nvidia/version"))("bench/gpu names the missing driver", () => {
  const { status, stdout, stderr } = spawnSync("bash", [script], { encoding: "utf8" });
  expect({ status, stdout, stderr }).toEqual({
    status: 1,
    stdout: "",
    stderr:
      "bench/gpu: no NVIDIA driver is loaded (/proc/driver/nvidia/version is absent). It takes a card and a driver for CUDA 12 (525 or newer).\n",
  });
});
