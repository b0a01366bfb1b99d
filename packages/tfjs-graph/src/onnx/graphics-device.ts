/**
 * Which GPU WebGPU would run on. onnxruntime does not tell, and on a machine without a GPU its loader prints warnings,
 * so this looks at what the operating system shows, without starting anything.
 *
 * On Linux a GPU is a render node of a known vendor together with a Vulkan driver that is not a software renderer.
 * A software renderer (SwiftShader, llvmpipe) is used only where the environment names it (`VK_ICD_FILENAMES` or
 * `VK_DRIVER_FILES`): it serves tests, not training.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface GraphicsDevice {
  /** E.g. "NVIDIA GeForce RTX 4090", "SwiftShader (software)". */
  name: string;
  /** False for software renderers and where it is not known. */
  isGpu: boolean;
}

const SOFTWARE = [
  ["swiftshader", "SwiftShader"],
  ["lvp", "llvmpipe"],
  ["llvmpipe", "llvmpipe"],
] as const;

const VENDORS: Readonly<Record<string, string>> = {
  "0x10de": "NVIDIA",
  "0x1002": "AMD",
  "0x8086": "Intel",
  "0x5143": "Qualcomm",
  "0x13b5": "ARM",
  "0x106b": "Apple",
};

const DRIVER_FOLDERS = ["/usr/share/vulkan/icd.d", "/etc/vulkan/icd.d"];

/** The device, or why there is none. */
export function findGraphicsDevice(): GraphicsDevice | { none: string } {
  if (process.platform === "darwin")
    return { name: `${process.arch === "arm64" ? "Apple" : "Mac"} GPU (Metal)`, isGpu: true };
  // Direct3D always has a device; whether it is a GPU cannot be seen from here.
  if (process.platform === "win32") return { name: "Direct3D 12 device", isGpu: false };
  const named = process.env.VK_DRIVER_FILES ?? process.env.VK_ICD_FILENAMES;
  const software = SOFTWARE.find(([word]) => named?.toLowerCase().includes(word));
  if (software !== undefined) return { name: `${software[1]} (software)`, isGpu: false };
  const name = nvidiaName() ?? renderNodeVendor();
  if (name === undefined)
    return { none: "no GPU: neither /dev/nvidia0 nor a render node of a known vendor in /dev/dri" };
  if (named === undefined && !hasDriver())
    return { none: `${name}: no Vulkan driver for it in ${DRIVER_FOLDERS.join(" or ")}` };
  return { name, isGpu: true };
}

function nvidiaName(): string | undefined {
  if (!existsSync("/dev/nvidia0")) return undefined;
  const folder = "/proc/driver/nvidia/gpus";
  const [first] = list(folder);
  const information = first === undefined ? "" : read(join(folder, first, "information"));
  return /^Model:\s*(.+)$/m.exec(information)?.[1] ?? "NVIDIA GPU";
}

function renderNodeVendor(): string | undefined {
  for (const node of list("/dev/dri").filter((name) => name.startsWith("renderD"))) {
    const vendor = VENDORS[read(`/sys/class/drm/${node}/device/vendor`).trim()];
    if (vendor !== undefined) return `${vendor} GPU`;
  }
  return undefined;
}

const hasDriver = (): boolean =>
  DRIVER_FOLDERS.flatMap(list).some(
    (file) => file.endsWith(".json") && !SOFTWARE.some(([word]) => file.startsWith(word)),
  );

function list(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
