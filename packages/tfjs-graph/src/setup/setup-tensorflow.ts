/**
 * Sets up the `tensorflow` runtime in the cache folder: wheel and tarball with the machine's own clients, only the
 * needed files unpacked, the addon compiled, everything in a temporary folder that is renamed when complete.
 * Killed at any moment, the next call goes on from the downloads that were complete.
 */
import { accessSync, constants, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { makeFolder, type TaskHooks } from "@fer/core";
import { build, type Workplace } from "@fer/core/artifact";
import { GraphError } from "../errors.js";
import { buildBinding } from "./build-binding.js";
import { checkWheel, downloadBinding, downloadCuda, downloadWheel } from "./download.js";
import {
  tensorFlowFolder,
  type Installation,
  installationFolder,
  type InstallationManifest,
  installationOf,
} from "./installation.js";
import { checkMachine, type Machine, thisMachine } from "./platform.js";
import { BINDING, CUDA_WHEELS, type Flavour, TENSORFLOW_VERSION, WHEELS } from "./release.js";
import { unpackTarball, unpackWheel } from "./unpack.js";

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

export interface SetupHooks extends TaskHooks {
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
 * ```ts not run: it downloads TensorFlow (test/setup runs it with a wheel of its own)
 * import { setupTensorFlow } from "@fer/tfjs-graph/setup";
 *
 * const { folder } = await setupTensorFlow({}, { onProgress: ({ message }) => process.stderr.write(`${message}\n`) });
 * ```
 */
export async function setupTensorFlow(options: SetupOptions = {}, hooks: SetupHooks = {}): Promise<Installation> {
  const { gpu = false, force = false, cache = tensorFlowFolder(), wheel } = options;
  const { onProgress, signal, machine = thisMachine() } = hooks;
  const flavour: Flavour = gpu ? "gpu" : "cpu";
  checkMachine(machine, { flavour, force });
  const present = installationOf(flavour, cache);
  if (present) return present;
  await makeCache(cache);
  let done = 0;
  const say = (message: string): void =>
    onProgress?.({ stage: "setup", done: done++, total: null, unit: "steps", message });
  await build(
    {
      subject: "setup tensorflow",
      to: installationFolder(flavour, cache),
      description: "manifest.json",
      identity: identityOf({ version: TENSORFLOW_VERSION, flavour, binding: BINDING.version }),
      // the cache is ours: what is not an installation is made again
      read: async () => {
        const there = installationOf(flavour, cache)?.manifest;
        return there === undefined ? { identity: null } : { identity: identityOf(there) };
      },
      overwrite: true,
      resume: true,
      wait: true,
      onWait: ({ pid }) => say(`waiting for process ${pid}, which is setting up too`),
      signal,
    },
    (place) => install({ flavour, place, wheel, say, signal }),
  );
  return installationOf(flavour, cache)!;
}

/** Removes every installation and download. Returns the folder, or `undefined` when there was none. */
export function removeTensorFlow(cache = tensorFlowFolder()): string | undefined {
  if (!existsSync(cache)) return undefined;
  rmSync(cache, { recursive: true, force: true });
  return cache;
}

const identityOf = ({ version, flavour, binding }: Pick<InstallationManifest, "version" | "flavour" | "binding">) => ({
  version,
  flavour,
  binding,
});

interface Install {
  flavour: Flavour;
  place: Workplace;
  /** A wheel that is already here. */
  wheel: string | undefined;
  say: (message: string) => void;
  signal: AbortSignal | undefined;
}

async function install({ flavour, place, wheel: given, say, signal }: Install): Promise<void> {
  const { scratch: downloads, tree: staging } = place;
  rmSync(staging, { recursive: true, force: true });
  mkdirSync(staging);
  if (given !== undefined) {
    say(`checking ${given}`);
    await checkWheel(flavour, given);
  }
  const wheel = given ?? (await downloadWheel(flavour, { downloads, say, signal }));
  say(`downloading ${BINDING.name} ${BINDING.version}`);
  const tarball = await downloadBinding(downloads, signal);

  say("unpacking the libraries");
  await unpackWheel(wheel, { folder: staging, wanted: (name) => LIBRARY.test(name) || HEADER.test(name) });
  const cuda: string[] = [];
  if (flavour === "gpu") {
    for (const [index, each] of CUDA_WHEELS.entries()) {
      say(`downloading ${each.requirement} (${index + 1} of ${CUDA_WHEELS.length} of CUDA)`);
      cuda.push(await downloadCuda(each, { downloads, signal }));
    }
    for (const each of cuda) {
      say(`unpacking ${basename(each)}`);
      signal?.throwIfAborted();
      await unpackWheel(each, { folder: staging, wanted: (name) => CUDA.test(name) });
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
    downloaded: sum([...(given === undefined ? [wheel] : []), tarball, ...cuda]),
    bytes: sizeOf(staging),
  };
  say("moving it into place");
  writeFileSync(join(staging, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
}

const sum = (files: string[]): number => files.reduce((total, file) => total + statSync(file).size, 0);

const sizeOf = (folder: string): number =>
  sum(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name)),
  );

async function makeCache(cache: string): Promise<void> {
  try {
    await makeFolder(cache);
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
