/** Where something may lie that is named by a path, or by an installed package and a folder in it: `@fer/weights/fer2013`. */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

/**
 * The path itself; then the folder in the package that the working directory finds, or else the calling module, where there
 * is such a package. Whether anything is there is not looked at.
 *
 * @param from `import.meta.url` of the caller.
 */
export function placesOf(source: string, from: string): string[] {
  const packaged = packagedFolder(source, from);
  return packaged === undefined ? [source] : [source, packaged];
}

function packagedFolder(source: string, from: string): string | undefined {
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
