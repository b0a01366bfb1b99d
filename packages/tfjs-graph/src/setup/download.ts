/**
 * Gets files with the machine's own package clients, so that mirrors, proxies and credentials set up for them are
 * used: pip (or uv, which brings a pip) for wheels, npm for the tarball. Every pinned file is checked by its hash.
 */
import { createHash } from "node:crypto";
import { createReadStream, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { GraphError } from "../errors.js";
import { BINDING, type CUDA_WHEELS, type Flavour, TENSORFLOW_VERSION, WHEELS } from "./release.js";
import { firstThatRuns, runCommand } from "./run-command.js";

/** pip's words for "the cp311 wheel for Linux x64", whatever Python pip itself runs on. */
const TARGET = [
  "--only-binary=:all:",
  "--python-version=3.11",
  "--implementation=cp",
  "--abi=cp311",
  ...["2_28", "2_27", "2_17"].map((glibc) => `--platform=manylinux_${glibc}_x86_64`),
  "--platform=manylinux2014_x86_64",
  "--platform=manylinux1_x86_64",
];

/** Where downloads go, and what stops them. */
interface Destination {
  downloads: string;
  signal?: AbortSignal | undefined;
}

/** Downloads the wheel of a flavour into `downloads` (kept if it is there and whole) and returns its path. */
export async function downloadWheel(
  flavour: Flavour,
  { say, ...destination }: Destination & { say: (message: string) => void },
): Promise<string> {
  const wheel = WHEELS[flavour];
  const file = join(destination.downloads, wheel.file);
  if (existsSync(file)) {
    say(`checking ${wheel.file}, which was downloaded before`);
    if ((await sha256Of(file)) === wheel.sha256) return file;
  }
  say(`downloading ${wheel.file}`);
  await pipDownload([`${wheel.project}==${TENSORFLOW_VERSION}`, "--no-deps"], destination);
  say(`checking ${wheel.file}`);
  await checkWheel(flavour, file);
  return file;
}

/** Downloads one CUDA wheel into `downloads` (kept if it is there and whole) and returns its path. */
export async function downloadCuda(
  { requirement, file, sha256 }: (typeof CUDA_WHEELS)[number],
  destination: Destination,
): Promise<string> {
  const path = join(destination.downloads, file);
  if (existsSync(path) && (await sha256Of(path)) === sha256) return path;
  await pipDownload([requirement, "--no-deps"], destination);
  const found = existsSync(path) ? await sha256Of(path) : "no such file";
  if (found === sha256) return path;
  throw wrongHash(file, { found: `sha256 ${found}`, expected: `sha256 ${sha256}` });
}

/** Throws when a wheel is not the pinned one. */
export async function checkWheel(flavour: Flavour, file: string): Promise<void> {
  const { sha256, file: expected } = WHEELS[flavour];
  if (!existsSync(file)) {
    throw new GraphError({
      code: "NO_WHEEL",
      subject: "setup tensorflow",
      found: `no file ${file}`,
      expected: `the wheel ${expected}`,
      fix: `Get it with: pip download --no-deps ${TARGET.slice(0, 4).join(" ")} --platform=manylinux_2_27_x86_64 ${WHEELS[flavour].project}==${TENSORFLOW_VERSION}`,
    });
  }
  const found = await sha256Of(file);
  if (found === sha256) return;
  throw wrongHash(basename(file), { found: `sha256 ${found}`, expected: `sha256 ${sha256}, the hash of ${expected}` });
}

const wrongHash = (file: string, hashes: { found: string; expected: string }): GraphError =>
  new GraphError({
    code: "WRONG_HASH",
    subject: `setup tensorflow: ${file}`,
    ...hashes,
    fix: "The file is incomplete or not that wheel: download it again",
  });

/** Downloads the npm tarball of the binding into `downloads` and returns its path. */
export async function downloadBinding(downloads: string, signal?: AbortSignal): Promise<string> {
  const file = join(downloads, `tfjs-node-gpu-${BINDING.version}.tgz`);
  if (existsSync(file) && (await integrity(file)) === BINDING.integrity) return file;
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  await into(downloads, async (folder) => {
    const { status, output } = await runCommand([npm, "pack", `${BINDING.name}@${BINDING.version}`, "--silent"], {
      cwd: folder,
      signal,
    });
    if (status !== 0) throw failed(`npm pack ${BINDING.name}`, output);
    const name = readdirSync(folder).find((entry) => entry.endsWith(".tgz"))!;
    renameSync(join(folder, name), join(folder, basename(file)));
  });
  if ((await integrity(file)) !== BINDING.integrity) {
    throw new GraphError({
      code: "WRONG_HASH",
      subject: `setup tensorflow: ${basename(file)}`,
      found: await integrity(file),
      expected: BINDING.integrity,
      fix: "Look which registry npm is set to, and try again",
    });
  }
  return file;
}

async function pipDownload(what: string[], { downloads, signal }: Destination): Promise<void> {
  const pip = await firstThatRuns([["pip"], ["pip3"], ["python3", "-m", "pip"], ["uv", "tool", "run", "pip"]]);
  if (!pip) {
    throw new GraphError({
      code: "NO_PIP",
      subject: "setup tensorflow",
      found: "neither pip nor uv runs here",
      expected: "one of them, to download TensorFlow's wheel",
      fix: "Install one, or download the wheel elsewhere and pass it with --wheel <file>",
    });
  }
  await into(downloads, async (folder) => {
    const { status, output } = await runCommand(
      [...pip, "download", "--quiet", "--disable-pip-version-check", ...TARGET, "--dest", folder, ...what],
      { signal },
    );
    if (status !== 0) throw failed(`${pip.join(" ")} download ${what[0]}`, output);
  });
}

/** Lets `work` fill a temporary folder, then moves its files to `destination`: there is never a part of a file. */
async function into(destination: string, work: (folder: string) => Promise<void>): Promise<void> {
  const folder = join(destination, "part");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  try {
    await work(folder);
    for (const name of readdirSync(folder)) renameSync(join(folder, name), join(destination, name));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const failed = (command: string, output: string): GraphError =>
  new GraphError({
    code: "DOWNLOAD_FAILED",
    subject: "setup tensorflow",
    found: `"${command}" failed: ${output.trim().split("\n").slice(-3).join(" ")}`,
    expected: "a download from the package index this machine is set up for",
    fix: "Look at the network and the client's settings and repeat the command: what was complete is kept",
  });

async function digest(file: string, algorithm: string): Promise<Buffer> {
  const hash = createHash(algorithm);
  await pipeline(createReadStream(file), hash);
  return hash.digest();
}

const sha256Of = async (file: string): Promise<string> => (await digest(file, "sha256")).toString("hex");

const integrity = async (file: string): Promise<string> =>
  `sha512-${(await digest(file, "sha512")).toString("base64")}`;
