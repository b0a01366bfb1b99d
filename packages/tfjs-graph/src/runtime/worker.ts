/**
 * The thread that runtimes run in: loads them, opens hosts and calls them, one request after another. It loads neither
 * tfjs nor anything that checks options, so that it starts at once.
 */
import { createRequire } from "node:module";
import { constants } from "node:os";
import { dirname } from "node:path";
import { parentPort } from "node:worker_threads";
import type { CpuHost } from "../onnx/cpu-host.js";
import type { GpuHost } from "../onnx/gpu-host.js";
import type { Binding } from "../tensorflow/binding.js";
import { quietLoad } from "./quiet-load.js";
import type { Host, HostOptions, Request, Response, RuntimeInfo } from "./host.js";

const require = createRequire(import.meta.url);
const hosts = new Map<number, Host>();

/** A library that has started threads must never be unloaded, as Node does with addons when a thread ends. */
const NO_DELETE: Partial<Record<NodeJS.Platform, number>> = { linux: 0x1000, darwin: 0x80 };

const bindings = new Map<string, Binding>();

function loadBinding(addon: string): Binding {
  const known = bindings.get(addon);
  if (known !== undefined) return known;
  const loaded = { exports: {} as Binding };
  const flags = constants.dlopen.RTLD_LAZY | (NO_DELETE[process.platform] ?? 0);
  quietLoad(dirname(addon), () => process.dlopen(loaded, addon, flags));
  bindings.set(addon, loaded.exports);
  return loaded.exports;
}

type OnnxRuntime = ConstructorParameters<typeof CpuHost>[0] & ConstructorParameters<typeof GpuHost>[0];
const loadOnnx = (module: string): OnnxRuntime => require(module) as OnnxRuntime;

function load(options: HostOptions): RuntimeInfo {
  if (options.kind === "tensorflow") {
    const binding = loadBinding(options.addon);
    return { version: binding.TF_Version, isGpu: binding.isUsingGpuDevice() };
  }
  const { env, listSupportedBackends } = loadOnnx(options.module);
  return { version: env.versions.node ?? "unknown", providers: listSupportedBackends().map(({ name }) => name) };
}

async function open(options: HostOptions): Promise<Host> {
  if (options.kind === "tensorflow") {
    const { TensorFlowHost } = await import("../tensorflow/host.js");
    return new TensorFlowHost(loadBinding(options.addon));
  }
  if (options.kind === "onnx") return new (await import("../onnx/cpu-host.js")).CpuHost(loadOnnx(options.module));
  return new (await import("../onnx/gpu-host.js")).GpuHost(loadOnnx(options.module));
}

async function answer(request: Request): Promise<unknown> {
  if (request.do === "load") return load(request.options);
  if (request.do === "open") return void hosts.set(request.host, await open(request.options));
  const host = hosts.get(request.host)!;
  if (request.method === "dispose") hosts.delete(request.host);
  return (host[request.method] as (...values: readonly unknown[]) => unknown)(...request.values);
}

/** Buffers of an answer that can move instead of being copied: whole ones of arrays that nobody here keeps. */
function buffersOf(value: unknown): ArrayBuffer[] {
  if (ArrayBuffer.isView(value)) {
    const { buffer, byteLength } = value;
    return buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? [buffer] : [];
  }
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(buffersOf) : [];
}

let last: Promise<void> = Promise.resolve();

parentPort!.on("message", (request: Request) => {
  last = last.then(async () => {
    let response: Response;
    try {
      response = { value: await answer(request) };
    } catch (error) {
      const { message, stack } = error instanceof Error ? error : new Error(String(error));
      response = { error: { message, stack } };
    }
    parentPort!.postMessage(response, [...new Set(buffersOf(response))]);
  });
});
