/** What must be true of a machine before anything is downloaded: platform, C library, driver. */
import { existsSync, readFileSync } from "node:fs";
import { GraphError } from "../errors.js";
import { type Flavour, MINIMUM_GLIBC } from "./release.js";

/** Facts about the machine; injected by tests. */
export interface Machine {
  platform: string;
  arch: string;
  /** Version of the GNU C library, or `undefined` on others (musl). */
  glibc: string | undefined;
  /** Version of the NVIDIA kernel driver, or `undefined` without one. */
  nvidiaDriver: string | undefined;
}

export function thisMachine(): Machine {
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  return {
    platform: process.platform,
    arch: process.arch,
    glibc: header.glibcVersionRuntime,
    nvidiaDriver: nvidiaDriver(),
  };
}

/** Version of the loaded NVIDIA kernel driver, e.g. "550.54.15". */
export function nvidiaDriver(file = "/proc/driver/nvidia/version"): string | undefined {
  if (!existsSync(file)) return undefined;
  return /(\d+\.\d+(?:\.\d+)?)/.exec(readFileSync(file, "utf8"))?.[1] ?? "unknown version";
}

/** Throws a {@link GraphError} when the runtime cannot be set up on this machine. */
export function checkMachine(machine: Machine, { flavour, force }: { flavour: Flavour; force: boolean }): void {
  const others = "Use the engine onnx (npm i onnxruntime-node --onnxruntime-node-install=skip) or webgpu here";
  if (machine.platform !== "linux" || machine.arch !== "x64") {
    throw new GraphError({
      code: "WRONG_PLATFORM",
      subject: "setup tensorflow",
      found: `this machine is ${machine.platform} ${machine.arch}`,
      expected: "linux x64, the one platform it is proven on",
      fix: others,
    });
  }
  if (machine.glibc === undefined || older(machine.glibc, MINIMUM_GLIBC)) {
    throw new GraphError({
      code: "GLIBC_TOO_OLD",
      subject: "setup tensorflow",
      found: machine.glibc === undefined ? "no GNU C library (musl?)" : `glibc ${machine.glibc}`,
      expected: `glibc ${MINIMUM_GLIBC} or newer, which TensorFlow's wheels are built for`,
      fix: others,
    });
  }
  if (flavour === "gpu" && machine.nvidiaDriver === undefined && !force) {
    throw new GraphError({
      code: "NO_NVIDIA_DRIVER",
      subject: "setup tensorflow --gpu",
      found: "no NVIDIA driver is loaded (/proc/driver/nvidia/version is absent)",
      expected: "a driver for CUDA 12 (525 or newer)",
      fix: "Install the driver, or leave --gpu out to train on the CPU (--force sets the CUDA build up all the same)",
    });
  }
}

function older(version: string, minimum: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [minimumMajor = 0, minimumMinor = 0] = minimum.split(".").map(Number);
  return major < minimumMajor || (major === minimumMajor && minor < minimumMinor);
}
