/**
 * Sets up the `tensorflow` runtime in the cache folder: wheel and tarball with the machine's own clients, only the
 * needed files unpacked, the addon compiled, everything in a temporary folder that is renamed when complete.
 * Killed at any moment, the next call goes on from the downloads that were complete.
 */
import { accessSync, constants, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { GraphError } from "../errors.js";
import { compileBinding } from "./compile-binding.js";
import { checkWheel, downloadBinding, downloadCuda, downloadWheel } from "./download.js";
import {
  cacheFolder,
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
  /** Default: {@link cacheFolder}. */
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

/**
 * Sets up TensorFlow for `runtime: "tensorflow"` and returns the installation. Does nothing when it is there.
 *
 * @throws {GraphError} `WRONG_PLATFORM`, `GLIBC_TOO_OLD`, `NO_NVIDIA_DRIVER`, `NO_PIP`, `DOWNLOAD_FAILED`, `WRONG_HASH`,
 * `NO_COMPILER`, `COMPILE_FAILED`, `CACHE_READ_ONLY`
 * @example
 * ```ts
 * import { setupTensorFlow } from "@fer/tfjs-graph/setup";
 *
 * const { folder } = await setupTensorFlow({}, { onProgress: (message) => process.stderr.write(`${message}\n`) });
 * ```
 */
export async function setupTensorFlow(options: SetupOptions = {}, hooks: SetupHooks = {}): Promise<Installation> {
  const flavour: Flavour = options.gpu ? "gpu" : "cpu";
  const cache = options.cache ?? cacheFolder();
  const say = hooks.onProgress ?? (() => undefined);
  checkMachine(flavour, hooks.machine ?? thisMachine(), { force: options.force ?? false });
  const present = installationOf(flavour, cache);
  if (present) return present;
  makeCache(cache);
  return withLock(
    join(cache, "lock"),
    async () => installationOf(flavour, cache) ?? (await install(flavour, cache, options.wheel, say, hooks.signal)),
    { onWait: (pid) => say(`waiting for process ${pid}, which is setting up too`), signal: hooks.signal },
  );
}

/** Removes every installation and download. Returns the folder, or `undefined` when there was none. */
export function removeTensorFlow(cache = cacheFolder()): string | undefined {
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
  const staging = join(cache, `${basename(installationFolder(flavour, cache))}.part`);
  rmSync(staging, { recursive: true, force: true });

  say(givenWheel ? `checking ${givenWheel}` : `downloading ${WHEELS[flavour].file}`);
  if (givenWheel) await checkWheel(flavour, givenWheel);
  const wheel = givenWheel ?? (await downloadWheel(flavour, downloads, signal));
  say(`downloading ${BINDING.name} ${BINDING.version}`);
  const tarball = await downloadBinding(downloads, signal);

  say("unpacking the libraries");
  let bytes = await unpackWheel(wheel, staging, (name) => LIBRARY.test(name) || HEADER.test(name));
  if (flavour === "gpu") {
    const requirements = await requirementsOf(wheel, "and-cuda");
    say(`downloading CUDA (${requirements.length} wheels)`);
    for (const cuda of await downloadCuda(requirements, downloads, signal)) {
      say(`unpacking ${basename(cuda)}`);
      bytes += await unpackWheel(
        cuda,
        staging,
        (name) => /^nvidia\/.*\.so(\.\d+)*$/.test(name) || /^nvidia\/cuda_nvcc\/(bin|nvvm)\//.test(name),
      );
    }
  }
  const binding = join(staging, "binding");
  await unpackTarball(tarball, binding);

  say("compiling the binding");
  const compiler = await compileBinding(
    {
      sources: join(binding, "binding"),
      tensorflow: join(staging, "tensorflow"),
      output: join(staging, "tfjs_binding.node"),
    },
    signal,
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
    bytes,
  };
  writeFileSync(join(staging, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  const folder = installationFolder(flavour, cache);
  rmSync(folder, { recursive: true, force: true });
  renameSync(staging, folder);
  rmSync(downloads, { recursive: true, force: true });
  return { folder, manifest };
}

function makeCache(cache: string): void {
  try {
    mkdirSync(cache, { recursive: true });
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
