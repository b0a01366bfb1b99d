/**
 * What can compute in this browser. A page asks cheaply, before anything is loaded; a worker may still refuse when it
 * starts, and may lose its device later.
 */

/** In the order in which they are tried. */
export const BACKENDS = ["webgpu", "webgl", "wasm"] as const;
export type BackendName = (typeof BACKENDS)[number];

/** A backend that does not compute, and why. */
export interface RefusedBackend {
  name: BackendName;
  reason: string;
}

/** What computes. */
export interface Backend {
  name: BackendName;
  /** The graphics device as the browser calls it; of WebAssembly, that it is one thread. */
  device: string;
  /** Those that were tried before it, and those that were lost later. */
  refused: RefusedBackend[];
}

/** Why a backend cannot be tried here; `null` where it can. */
type Probe = (options: { isNamed: boolean }) => Promise<string | null>;

/** A renderer that computes on the processor, where WebAssembly is faster. */
const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render/i;

const slower = (device: string): string =>
  `it would compute on the processor (${device}), where wasm is faster; name it to have it all the same`;

export const PROBES: Readonly<Record<BackendName, Probe>> = {
  webgpu: async ({ isNamed }) => {
    const { gpu } = navigator as unknown as { gpu?: Gpu };
    if (gpu === undefined)
      return isSecureContext
        ? "this browser has no WebGPU"
        : "the page is not a secure context: https or localhost is needed";
    const adapter = await gpu.requestAdapter().catch(() => null);
    if (adapter === null) return "the browser gives no graphics adapter";
    const { info } = adapter;
    const device = deviceOf(info);
    const isSoftware = info?.isFallbackAdapter === true || adapter.isFallbackAdapter === true || SOFTWARE.test(device);
    return isSoftware && !isNamed ? slower(device) : null;
  },
  webgl: async ({ isNamed }) => {
    if (typeof OffscreenCanvas === "undefined") return "this browser has no OffscreenCanvas";
    const context = new OffscreenCanvas(1, 1).getContext("webgl2");
    if (context === null) return "this browser gives no WebGL 2 context";
    try {
      if (context.getExtension("EXT_color_buffer_float") === null)
        return "the graphics device computes in half precision only, which changes probabilities";
      const device = rendererOf(context);
      return SOFTWARE.test(device) && !isNamed ? slower(device) : null;
    } finally {
      context.getExtension("WEBGL_lose_context")?.loseContext();
    }
  },
  wasm: async () => (typeof WebAssembly === "undefined" ? "this browser has no WebAssembly" : null),
};

/** The part of WebGPU that is asked; its types are newer than those of many pages. */
interface Gpu {
  requestAdapter(): Promise<{ info?: AdapterInfo; isFallbackAdapter?: boolean } | null>;
}

export interface AdapterInfo {
  vendor: string;
  architecture: string;
  description?: string;
  isFallbackAdapter?: boolean;
}

export const deviceOf = (info: AdapterInfo | undefined): string =>
  info?.description || [info?.vendor, info?.architecture].filter(Boolean).join(" ") || "unnamed device";

export function rendererOf(context: WebGL2RenderingContext): string {
  const names = context.getExtension("WEBGL_debug_renderer_info");
  return String(context.getParameter(names?.UNMASKED_RENDERER_WEBGL ?? context.RENDERER));
}
