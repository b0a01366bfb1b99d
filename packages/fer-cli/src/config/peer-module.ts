/** A model of other people's by the path of a module: what `fer cross peer:./human.mjs` names. */
import { resolve } from "node:path";
import { FerError, FormatError, OptionsError } from "@fer/core";
import type { PeerModel } from "@fer/model";
import { z } from "zod";
import { importNames } from "./import-module.js";

/** What a word begins with that names one. */
export const PEER = "peer:";

type Names = Omit<PeerModel, "name"> & { name?: string | undefined };

const PeerModule = z.object({
  name: z.string().optional(),
  classes: z.array(z.string()).min(2),
  predict: z.custom<PeerModel["predict"]>((value) => typeof value === "function", "is not a function"),
  size: z.number().int().positive().optional(),
  channels: z.literal([1, 3]).optional(),
  trainedOn: z.string().optional(),
  dispose: z
    .custom<NonNullable<PeerModel["dispose"]>>((value) => typeof value === "function", "is not a function")
    .optional(),
});

const EXPECTED =
  "classes (names in the order of the outputs) and predict({ images, count, size, channels }), which returns count * classes probabilities";

/**
 * Loads a module, which is executed. Without a name of its own it is called as it was asked for.
 *
 * @throws OptionsError where there is no such file; FormatError where it cannot be run, or exports something else.
 */
export async function loadPeerModule(word: string): Promise<PeerModel> {
  const file = word.slice(PEER.length);
  const names = await importNames(resolve(file)).catch((cause: unknown) => Promise.reject(broken(file, cause)));
  const { default: given } = names;
  const parsed = PeerModule.safeParse(typeof given === "object" && given !== null ? given : names);
  if (parsed.success) return { name: word, ...withoutMissing(parsed.data) };
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join(".") || "exports"}: ${message}`);
  throw new FormatError({ code: "BAD_PEER", subject: file, found: problems.join("; "), expected: EXPECTED });
}

const withoutMissing = (names: z.output<typeof PeerModule>): Names =>
  Object.fromEntries(Object.entries(names).filter(([, value]) => value !== undefined)) as unknown as Names;

function broken(file: string, cause: unknown): Error {
  if (cause instanceof FerError) return cause;
  const message = cause instanceof Error ? cause.message.split("\n")[0]! : String(cause);
  const { code } = cause as NodeJS.ErrnoException;
  const isMissing = (code === "ENOENT" || code?.endsWith("MODULE_NOT_FOUND")) && message.includes(resolve(file));
  if (isMissing) {
    const expected = `a module that exports ${EXPECTED}`;
    return new OptionsError({ code: "NO_MODEL", subject: file, found: "no such file", expected, cause });
  }
  return new FormatError({ code: "BAD_PEER", subject: file, found: message, expected: EXPECTED, cause });
}
