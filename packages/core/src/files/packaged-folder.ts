/** Folders in installed packages, by the name that a user says: `@fer/weights/fer2013`. */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

/**
 * Where it lies: in the package that the working directory finds, or else the calling module. `undefined` where there is no
 * such package; whether the folder is in it is not looked at.
 *
 * @param from `import.meta.url` of the caller.
 */
export function packagedFolder(source: string, from: string): string | undefined {
  const [, name, rest = ""] = /^(@[^/]+\/[^/]+|[^@/.][^/]*)\/?(.*)$/.exec(source) ?? [];
  if (name === undefined) return undefined;
  for (const place of [pathToFileURL(join(process.cwd(), "package.json")), from]) {
    try {
      return join(dirname(createRequire(place).resolve(`${name}/package.json`)), rest);
    } catch {
      // not there
    }
  }
  return undefined;
}
