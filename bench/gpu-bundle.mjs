/**
 * One archive with all that the webgpu engine is measured with on a machine that has a GPU, its driver and a Python with
 * PyTorch, and nothing else: no Node, no network. In parts of at most 60 MiB, so that it goes through narrow doors.
 *
 *     node bench/gpu-bundle.mjs <folder>          writes fer-gpu.tar.xz.part-aa, ... and unpack.sh
 *     node bench/gpu-bundle.mjs <folder> --try    then unpacks and runs it without network and with nothing of this
 *                                                 machine but `FER_PYTHON`; VK_ICD_FILENAMES may name a software driver
 *
 * There, `bash unpack.sh && bash fer-gpu/run.sh` prints images a second of the engines and of PyTorch on the same card.
 * TensorFlow with CUDA is left out: its wheels are some 3 GB.
 */
import { execFileSync, spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { nodeFileTrace } from "@vercel/nft";

const PART = "60M";
const root = fileURLToPath(new URL("..", import.meta.url));

const [to, flag] = process.argv.slice(2);
if (to === undefined || (flag !== undefined && flag !== "--try")) {
  console.error("usage: node bench/gpu-bundle.mjs <folder> [--try]");
  process.exit(2);
}

/** Files under a folder of the repository whose paths a pattern matches. */
const filesUnder = (folder, pattern) =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((file) => pattern.test(file));

/** The tracer does not follow what a module makes of `createRequire`: told in words that it knows. */
function readFile(path) {
  if (!existsSync(path) || lstatSync(path).isDirectory()) return null;
  const source = readFileSync(path);
  if (/tfjs-graph[\\/]dist[\\/]tf\.js$/.test(path)) return `${source}\nawait import("@tensorflow/tfjs");`;
  if (/tfjs-graph[\\/]dist[\\/]onnx[\\/]runtime\.js$/.test(path)) return `${source}\nawait import("onnxruntime-node");`;
  return source;
}

/** Of the repository: what a step of training on the engines wasm, onnx and webgpu loads, and the benchmark. */
async function files() {
  const threads = filesUnder("packages/tfjs-graph/dist/runtime", /\.js$/);
  const entries = ["bench/engines.mjs", "bench/gpu-table.mjs", "bench/peers/fer_step.mjs", ...threads];
  const { fileList, warnings } = await nodeFileTrace(
    entries.map((file) => join(root, file)),
    { base: root, processCwd: root, readFile },
  );
  for (const { message } of warnings) if (/Failed to resolve.*@fer/.test(message)) console.error(message);
  const built = ["core", "tfjs-graph", "fer-model"].flatMap((name) => filesUnder(`packages/${name}/dist`, /\.js$/));
  const require = createRequire(join(root, "packages/tfjs-graph/package.json"));
  const runtime = relative(root, realpathSync(dirname(dirname(require.resolve("onnxruntime-node")))));
  const binaries = filesUnder(runtime, /linux\/x64\/[^/]*$/);
  const traced = [...fileList].filter((file) => !file.startsWith(`${runtime}/bin`) && !/[\\/]sharp-libvips/.test(file));
  return new Set([...traced, ...built, ...binaries, "bench/peers/torch_step.py"]);
}

/** The loader of Vulkan, which a machine with nothing but a driver lacks. */
const LOADER = "/usr/lib/x86_64-linux-gnu/libvulkan.so.1";

const RUN = `#!/usr/bin/env bash
# Images a second of a training step on this machine's card. FER_PYTHON: a Python with PyTorch (python3)
set -euo pipefail
cd "$(dirname "$0")"
export LD_LIBRARY_PATH="$PWD/lib\${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" FER_PYTHON="\${FER_PYTHON:-python3}"
for driver in /usr/share/vulkan/icd.d /etc/vulkan/icd.d /usr/local/nvidia/share/vulkan/icd.d; do
  [ -n "\${VK_ICD_FILENAMES:-}" ] || [ ! -e "$driver/nvidia_icd.json" ] || export VK_ICD_FILENAMES="$driver/nvidia_icd.json"
done
exec ./node bench/gpu-table.mjs
`;

const work = mkdtempSync(join(tmpdir(), "fer-gpu-"));
try {
  const home = join(work, "fer-gpu");
  const wanted = [...(await files())].sort();
  for (const file of wanted) {
    const [from, target] = [join(root, file), join(home, file)];
    mkdirSync(dirname(target), { recursive: true });
    if (lstatSync(from).isSymbolicLink()) symlinkSync(readlinkSync(from), target);
    else if (!lstatSync(from).isDirectory()) copyFileSync(from, target);
  }
  copyFileSync(process.execPath, join(home, "node"));
  mkdirSync(join(home, "lib"));
  if (existsSync(LOADER)) copyFileSync(LOADER, join(home, "lib", "libvulkan.so.1"));
  else console.error(`${LOADER} is not here (Debian: libvulkan1): the machine must have it`);
  writeFileSync(join(home, "run.sh"), RUN);
  mkdirSync(to, { recursive: true });
  const archive = join(resolve(to), "fer-gpu.tar.xz");
  execFileSync("tar", ["-C", work, "-cJf", archive, "fer-gpu"], { env: { ...process.env, XZ_OPT: "-6 -T0" } });
  const { size } = lstatSync(archive);
  for (const file of readdirSync(to)) if (file.startsWith("fer-gpu.tar.xz.part-")) rmSync(join(to, file));
  execFileSync("split", ["-b", PART, archive, `${archive}.part-`]);
  rmSync(archive);
  writeFileSync(join(to, "unpack.sh"), 'cd "$(dirname "$0")" && cat fer-gpu.tar.xz.part-* | tar -xJ\n');
  console.log(`${wanted.length} files, ${(size / 2 ** 20).toFixed(1)} MiB, in ${to}`);
} finally {
  rmSync(work, { recursive: true, force: true });
}

if (flag === "--try") {
  const place = mkdtempSync(join(tmpdir(), "fer-gpu-try-"));
  try {
    const { FER_PYTHON, VK_ICD_FILENAMES, FER_BENCH_CASES, FER_BENCH_SECONDS } = process.env;
    const kept = { FER_PYTHON, VK_ICD_FILENAMES, FER_BENCH_CASES, FER_BENCH_SECONDS };
    const env = { PATH: "/usr/bin:/bin", HOME: place, ...JSON.parse(JSON.stringify(kept)) };
    const line = `cp ${resolve(to)}/* . && bash unpack.sh && bash fer-gpu/run.sh`;
    const hasNamespaces = spawnSync("unshare", ["-rn", "true"]).status === 0;
    if (!hasNamespaces)
      console.error("this machine gives no network namespaces: it is tried with the network there is");
    const words = [...(hasNamespaces ? ["unshare", "-rn"] : []), "bash", "-c", line];
    const { status } = spawnSync(words[0], words.slice(1), { cwd: place, env, stdio: "inherit" });
    process.exitCode = status ?? 1;
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}
