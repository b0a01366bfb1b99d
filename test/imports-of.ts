/** What source texts and built modules import. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, resolve } from "node:path";

/** Specifiers of every static, dynamic, re-exporting and required import of a source text. */
export function importsOf(source: string): string[] {
  const code = source.replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/^\s*\/\/.*$/gm, "");
  const patterns = [
    /\bfrom\s*"([\w@./-]+)"/g,
    /\bimport\s*"([\w@./-]+)"/g,
    /\bimport\(\s*"([\w@./-]+)"\s*\)/g,
    /\brequire\(\s*"([\w@./-]+)"\s*\)/g,
    /\(import\.meta\.url\)(?:\.resolve)?\(\s*"([\w@./-]+)"\s*\)/g,
    /\b(?:require|import\.meta)\.resolve\(\s*["`]([\w@./-]+)/g,
  ];
  return patterns.flatMap((pattern) => [...code.matchAll(pattern)].map((match) => match[1]!));
}

/** Specifiers of packages, and paths of files of ours, which a built module loads at once, by whatever leads there. */
export function loadedBy(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  const code = readFileSync(file, "utf8").replaceAll(/\bimport\([^)]*\)/g, "");
  for (const specifier of importsOf(code)) {
    if (specifier.startsWith("node:")) continue;
    if (specifier.startsWith(".")) {
      loadedBy(resolve(dirname(file), specifier), seen);
      continue;
    }
    seen.add(specifier);
    if (specifier.startsWith("@fer/")) loadedBy(createRequire(file).resolve(specifier), seen);
  }
  return seen;
}
