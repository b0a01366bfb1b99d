import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
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
import { withLock } from "../../dist/setup/lock.js";
import { requirementsOf, unpackWheel } from "../../dist/setup/unpack.js";

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
      refusal(() => checkMachine("cpu", { ...LINUX, platform: "darwin", arch: "arm64" }, { force: false })),
    ).toMatchInlineSnapshot(
      `"setup tensorflow: this machine is darwin arm64. Expected linux x64, the one platform it is proven on. Use the engine onnx (npm i onnxruntime-node --ignore-scripts) or webgpu here."`,
    );
  });

  it("refuses a C library older than the wheels'", () => {
    expect(refusal(() => checkMachine("cpu", { ...LINUX, glibc: "2.17" }, { force: false }))).toMatchInlineSnapshot(
      `"setup tensorflow: glibc 2.17. Expected glibc 2.27 or newer, which TensorFlow's wheels are built for. Use the engine onnx (npm i onnxruntime-node --ignore-scripts) or webgpu here."`,
    );
    expect(refusal(() => checkMachine("cpu", { ...LINUX, glibc: undefined }, { force: false }))).toContain(
      "no GNU C library (musl?)",
    );
  });

  it("says that the driver is missing and offers the CPU, unless forced", () => {
    expect(refusal(() => checkMachine("gpu", LINUX, { force: false }))).toMatchInlineSnapshot(
      `"setup tensorflow --gpu: no NVIDIA driver is loaded (/proc/driver/nvidia/version is absent). Expected a driver for CUDA 12 (525 or newer). Install the driver, or leave --gpu out to train on the CPU (--force sets the CUDA build up all the same)."`,
    );
    expect(() => checkMachine("gpu", LINUX, { force: true })).not.toThrow();
    expect(() => checkMachine("gpu", { ...LINUX, nvidiaDriver: "550.54.15" }, { force: false })).not.toThrow();
  });

  it("reads the driver's version from the kernel's file", () => {
    const file = join(folder, "version");
    writeFileSync(file, "NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.15  Tue Mar  5 22:23:56 UTC 2024\n");
    expect(nvidiaDriver(file)).toBe("550.54.15");
    expect(nvidiaDriver(join(folder, "absent"))).toBeUndefined();
  });
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
    expect(existsSync(join(folder, "cache", "lock"))).toBe(false);
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
    expect(readdirSync(join(folder, "cache", "downloads"))).toEqual([]);
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
        { machine: LINUX, onProgress: (message) => said.push(message.slice(0, 15)) },
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

  it("removes what killed set-ups left half-done, and nothing else", async () => {
    const cache = join(folder, "cache");
    for (const name of [
      "2.21.0-cpu.part-7",
      "downloads.part-7",
      "downloads/nvidia-cudnn-cu12.part-8",
      "downloads/nvidia-nccl-cu12",
    ])
      mkdirSync(join(cache, name), { recursive: true });
    programs({ pip: `if [ "$1" = --version ]; then exit 0; fi; exit 1` });
    await expect(setup()).rejects.toThrow("failed");
    expect(readdirSync(cache, { recursive: true }).sort()).toEqual(["downloads", "downloads/nvidia-nccl-cu12"]);
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

describe.skipIf(process.platform !== "linux")("the lock", () => {
  const lock = JSON.stringify(new URL("../../dist/setup/lock.js", import.meta.url).href);

  /** Another process that holds the lock of `folder` until it is killed. */
  async function holder(): Promise<ChildProcess> {
    const script = `import { withLock } from ${lock};
      await withLock(${JSON.stringify(folder)}, () => { console.log("in"); return new Promise(() => setInterval(() => {}, 1e6)); });`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(child.stdout!, "data");
    return child;
  }

  it("lets one in at a time and tells who waits for whom", async () => {
    const order: string[] = [];
    const waits: number[] = [];
    const first = withLock(folder, async () => {
      order.push("first in");
      await new Promise((resolve) => setTimeout(resolve, 300));
      order.push("first out");
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    await withLock(folder, async () => void order.push("second in"), { onWait: (pid) => waits.push(pid) });
    await first;
    expect(order).toEqual(["first in", "first out", "second in"]);
    expect(waits).toEqual([process.pid]);
    expect(readdirSync(folder)).toEqual([]);
  });

  it("is free at once when its process is killed, for one of those who wait", async () => {
    const child = await holder();
    let inside = 0;
    let most = 0;
    const waits: number[] = [];
    const waiters = Array.from({ length: 5 }, () =>
      withLock(
        folder,
        async () => {
          most = Math.max(most, ++inside);
          await new Promise((resolve) => setTimeout(resolve, 20));
          inside--;
        },
        { onWait: (pid) => void (waits.push(pid) === 5 && child.kill("SIGKILL")) },
      ),
    );
    await Promise.all(waiters);
    expect(waits.every((pid) => pid === child.pid)).toBe(true);
    expect(most).toBe(1);
  });

  it("is let go when the work fails, and a wait ends with its signal", async () => {
    await expect(withLock(folder, () => Promise.reject(new Error("failed")))).rejects.toThrow("failed");
    await expect(withLock(folder, async () => "in")).resolves.toBe("in");
    const child = await holder();
    const stop = new AbortController();
    const waiting = withLock(folder, async () => "in", { onWait: () => stop.abort(), signal: stop.signal });
    await expect(waiting).rejects.toThrow("aborted");
    child.kill("SIGKILL");
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

  it("takes the wanted entries only, and reads the CUDA wheels a wheel asks for", async () => {
    const wheel = join(folder, "x.whl");
    writeFileSync(
      wheel,
      zip({
        "tensorflow/libtensorflow_cc.so.2": "library",
        "tensorflow/python/x.py": "python",
        "tensorflow-2.21.0.dist-info/METADATA": `Name: tensorflow\nRequires-Dist: numpy>=1\nRequires-Dist: nvidia-cudnn-cu12<10.0,>=9.3; extra == "and-cuda"\n`,
      }),
    );
    await expect(requirementsOf(wheel, "and-cuda")).resolves.toEqual(["nvidia-cudnn-cu12<10.0,>=9.3"]);
    await expect(unpackWheel(wheel, join(folder, "out"), (name) => name.endsWith(".so.2"))).resolves.toBe(7);
    expect(readdirSync(join(folder, "out"), { recursive: true }).sort()).toEqual([
      "tensorflow",
      join("tensorflow", "libtensorflow_cc.so.2"),
    ]);
  });

  it("lets no entry out of the folder", async () => {
    const wheel = join(folder, "evil.whl");
    writeFileSync(wheel, zip({ "../evil.so.2": "x" }));
    await expect(unpackWheel(wheel, join(folder, "out"), () => true)).rejects.toThrow(
      /invalid relative path|the archive names/,
    );
    expect(existsSync(join(folder, "evil.so.2"))).toBe(false);
  });
});
