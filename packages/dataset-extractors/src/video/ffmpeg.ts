/** The system's ffmpeg and ffprobe: whether they are there, and how they are run. Nothing of them comes with this package. */
import { type ChildProcess, spawn, type StdioOptions } from "node:child_process";
import { OptionsError } from "@fer/core";

export type Tool = "ffmpeg" | "ffprobe";

/** Files and pipes alone: a playlist must not fetch anything. */
export const ONLY_HERE = ["-protocol_whitelist", "file,pipe"] as const;

/**
 * What ffmpeg is to open: a path is never taken for an address or an option; a device is named as its driver wants it.
 */
export const inputOf = (source: string): string => (isDevice(source) ? source : `file:${source}`);

/** Whether it is a camera or another device, which cannot be looked at twice. */
export const isDevice = (source: string): boolean => source.startsWith("/dev/") && !source.startsWith("/dev/shm/");

/** Starts one of both. @throws OptionsError where it is not installed. */
export function start(tool: Tool, { words, stdio }: { words: readonly string[]; stdio: StdioOptions }): Running {
  const child = spawn(tool, words, { stdio, windowsHide: true });
  const ended = new Promise<number>((resolve, reject) => {
    child.once("error", (cause: NodeJS.ErrnoException) =>
      reject(cause.code === "ENOENT" ? absent(tool, cause) : cause),
    );
    child.once("close", (code) => resolve(code ?? 1));
  });
  // it is awaited once the streams have been read
  ended.catch(() => {});
  return { child, ended };
}

export interface Running {
  child: ChildProcess;
  /** Its exit code, once its streams are closed. */
  ended: Promise<number>;
}

/** What it prints, both streams. */
export async function textOf(
  tool: Tool,
  words: readonly string[],
): Promise<{ code: number; out: string; err: string }> {
  const { child, ended } = start(tool, { words, stdio: ["ignore", "pipe", "pipe"] });
  const texts = { out: "", err: "" };
  child.stdout!.setEncoding("utf8").on("data", (text: string) => void (texts.out += text));
  child.stderr!.setEncoding("utf8").on("data", (text: string) => void (texts.err += text));
  return { code: await ended, ...texts };
}

/**
 * Whether both can be run, before anything is done that needs them.
 *
 * @returns What ffmpeg says of its version.
 * @throws OptionsError `NO_FFMPEG`
 */
export async function requireFfmpeg(): Promise<string> {
  await textOf("ffprobe", ["-version"]);
  const { out } = await textOf("ffmpeg", ["-version"]);
  return out.split(" Copyright", 1)[0]!;
}

/** The flag that hands on frames as they are; it got another name in ffmpeg 5.1. */
export async function passthroughFlag(): Promise<string> {
  const { out } = await textOf("ffmpeg", ["-version"]);
  const [, major, minor] = /^ffmpeg version n?(\d+)\.(\d+)/.exec(out) ?? [];
  const isOld = major !== undefined && Number(major) + Number(minor) / 100 < 5.01;
  return isOld ? "-vsync" : "-fps_mode";
}

const absent = (tool: Tool, cause: unknown): OptionsError =>
  new OptionsError({
    code: "NO_FFMPEG",
    subject: "video",
    found: `${tool} is not on the PATH`,
    expected: "ffmpeg and ffprobe of the system",
    fix: "Install them: apt-get install ffmpeg, brew install ffmpeg, or winget install ffmpeg",
    cause,
  });

/** The first line that ffmpeg wrote, without its own prefixes and the name of the input; `null` where it wrote none. */
export function firstComplaint(text: string, input: string): string | null {
  const line = text
    .split("\n")
    .map((each) => each.replace(/^(\[[^\]]*\] ?)+/, "").trim())
    .find((each) => each !== "");
  if (line === undefined) return null;
  return (line.startsWith(`${input}: `) ? line.slice(input.length + 2) : line).replace(/[.:]$/, "");
}
