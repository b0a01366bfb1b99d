/**
 * Who may ask. A server on the loopback address is open to every program of the machine, and to every page in its browser:
 * such a page is kept out by its Origin, and where it has pointed a name of its own at this address (DNS rebinding), by the
 * Host that it calls. Elsewhere a key is needed.
 */
import { OptionsError } from "@fer/core";
import { createHash, timingSafeEqual } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { IncomingHttpHeaders } from "node:http";
import { isIP } from "node:net";
import type { ServeOptions } from "../options.js";
import { HttpProblem } from "./problem.js";

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

/** Whether only this machine can reach an address. */
const isLoopback = (host: string): boolean =>
  host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));

/** Whether it stands for all addresses of the machine. */
const isAny = (host: string): boolean => host === "0.0.0.0" || host === "::";

export interface AccessOptions extends Pick<ServeOptions, "host" | "hosts" | "origins"> {
  key: string | null;
}

/** Checks requests. */
export class Access {
  readonly #key: Buffer | null;
  /** `null` for any. */
  readonly #hosts: ReadonlySet<string> | null;
  readonly #origins: ReadonlySet<string>;

  constructor({ host, hosts, origins, key }: AccessOptions) {
    this.#key = key === null ? null : digest(key);
    this.#origins = new Set(origins);
    // Who bears the key is no page that was led here.
    const isAnyHost = hosts.length === 0 && isAny(host);
    const names = ["localhost", "127.0.0.1", "::1", host, ...hosts].map((name) => name.toLowerCase());
    this.#hosts = isAnyHost ? null : new Set(names);
  }

  get needsKey(): boolean {
    return this.#key !== null;
  }

  /** @throws HttpProblem 403 for a page or a name that is not known. */
  checkCaller({ host, origin, "sec-fetch-site": site }: IncomingHttpHeaders): void {
    const name = host === undefined ? null : hostName(host);
    if (name === null || (this.#hosts !== null && !this.#hosts.has(name))) {
      throw new HttpProblem(403, {
        code: "FOREIGN_HOST",
        message: "The request calls this server by a name that it does not know; fer serve --hosts names more",
      });
    }
    if (origin === undefined ? site !== "cross-site" : this.allowsOrigin({ origin, host })) return;
    throw new HttpProblem(403, {
      code: "FOREIGN_ORIGIN",
      message: "The request comes from a page of another origin; fer serve --origins names those that may ask",
    });
  }

  /** Whether a page of this origin may ask: it is named, or this server's own. */
  allowsOrigin({ origin, host }: { origin: string; host: string | undefined }): boolean {
    return this.#origins.has(origin) || origin === `http://${host}` || origin === `https://${host}`;
  }

  /** Whether a page of this origin is told what it may do, since it is another server's. */
  isNamedOrigin(origin: string | undefined): origin is string {
    return origin !== undefined && this.#origins.has(origin);
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

/** Without port and brackets, in lower case; `null` where it is no host. */
function hostName(host: string): string | null {
  const [, name, address] = /^(?:([a-z0-9_.-]{1,255})|\[([0-9a-f:.]{2,45})\])(?::\d{1,5})?$/i.exec(host) ?? [];
  return (name ?? address)?.toLowerCase() ?? null;
}
