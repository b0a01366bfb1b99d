/** A network of one's own by the path of a module: what `--model ./my-net.mjs` names. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { FerError, FormatError, OptionsError } from "@fer/core";
import { ARCHITECTURES, type ArchitectureOptions, type FitContext } from "@fer/model";
import { importModule } from "./import-module.js";

type Build = Extract<NonNullable<FitContext["model"]>, (...args: never[]) => unknown>;

/** A module, and what `fit` is told of it. */
export interface ModelModule {
  model: Build;
  modelFile: NonNullable<FitContext["modelFile"]>;
}

const EXPORT =
  "a module whose default export is a function of { size, channels, classes, seed } that returns a tf.LayersModel, or what defineArchitecture of @fer/model returns";

/**
 * Loads a module, which is executed.
 *
 * @throws OptionsError where there is no such file; FormatError where it cannot be run, or exports something else. The
 * function that it gives throws FormatError where the module returns something else than a network.
 */
export async function loadModelModule(file: string): Promise<ModelModule> {
  const path = resolve(file);
  const bytes = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    const isName = (ARCHITECTURES as readonly string[]).includes(file);
    throw new OptionsError({
      code: "NO_MODEL",
      subject: "--model",
      found: cause.code === "ENOENT" ? `there is no file "${file}"` : `"${file}" cannot be read (${cause.code})`,
      expected: EXPORT,
      ...(isName ? { fix: `A network of fer's own is named with --architecture ${file}` } : {}),
      cause,
    });
  });
  const build = buildOf(await importModule(path).catch((cause: unknown) => Promise.reject(broken(file, cause))), file);
  return {
    model: (options) => checked(build(options), file),
    modelFile: { name: basename(path), sha256: createHash("sha256").update(bytes).digest("hex") },
  };
}

/** The function of a module. */
function buildOf(exported: unknown, file: string): (options: ArchitectureOptions) => unknown {
  if (typeof exported === "function") return exported as (options: ArchitectureOptions) => unknown;
  if (
    typeof exported === "object" &&
    exported !== null &&
    "build" in exported &&
    typeof exported.build === "function"
  ) {
    const { build } = exported;
    return (options) => build.call(exported, options) as unknown;
  }
  throw bad(
    file,
    typeof exported === "object" ? "it exports no such thing as default" : `its default export is a ${typeof exported}`,
  );
}

function checked(built: unknown, file: string): ReturnType<Build> {
  if (typeof built === "object" && built !== null && "layers" in built && "inputs" in built)
    return built as ReturnType<Build>;
  throw bad(file, `its function returned ${kindOf(built)}`);
}

/** In words. */
function kindOf(value: unknown): string {
  if (value === undefined || value === null) return "nothing";
  if (value instanceof Promise) return "a promise";
  return typeof value === "object" ? "an object of another kind" : `a ${typeof value}`;
}

const bad = (file: string, found: string): FormatError =>
  new FormatError({ code: "BAD_MODEL", subject: file, found, expected: EXPORT });

function broken(file: string, cause: unknown): Error {
  if (cause instanceof FerError) return cause;
  const found = cause instanceof Error ? cause.message.split("\n")[0]! : String(cause);
  return new FormatError({ code: "BAD_MODEL", subject: file, found, expected: EXPORT, cause });
}
