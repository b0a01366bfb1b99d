/**
 * Sets up the `tensorflow` runtime in the cache folder: wheel and tarball with the machine's own clients, only the
 * needed files unpacked, the addon compiled, everything in a temporary folder that is renamed when complete.
 * Killed at any moment, the next call goes on from the downloads that were complete.
 */
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { GraphError } from "../errors.js";
import { buildBinding } from "./build-binding.js";
import { checkWheel, downloadBinding, downloadCuda, downloadWheel, partOf, removeParts } from "./download.js";
import {
  tensorFlowFolder,
  type Installation,
  installationFolder,
  type InstallationManifest,
  installationOf,
} from "./installation.js";
import { withLock } from "./lock.js";
import { checkMachine, type Machine, thisMachine } from "./platform.js";
import { BINDING, type Flavour, TENSORFLOW_VERSION, WHEELS } from "./release.js";
import { requirementsOf, unpackTarball, unpackWheel } from "./unpack.js";

export interface SetupOptions {
  /** The CUDA build, with the CUDA libraries beside it. Default: the CPU build. */
  gpu?: boolean;
  /** A wheel that is already here, for machines without network. */
  wheel?: string;
  /** Sets the CUDA build up without a driver (it then computes on the CPU). */
  force?: boolean;
  /** Default: {@link tensorFlowFolder}. */
  cache?: string;
}

export interface SetupHooks {
  onProgress?: (message: string) => void;
  signal?: AbortSignal;
  /** The machine to check instead of this one (tests). */
  machine?: Machine;
}

/** The libraries that are loaded, and the headers that compiling them in needs. */
const LIBRARY = /^tensorflow\/libtensorflow_(cc|framework)\.so\.2$/;
const HEADER = /^tensorflow\/include\/.*\.(h|inc)$/;
/** Of the CUDA wheels: libraries, and what XLA compiles with. */
const CUDA = /^nvidia\/(.*\.so(\.\d+)*|cuda_nvcc\/(bin|nvvm)\/.*)$/;

/**
 * Sets up TensorFlow for `runtime: "tensorflow"` and returns the installation. Does nothing when it is there.
 *
 * @throws {GraphError} `WRONG_PLATFORM`, `GLIBC_TOO_OLD`, `NO_NVIDIA_DRIVER`, `NO_PIP`, `DOWNLOAD_FAILED`, `WRONG_HASH`,
 * `NO_COMPILER`, `COMPILE_FAILED`, `NOT_LOADABLE`, `CACHE_READ_ONLY`
 * @example
 * ```ts
 * import { setupTensorFlow } from "@fer/tfjs-graph/setup";
 *
 * const { folder } = await setupTensorFlow({}, { onProgress: (message) => process.stderr.write(`${message}\n`) });
 * ```
 */
export async function setupTensorFlow(options: SetupOptions = {}, hooks: SetupHooks = {}): Promise<Installation> {
  const flavour: Flavour = options.gpu ? "gpu" : "cpu";
  const cache = options.cache ?? tensorFlowFolder();
  const say = hooks.onProgress ?? (() => undefined);
  checkMachine(flavour, hooks.machine ?? thisMachine(), { force: options.force ?? false });
  const present = installationOf(flavour, cache);
  if (present) return present;
  makeCache(cache);
  return withLock(
    cache,
    async () => {
      const meanwhile = installationOf(flavour, cache);
      if (meanwhile) return meanwhile;
      try {
        return await install(flavour, cache, options.wheel, say, hooks.signal);
      } finally {
        removeParts(cache);
      }
    },
    { onWait: (pid) => say(`waiting for process ${pid}, which is setting up too`), signal: hooks.signal },
  );
}

/** Removes every installation and download. Returns the folder, or `undefined` when there was none. */
export function removeTensorFlow(cache = tensorFlowFolder()): string | undefined {
  if (!existsSync(cache)) return undefined;
  rmSync(cache, { recursive: true, force: true });
  return cache;
}

async function install(
  flavour: Flavour,
  cache: string,
  givenWheel: string | undefined,
  say: (message: string) => void,
  signal: AbortSignal | undefined,
): Promise<Installation> {
  const downloads = join(cache, "downloads");
  mkdirSync(downloads, { recursive: true });
  removeParts(cache);
  removeParts(downloads);
  const staging = partOf(installationFolder(flavour, cache));

  if (givenWheel !== undefined) {
    say(`checking ${givenWheel}`);
    await checkWheel(flavour, givenWheel);
  }
  const wheel = givenWheel ?? (await downloadWheel(flavour, downloads, { say, signal }));
  say(`downloading ${BINDING.name} ${BINDING.version}`);
  const tarball = await downloadBinding(downloads, signal);

  say("unpacking the libraries");
  await unpackWheel(wheel, staging, (name) => LIBRARY.test(name) || HEADER.test(name));
  const cuda: string[] = [];
  if (flavour === "gpu") {
    const requirements = await requirementsOf(wheel, "and-cuda");
    for (const [index, requirement] of requirements.entries()) {
      say(`downloading ${requirement} (${index + 1} of ${requirements.length} of CUDA)`);
      cuda.push(await downloadCuda(requirement, downloads, signal));
    }
    for (const each of cuda) {
      say(`unpacking ${basename(each)}`);
      await unpackWheel(each, staging, (name) => CUDA.test(name));
    }
  }
  const binding = join(staging, "binding");
  await unpackTarball(tarball, binding);

  say("compiling the binding");
  const compiler = await buildBinding(
    {
      sources: join(binding, "binding"),
      tensorflow: join(staging, "tensorflow"),
      output: join(staging, "tfjs_binding.node"),
    },
    { signal },
  );
  // needed while compiling only
  rmSync(join(staging, "tensorflow", "include"), { recursive: true });
  rmSync(binding, { recursive: true });

  const manifest: InstallationManifest = {
    schema: 1,
    version: TENSORFLOW_VERSION,
    flavour,
    wheel: { file: basename(wheel), sha256: WHEELS[flavour].sha256 },
    binding: BINDING.version,
    compiler,
    downloaded: sum([...(givenWheel === undefined ? [wheel] : []), tarball, ...cuda]),
    bytes: sizeOf(staging),
  };
  say("moving it into place");
  writeFileSync(join(staging, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  const folder = installationFolder(flavour, cache);
  rmSync(folder, { recursive: true, force: true });
  renameSync(staging, folder);
  rmSync(downloads, { recursive: true, force: true });
  return { folder, manifest };
}

const sum = (files: string[]): number => files.reduce((total, file) => total + statSync(file).size, 0);

const sizeOf = (folder: string): number =>
  sum(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name)),
  );

/** Not with `recursive`: where no folder can be made in one that exists (`/proc`), Node 20 to 24 never returns. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  try {
    mkdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

function makeCache(cache: string): void {
  try {
    makeFolder(cache);
    accessSync(cache, constants.W_OK);
  } catch (cause) {
    throw new GraphError({
      code: "CACHE_READ_ONLY",
      subject: "setup tensorflow",
      found: `the cache folder ${cache} cannot be written`,
      expected: "a folder of one's own for about 900 MB",
      fix: "Set FER_CACHE to such a folder",
      cause,
    });
  }
}
