/**
 * Compiles tfjs-node-gpu's N-API addon against libtensorflow, and `native/stderr.cc` beside it. One binary serves all
 * Node versions.
 */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { GraphError } from "../errors.js";
import { STDERR_ADDON } from "../runtime/quiet-load.js";
import { firstThatRuns, runCommand } from "./run-command.js";

const STDERR_SOURCE = fileURLToPath(new URL("../../native/stderr.cc", import.meta.url));

/**
 * Compiles `<sources>/tfjs_*.cc` to `output`, which finds its libraries in `tensorflow/` beside itself.
 * Returns the compiler's version line.
 */
export async function compileBinding(
  { sources, tensorflow, output }: { sources: string; tensorflow: string; output: string },
  signal?: AbortSignal,
): Promise<string> {
  const compiler = await firstThatRuns([
    ...(process.env["CXX"] ? [[process.env["CXX"]]] : []),
    ["g++"],
    ["clang++"],
    ["c++"],
  ]);
  if (!compiler) {
    throw new GraphError({
      code: "NO_COMPILER",
      subject: "setup tensorflow",
      found: "no C++ compiler (looked for $CXX, g++, clang++, c++) and no prebuilt binding that loads here",
      expected: "one with C++17, to compile the binding once (10 s)",
      fix: "Install g++ (Debian and Ubuntu: apt-get install g++), or use the engine onnx, which needs none",
    });
  }
  const headers = dirname(createRequire(import.meta.url).resolve("node-api-headers/package.json"));
  const command = [compiler[0]!, "-O2", "-shared", "-fPIC", "-std=c++17", "-DNAPI_VERSION=8"];
  const include = `-I${join(headers, "include")}`;
  const { status, output: printed } = await runCommand(
    [
      ...command,
      include,
      `-I${join(tensorflow, "include")}`,
      join(sources, "tfjs_backend.cc"),
      join(sources, "tfjs_binding.cc"),
      "-o",
      output,
      `-L${tensorflow}`,
      "-l:libtensorflow_cc.so.2",
      "-l:libtensorflow_framework.so.2",
      "-Wl,-rpath,$ORIGIN/tensorflow",
    ],
    { signal },
  );
  if (status !== 0) {
    throw new GraphError({
      code: "COMPILE_FAILED",
      subject: "setup tensorflow",
      found: `${compiler[0]} failed: ${printed.trim().split("\n").slice(-5).join(" ")}`,
      expected: "the binding of tfjs-node-gpu to compile",
      fix: "Look at the compiler's message; the engine onnx needs no compiler",
    });
  }
  // Without it TensorFlow is as good, only not silent.
  await runCommand([...command, include, STDERR_SOURCE, "-o", join(dirname(output), STDERR_ADDON)], { signal });
  return (await runCommand([compiler[0]!, "--version"])).output.split("\n")[0]!;
}
