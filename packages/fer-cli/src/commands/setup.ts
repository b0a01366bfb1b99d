/** `fer setup tensorflow`: the fast engine, into a cache folder of the user. */
import { formatCount } from "@fer/core";
import { findInstallation, type Installation, removeTensorFlow, setupTensorFlow } from "@fer/tfjs-graph/setup";
import { z } from "zod";
import { defineCommand } from "../command.js";

export const SetupOptions = z.strictObject({
  what: z.enum(["tensorflow"]).describe("What to set up"),
  gpu: z.boolean().default(false).describe("The CUDA build, with the CUDA libraries beside it (NVIDIA, Linux x64)"),
  wheel: z.string().optional().describe("TensorFlow wheel that is already here, for machines without network"),
  force: z.boolean().default(false).describe("Set the CUDA build up without a driver (it then computes on the CPU)"),
  where: z.boolean().default(false).describe("Only print the folder of what is set up"),
  remove: z.boolean().default(false).describe("Remove everything that was set up"),
});

export default defineCommand({
  options: SetupOptions,
  positionals: ["what"],
  paths: ["wheel"],
  details:
    "Takes the TensorFlow wheel through pip or uv, and @tensorflow/tfjs-node-gpu through npm, checks their hashes, and builds the engine in a cache folder (FER_CACHE moves it). No node_modules is touched.",
  examples: ["fer setup tensorflow", "fer setup tensorflow --gpu", "fer setup tensorflow --where"],
  kept: () => "Finished downloads were kept: the same command goes on from them.",
  async run({ gpu, wheel, force, where, remove }, { output, signal }) {
    if (remove) {
      const folder = removeTensorFlow() ?? null;
      return { text: folder === null ? "there was nothing to remove" : `removed ${folder}`, json: { removed: folder } };
    }
    if (where) {
      const found = findInstallation(gpu ? "gpu" : undefined);
      return { text: found?.folder ?? "not set up", json: { folder: found?.folder ?? null }, exitCode: found ? 0 : 1 };
    }
    const options = { gpu, force, ...(wheel === undefined ? {} : { wheel }) };
    const installation = await setupTensorFlow(options, {
      onProgress: ({ message }) => output.note(message ?? ""),
      signal,
    });
    return { text: renderInstallation(installation), json: { folder: installation.folder, ...installation.manifest } };
  },
});

/** Version, size and folder. */
function renderInstallation({ folder, manifest }: Installation): string {
  const megabytes = (bytes: number): string => `${formatCount(bytes / 1e6)} MB`;
  const size = `${megabytes(manifest.bytes)} (${megabytes(manifest.downloaded)} downloaded)`;
  return `TensorFlow ${manifest.version} (${manifest.flavour}) is set up in ${folder}, ${size}.\nfer engines shows it; fer train takes it.`;
}
