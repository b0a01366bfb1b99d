/** The addon of an installation: the prebuilt one of a release where it loads here, else compiled. */
import { copyFileSync, existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { GraphError } from "../errors.js";
import { STDERR_ADDON } from "../runtime/quiet-load.js";
import { compileBinding } from "./compile-binding.js";
import { BINDING, TENSORFLOW_VERSION } from "./release.js";
import { runCommand } from "./run-command.js";

/** Where a release puts it (`scripts/prebuild.mjs` makes it); absent in a checkout. */
export const PREBUILT = fileURLToPath(
  new URL(`../../prebuilt/tfjs_binding-${BINDING.version}-${TENSORFLOW_VERSION}-linux-x64.node`, import.meta.url),
);

/** Puts the addon at `output`, beside its `tensorflow/`, and loads it once. Returns the compiler, or "prebuilt". */
export async function buildBinding(
  paths: { sources: string; tensorflow: string; output: string },
  { signal, prebuilt = PREBUILT }: { signal?: AbortSignal | undefined; prebuilt?: string } = {},
): Promise<string> {
  if (existsSync(prebuilt)) {
    copyFileSync(prebuilt, paths.output);
    const stderr = join(dirname(prebuilt), STDERR_ADDON);
    if (existsSync(stderr)) copyFileSync(stderr, join(dirname(paths.output), STDERR_ADDON));
    if ((await loadError(paths.output, signal)) === undefined) return "prebuilt";
  }
  const compiler = await compileBinding(paths, signal);
  const found = await loadError(paths.output, signal);
  if (found === undefined) return compiler;
  throw new GraphError({
    code: "NOT_LOADABLE",
    subject: "setup tensorflow",
    found: `the binding was compiled by ${compiler} but does not load: ${found}`,
    expected: "a binding that loads with its libtensorflow",
    fix: "Try another compiler (CXX names it), or use the engine onnx",
  });
}

/** Why Node cannot load an addon, or `undefined`. In a process of its own: a bad library may end it. */
async function loadError(addon: string, signal: AbortSignal | undefined): Promise<string | undefined> {
  const script = "require(process.argv[1]).TF_Version";
  const { status, output } = await runCommand([process.execPath, "-e", script, addon], { signal });
  if (status === 0) return undefined;
  return /^(?:Error|TypeError): (.*)$/m.exec(output)?.[1] ?? `exit ${status ?? "by a signal"}`;
}
