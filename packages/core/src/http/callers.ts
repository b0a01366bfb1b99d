/**
 * Who may ask a server of this machine. At the loopback address it is open to every program of the machine, and to every
 * page in its browser: such a page is kept out by its Origin, and where it has pointed a name of its own at this address
 * (DNS rebinding), by the Host that it calls.
 */
import type { IncomingHttpHeaders } from "node:http";
import { isIP } from "node:net";
import { HttpProblem } from "./http-problem.js";

/** Whether only this machine can reach an address. */
export const isLoopback = (host: string): boolean =>
  host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));

/** Whether it stands for all addresses of the machine. */
const isAny = (host: string): boolean => host === "0.0.0.0" || host === "::";

export interface CallersOptions {
  /** Address that the server listens at. */
  host: string;
  /** Names that it may be called by, beside that address and localhost. */
  hosts?: readonly string[];
  /** Pages, as `https://example.org`, whose scripts may ask. */
  origins?: readonly string[];
  /** What to do about a refusal, after a semicolon. */
  fixes?: { host: string; origin: string };
}

/** Checks by what name, and from which page, a server is called. */
export class Callers {
  /** `null` for any: who bears the key of a server at all addresses was not led here by another page. */
  readonly #hosts: ReadonlySet<string> | null;
  readonly #origins: ReadonlySet<string>;
  readonly #fixes: CallersOptions["fixes"];

  constructor({ host, hosts = [], origins = [], fixes }: CallersOptions) {
    this.#origins = new Set(origins);
    const isAnyHost = hosts.length === 0 && isAny(host);
    const names = ["localhost", "127.0.0.1", "::1", host, ...hosts].map((name) => name.toLowerCase());
    this.#hosts = isAnyHost ? null : new Set(names);
    this.#fixes = fixes;
  }

  /** @throws HttpProblem 403 for a page or a name that is not known. */
  checkCaller({ host, origin, "sec-fetch-site": site }: IncomingHttpHeaders): void {
    const name = host === undefined ? null : hostName(host);
    if (name === null || (this.#hosts !== null && !this.#hosts.has(name))) {
      throw new HttpProblem(403, {
        code: "FOREIGN_HOST",
        message: sentence("The request calls this server by a name that it does not know", this.#fixes?.host),
      });
    }
    if (origin === undefined ? site !== "cross-site" : this.allowsOrigin({ origin, host })) return;
    throw new HttpProblem(403, {
      code: "FOREIGN_ORIGIN",
      message: sentence("The request comes from a page of another origin", this.#fixes?.origin),
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
}

const sentence = (found: string, fix: string | undefined): string => (fix === undefined ? found : `${found}; ${fix}`);

/** Without port and brackets, in lower case; `null` where it is no host. */
function hostName(host: string): string | null {
  const [, name, address] = /^(?:([a-z0-9_.-]{1,255})|\[([0-9a-f:.]{2,45})\])(?::\d{1,5})?$/i.exec(host) ?? [];
  return (name ?? address)?.toLowerCase() ?? null;
}
