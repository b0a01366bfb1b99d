/** Who may ask: pages and names that are known and, where others can reach the address, who bears the key. */
import { OptionsError } from "@fer/core";
import { Callers, HttpProblem, isLoopback } from "@fer/core/http";
import { createHash, timingSafeEqual } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { IncomingHttpHeaders } from "node:http";
import type { ServeOptions } from "../options.js";

/** Variable of the environment that holds the key. */
const KEY_VARIABLE = "FER_SERVE_KEY";
/** Characters below which a key can be guessed. */
const SHORTEST_KEY = 16;

/**
 * The key that requests must bear; `null` where they need none.
 *
 * @throws OptionsError where it is too short, given twice, or missing for an address that is not a loopback one.
 */
export async function keyOf({ host, keyFile }: Pick<ServeOptions, "host" | "keyFile">): Promise<string | null> {
  const variable = process.env[KEY_VARIABLE];
  if (keyFile !== undefined && variable !== undefined) {
    throw new OptionsError({
      code: "TWO_KEYS",
      subject: "keyFile",
      found: `a file and the variable ${KEY_VARIABLE}`,
      expected: "one of the two",
    });
  }
  const key = keyFile === undefined ? variable : (await keyIn(keyFile)).split(/\r?\n/, 1)[0]!;
  if (key === undefined) {
    if (isLoopback(host)) return null;
    throw new OptionsError({
      code: "NO_KEY",
      subject: "host",
      found: `${host}, which others can reach, and no key`,
      expected: "a key, or a loopback address",
      fix: `Set ${KEY_VARIABLE} or a key file, such as one that openssl rand -hex 32 wrote`,
    });
  }
  if (key.length >= SHORTEST_KEY && /^[\x21-\x7e]+$/.test(key)) return key;
  throw new OptionsError({
    code: "BAD_KEY",
    subject: keyFile ?? KEY_VARIABLE,
    found: `a key of ${key.length} characters`,
    expected: `at least ${SHORTEST_KEY} letters, digits and signs of ASCII, without spaces`,
  });
}

async function keyIn(file: string): Promise<string> {
  return readFile(file, "utf8").catch((cause: NodeJS.ErrnoException) => {
    throw new OptionsError({
      code: "NO_KEY_FILE",
      subject: "keyFile",
      found: `${file} cannot be read (${cause.code})`,
      expected: "a file with a key in its first line",
      cause,
    });
  });
}

export interface AccessOptions extends Pick<ServeOptions, "host" | "hosts" | "origins"> {
  key: string | null;
}

/** Checks callers and keys. */
export class Access extends Callers {
  readonly #key: Buffer | null;

  constructor({ key, ...options }: AccessOptions) {
    super({
      ...options,
      fixes: { host: "fer serve --hosts names more", origin: "fer serve --origins names those that may ask" },
    });
    this.#key = key === null ? null : digest(key);
  }

  get needsKey(): boolean {
    return this.#key !== null;
  }

  /** @throws HttpProblem 401 where the key is missing or another. */
  checkKey({ authorization = "" }: IncomingHttpHeaders): void {
    if (this.#key === null) return;
    const [, given = ""] = /^Bearer ([\x21-\x7e]{1,4096})$/i.exec(authorization) ?? [];
    // Of digests, so that neither length nor content is told by the time it takes.
    if (timingSafeEqual(digest(given), this.#key) && given !== "") return;
    throw new HttpProblem(401, {
      code: "NO_KEY",
      message: "Send the key of this server: Authorization: Bearer <key>",
      headers: { "www-authenticate": "Bearer" },
    });
  }
}

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
