import { execFileSync, spawn } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkMachine, findInstallation, nvidiaDriver, removeTensorFlow, setupTensorFlow } from "@fer/tfjs-graph/setup";
import { buildBinding } from "../../dist/setup/build-binding.js";
import { compileBinding } from "../../dist/setup/compile-binding.js";
import { CUDA_WHEELS } from "../../dist/setup/release.js";
import { runCommand } from "../../dist/setup/run-command.js";
import { unpackWheel } from "../../dist/setup/unpack.js";

const LINUX = { platform: "linux", arch: "x64", glibc: "2.36", nvidiaDriver: undefined };
const message = (error: unknown): string => (error as Error).message;
const refusal = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    return message(error);
  }
  throw new Error("was not refused");
};

let folder: string;
let path: string | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fer-setup-"));
  path = process.env["PATH"];
});
afterEach(() => {
  process.env["PATH"] = path;
  rmSync(folder, { recursive: true, force: true });
});

/** Leaves only these programs (shell scripts) on the PATH. */
function programs(scripts: Record<string, string>): void {
  const bin = join(folder, "bin");
  mkdirSync(bin, { recursive: true });
  for (const name of ["sh", "mkdir", "cp"])
    if (!existsSync(join(bin, name))) symlinkSync(`/bin/${name}`, join(bin, name));
  for (const [name, script] of Object.entries(scripts)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  process.env["PATH"] = bin;
}

describe("checking the machine", () => {
  it("refuses other platforms and names the engines that run there", () => {
    expect(
      refusal(() => checkMachine({ ...LINUX, platform: "darwin", arch: "arm64" }, { flavour: "cpu", force: false })),
    ).toMatchInlineSnapshot(
      `"setup tensorflow: this machine is darwin arm64. Expected linux x64, the one platform it is proven on. Use the engine onnx (npm i onnxruntime-node --onnxruntime-node-install=skip) or webgpu here."`,
    );
  });

  it("refuses a C library older than the wheels'", () => {
    expect(
      refusal(() => checkMachine({ ...LINUX, glibc: "2.17" }, { flavour: "cpu", force: false })),
    ).toMatchInlineSnapshot(
      `"setup tensorflow: glibc 2.17. Expected glibc 2.27 or newer, which TensorFlow's wheels are built for. Use the engine onnx (npm i onnxruntime-node --onnxruntime-node-install=skip) or webgpu here."`,
    );
    expect(refusal(() => checkMachine({ ...LINUX, glibc: undefined }, { flavour: "cpu", force: false }))).toContain(
      "no GNU C library (musl?)",
    );
  });

  it("says that the driver is missing and offers the CPU, unless forced", () => {
    expect(refusal(() => checkMachine(LINUX, { flavour: "gpu", force: false }))).toMatchInlineSnapshot(
      `"setup tensorflow --gpu: no NVIDIA driver is loaded (/proc/driver/nvidia/version is absent). Expected a driver for CUDA 12 (525 or newer). Install the driver, or leave --gpu out to train on the CPU (--force sets the CUDA build up all the same)."`,
    );
    expect(() => checkMachine(LINUX, { flavour: "gpu", force: true })).not.toThrow();
    expect(() => checkMachine({ ...LINUX, nvidiaDriver: "550.54.15" }, { flavour: "gpu", force: false })).not.toThrow();
  });

  it("reads the driver's version from the kernel's file", () => {
    const file = join(folder, "version");
    writeFileSync(file, "NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.15  Tue Mar  5 22:23:56 UTC 2024\n");
    expect(nvidiaDriver(file)).toBe("550.54.15");
    expect(nvidiaDriver(join(folder, "absent"))).toBeUndefined();
  });
});

it("pins every CUDA wheel by version and hash", () => {
  for (const { requirement, file, sha256 } of CUDA_WHEELS) {
    const [name, version] = requirement.split("==");
    expect(file).toContain(`${name!.replaceAll("-", "_")}-${version}-`);
    expect(sha256).toMatch(/^[\da-f]{64}$/);
  }
  expect(CUDA_WHEELS.length).toBeGreaterThan(10);
});

describe.skipIf(process.platform !== "linux")("setting up", () => {
  const setup = (options = {}) => setupTensorFlow({ cache: join(folder, "cache"), ...options }, { machine: LINUX });

  it("says what to install without pip and uv", async () => {
    programs({});
    await expect(setup()).rejects.toThrowErrorMatchingInlineSnapshot(
      `[GraphError: setup tensorflow: neither pip nor uv runs here. Expected one of them, to download TensorFlow's wheel. Install one, or download the wheel elsewhere and pass it with --wheel <file>.]`,
    );
  });

  it("reports a download that breaks, and leaves no installation", async () => {
    programs({ pip: `if [ "$1" = --version ]; then exit 0; fi; echo "ERROR: connection reset" >&2; exit 1` });
    await expect(setup()).rejects.toThrowErrorMatchingInlineSnapshot(
      `[GraphError: setup tensorflow: "pip download tensorflow-cpu==2.21.0" failed: ERROR: connection reset. Expected a download from the package index this machine is set up for. Look at the network and the client's settings and repeat the command: what was complete is kept.]`,
    );
    expect(findInstallation(undefined, join(folder, "cache"))).toBeUndefined();
  });

  it("refuses a wheel with another hash", async () => {
    const wheel = join(folder, "tensorflow_cpu-2.21.0.whl");
    writeFileSync(wheel, "half a wheel");
    await expect(setup({ wheel })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[GraphError: setup tensorflow: tensorflow_cpu-2.21.0.whl: sha256 66e66678b0d9a0642ac9185563c03aa6a3c07c5ac8ec632ef377dc84ed3f1283. Expected sha256 2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c, the hash of tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl. The file is incomplete or not that wheel: download it again.]`,
    );
  });

  it("says how to get a wheel that is not there", async () => {
    await expect(setup({ wheel: "absent.whl" })).rejects.toThrow("no file absent.whl");
  });

  it("says that the cache folder cannot be written", async () => {
    const file = join(folder, "file");
    writeFileSync(file, "");
    // a file in the way, and a file system on which not even root can write
    await expect(setup({ cache: join(file, "cache") })).rejects.toThrow(
      `setup tensorflow: the cache folder ${join(file, "cache")} cannot be written. Expected a folder of one's own for about 900 MB. Set FER_CACHE to such a folder.`,
    );
    await expect(setup({ cache: "/proc/fer" })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[GraphError: setup tensorflow: the cache folder /proc/fer cannot be written. Expected a folder of one's own for about 900 MB. Set FER_CACHE to such a folder.]`,
    );
  });

  it.skipIf(process.getuid?.() === 0)("says so too of a folder that is there but not writable", async () => {
    const cache = join(folder, "locked");
    mkdirSync(cache, { mode: 0o500 });
    await expect(setup({ cache })).rejects.toThrow(`the cache folder ${cache} cannot be written`);
  });

  it("keeps no part of a wheel when its download is cut off, and says so", async () => {
    programs({
      pip: `if [ "$1" = --version ]; then exit 0; fi
while [ "$1" != --dest ]; do shift; done; echo half > "$2/tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl"; echo "ERROR: incomplete read" >&2; exit 2`,
    });
    await expect(setup()).rejects.toThrowErrorMatchingInlineSnapshot(
      `[GraphError: setup tensorflow: "pip download tensorflow-cpu==2.21.0" failed: ERROR: incomplete read. Expected a download from the package index this machine is set up for. Look at the network and the client's settings and repeat the command: what was complete is kept.]`,
    );
    expect(
      readdirSync(join(folder, "cache"), { recursive: true }).filter((name) => String(name).includes(".whl")),
    ).toEqual([]);
  });

  it("refuses a wheel that the client takes for good but whose hash is another", async () => {
    programs({
      pip: `if [ "$1" = --version ]; then exit 0; fi
while [ "$1" != --dest ]; do shift; done; echo half > "$2/tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl"`,
    });
    const said: string[] = [];
    const again = () =>
      setupTensorFlow(
        { cache: join(folder, "cache") },
        { machine: LINUX, onProgress: ({ message = "" }) => said.push(message.slice(0, 15)) },
      );
    await expect(again()).rejects.toThrowErrorMatchingInlineSnapshot(
      `[GraphError: setup tensorflow: tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl: sha256 741cda0b2efdfdda8840c4c82053a226d6d6d881b8c4311ba1f2c3ba16804d56. Expected sha256 2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c, the hash of tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl. The file is incomplete or not that wheel: download it again.]`,
    );
    // the next call takes it for neither whole nor good
    await expect(again()).rejects.toThrow("sha256");
    expect(said).toEqual([
      "downloading ten",
      "checking tensor",
      "checking tensor",
      "downloading ten",
      "checking tensor",
    ]);
  });

  it("goes through uv where there is no pip", async () => {
    programs({ uv: `if [ "$4" = --version ]; then exit 0; fi; echo "uv was asked: $*" >&2; exit 1` });
    await expect(setup()).rejects.toThrow(
      '"uv tool run pip download tensorflow-cpu==2.21.0" failed: uv was asked: tool run pip download',
    );
  });

  it("keeps whole downloads of a failed set-up for the next one, and removes parts", async () => {
    const wheel = `if [ "$1" = --version ]; then exit 0; fi
while [ "$1" != --dest ]; do shift; done; echo half > "$2/tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl"`;
    programs({ pip: wheel });
    await expect(setup()).rejects.toThrow("sha256");
    programs({ pip: `${wheel}; exit 1` });
    await expect(setup()).rejects.toThrow("failed");
    const files = readdirSync(join(folder, "cache"), { recursive: true }).map(String);
    expect(files.filter((name) => name.endsWith(".whl"))).toHaveLength(1);
    expect(files.filter((name) => name.endsWith("part"))).toEqual([]);
  });

  it("removes everything, and says when there was nothing", () => {
    const cache = join(folder, "cache");
    mkdirSync(join(cache, "2.21.0-cpu"), { recursive: true });
    expect(removeTensorFlow(cache)).toBe(cache);
    expect(removeTensorFlow(cache)).toBeUndefined();
  });

  it("takes a folder in which something is missing for no installation", () => {
    const [cache, installation] = [join(folder, "cache"), join(folder, "cache", "2.21.0-cpu")];
    mkdirSync(join(installation, "tensorflow"), { recursive: true });
    const files = ["tfjs_binding.node", "tensorflow/libtensorflow_cc.so.2", "tensorflow/libtensorflow_framework.so.2"];
    for (const name of files) writeFileSync(join(installation, name), "");
    expect(findInstallation("cpu", cache)).toBeUndefined();
    writeFileSync(join(installation, "manifest.json"), '{"schema":');
    expect(findInstallation("cpu", cache)).toBeUndefined();
    writeFileSync(join(installation, "manifest.json"), '{"schema":1}');
    expect(findInstallation("cpu", cache)?.folder).toBe(installation);
    rmSync(join(installation, files[1]!));
    expect(findInstallation("cpu", cache)).toBeUndefined();
  });
});

describe.skipIf(process.platform !== "linux")("compiling the binding", () => {
  const paths = () => ({ sources: folder, tensorflow: folder, output: join(folder, "x.node") });

  it("says what to install without a compiler", async () => {
    programs({});
    await expect(compileBinding(paths())).rejects.toThrowErrorMatchingInlineSnapshot(
      `[GraphError: setup tensorflow: no C++ compiler (looked for $CXX, g++, clang++, c++) and no prebuilt binding that loads here. Expected one with C++17, to compile the binding once (10 s). Install g++ (Debian and Ubuntu: apt-get install g++), or use the engine onnx, which needs none.]`,
    );
  });

  it("shows what the compiler said", async () => {
    programs({
      "g++": `if [ "$1" = --version ]; then exit 0; fi; echo "fatal error: tensorflow/c/c_api.h" >&2; exit 1`,
    });
    await expect(compileBinding(paths())).rejects.toThrow(
      "g++ failed: fatal error: tensorflow/c/c_api.h. Expected the binding",
    );
  });
});

describe.skipIf(process.platform !== "linux")("building the binding", () => {
  const paths = () => ({ sources: folder, tensorflow: folder, output: join(folder, "x.node") });
  const prebuilt = () => join(folder, "prebuilt.node");

  it("takes the prebuilt one of a release where it loads, without a compiler", async () => {
    execFileSync("g++", ["-shared", "-fPIC", "-x", "c++", "-", "-o", prebuilt()], {
      input: `extern "C" void* napi_register_module_v1(void*, void* exports) { return exports; }`,
    });
    programs({});
    await expect(buildBinding(paths(), { prebuilt: prebuilt() })).resolves.toBe("prebuilt");
    expect(existsSync(join(folder, "x.node"))).toBe(true);
  });

  it("compiles where the prebuilt one does not load, and says why what it compiled does not", async () => {
    writeFileSync(prebuilt(), "not an addon");
    programs({
      "g++": `if [ "$1" = --version ]; then echo "g++ 12"; exit 0; fi
while [ "$1" != -o ]; do shift; done; echo not an addon > "$2"`,
    });
    await expect(buildBinding(paths(), { prebuilt: prebuilt() })).rejects.toThrow(
      `setup tensorflow: the binding was compiled by g++ 12 but does not load: ${join(folder, "x.node")}: file too short. Expected a binding that loads with its libtensorflow. Try another compiler (CXX names it), or use the engine onnx.`,
    );
  });
});

describe.skipIf(process.platform !== "linux")("a program that is run", () => {
  const runCommandUrl = JSON.stringify(new URL("../../dist/setup/run-command.js", import.meta.url).href);
  /** Whether a process with this in its command line runs. */
  const runs = (mark: string): boolean =>
    readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .some((pid) => {
        try {
          const line = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
          return line.startsWith("sleep") && line.includes(mark);
        } catch {
          return false;
        }
      });
  const gone = async (mark: string): Promise<boolean> => {
    for (let i = 0; i < 200 && runs(mark); i++) await new Promise((resolve) => setTimeout(resolve, 50));
    return !runs(mark);
  };

  it("gives back its status and what it printed", async () => {
    expect(await runCommand(["sh", "-c", "echo out; echo err >&2; exit 3"])).toEqual({
      status: 3,
      output: "out\nerr\n",
    });
    expect((await runCommand(["/nowhere/program"])).status).toBe(127);
  });

  it("ends with the signal, and is not taken for a failure of its own", async () => {
    const stop = new AbortController();
    const run = runCommand(["sleep", "7001"], { signal: stop.signal });
    setTimeout(() => stop.abort(new Error("enough")), 300);
    await expect(run).rejects.toThrow("enough");
    expect(await gone("7001")).toBe(true);
  });

  it("does not outlive the process that runs it, not even a killed one", async () => {
    const script = `import { runCommand } from ${runCommandUrl}; await runCommand(["sleep", "7002"]);`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], { detached: true, stdio: "ignore" });
    for (let i = 0; i < 200 && !runs("7002"); i++) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(runs("7002")).toBe(true);
    process.kill(-child.pid!, "SIGKILL");
    expect(await gone("7002")).toBe(true);
  });
});

describe("unpacking", () => {
  /** A stored (uncompressed) zip with these entries. */
  function zip(entries: Record<string, string>): Buffer {
    const locals: Buffer[] = [];
    const centrals: Buffer[] = [];
    let offset = 0;
    for (const [name, content] of Object.entries(entries)) {
      const data = Buffer.from(content);
      const common = Buffer.alloc(26);
      common.writeUInt16LE(20, 0);
      common.writeUInt32LE(crc32(data), 10);
      common.writeUInt32LE(data.length, 14);
      common.writeUInt32LE(data.length, 18);
      common.writeUInt16LE(name.length, 22);
      const local = Buffer.concat([Buffer.from("PK\x03\x04"), common, Buffer.from(name), data]);
      const tail = Buffer.alloc(14);
      tail.writeUInt32LE(offset, 10);
      centrals.push(Buffer.concat([Buffer.from("PK\x01\x02\x14\x00"), common, tail, Buffer.from(name)]));
      locals.push(local);
      offset += local.length;
    }
    const directory = Buffer.concat(centrals);
    const end = Buffer.alloc(18);
    end.writeUInt16LE(centrals.length, 4);
    end.writeUInt16LE(centrals.length, 6);
    end.writeUInt32LE(directory.length, 8);
    end.writeUInt32LE(offset, 12);
    return Buffer.concat([...locals, directory, Buffer.from("PK\x05\x06"), end]);
  }

  function crc32(data: Buffer): number {
    let crc = ~0;
    for (const byte of data) {
      crc ^= byte;
      for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
    }
    return ~crc >>> 0;
  }

  it("takes the wanted entries only", async () => {
    const wheel = join(folder, "x.whl");
    writeFileSync(
      wheel,
      zip({
        "tensorflow/libtensorflow_cc.so.2": "library",
        "tensorflow/python/x.py": "python",
      }),
    );
    await expect(
      unpackWheel(wheel, { folder: join(folder, "out"), wanted: (name) => name.endsWith(".so.2") }),
    ).resolves.toBe(7);
    expect(readdirSync(join(folder, "out"), { recursive: true }).sort()).toEqual([
      "tensorflow",
      join("tensorflow", "libtensorflow_cc.so.2"),
    ]);
  });

  it("lets no entry out of the folder", async () => {
    const wheel = join(folder, "evil.whl");
    writeFileSync(wheel, zip({ "../evil.so.2": "x" }));
    await expect(unpackWheel(wheel, { folder: join(folder, "out"), wanted: () => true })).rejects.toThrow(
      /invalid relative path|the archive names/,
    );
    expect(existsSync(join(folder, "evil.so.2"))).toBe(false);
  });
});
