/** Exports: folders in formats of other tools, made of an artifact, with a hidden manifest of what they were made of. */
import { FerError } from "../errors.js";
import { build, type BuildOptions, type Built, type Existing } from "./build.js";
import { Manifest } from "./manifest.js";

/** Hidden, so that nobody who reads the folder takes it for data. */
export const EXPORT_MANIFEST = ".manifest.json";

/**
 * Makes an export, or keeps the one that is there, made of the same and whole.
 *
 * @param write Writes the files into a folder; returns their names.
 * @throws as {@link build}
 */
export function buildExport(
  options: Pick<BuildOptions, "to" | "identity" | "overwrite" | "signal">,
  write: (tree: string) => Promise<readonly string[]>,
): Promise<Built<void>> {
  const { identity } = options;
  const common = { subject: "export", description: EXPORT_MANIFEST, read: existingExport };
  return build({ ...common, ...options }, async ({ tree }) => {
    const files = await write(tree);
    await Manifest.write(tree, { name: EXPORT_MANIFEST, artifact: "export", identity, files });
  });
}

/** The export at a target, whose files are all read. */
async function existingExport(to: string): Promise<Existing | null> {
  try {
    const manifest = await Manifest.read(to, EXPORT_MANIFEST);
    if (manifest === null) return null;
    await manifest.verify();
    return { identity: manifest.identity };
  } catch (error) {
    if (!(error instanceof FerError)) throw error;
    return { identity: null, problem: error.message };
  }
}
