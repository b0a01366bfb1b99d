/**
 * One URL to the bytes of an image, or to the reason why not. Follows redirects itself, so that every hop is checked;
 * limits time and size; takes nothing for an image that does not decode.
 */
import { lookup as resolveHost } from "node:dns";
import { get as getHttp, type IncomingMessage } from "node:http";
import { get as getHttps } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import type { Decoder } from "../image/decode.js";
import { readHeader } from "../image/header.js";

export interface FetchOptions {
  decode: Decoder;
  /** Milliseconds for the whole exchange, redirects included. */
  timeout: number;
  maxBytes: number;
  /** Which addresses may be connected to (`isPublicAddress`, unless a test says otherwise). */
  allow: (address: string) => boolean;
  signal?: AbortSignal | undefined;
}

/** One exchange: the options, when it has to be over, and what ends it. */
interface Exchange extends FetchOptions {
  deadline: AbortSignal;
  stop: AbortSignal;
}

/** What became of one attempt. `transient` failures are worth another one. */
export type FetchResult = { bytes: Buffer } | { reason: FetchFailure; detail: string; transient: boolean };

/** Reasons, a closed list. */
export type FetchFailure =
  | "bad-url"
  | "private-address"
  | "dns"
  | "network"
  | "timeout"
  | "http-status"
  | "too-large"
  | "redirects"
  | "not-an-image";

const MAX_REDIRECTS = 5;
const TRANSIENT_STATUS = new Set([408, 425, 429, 500, 502, 503, 504]);

const failure = (
  reason: FetchFailure,
  { detail, transient = false }: { detail: string; transient?: boolean },
): FetchResult => ({
  reason,
  detail,
  transient,
});

export async function fetchImage(url: string, options: FetchOptions): Promise<FetchResult> {
  const { signal } = options;
  const deadline = AbortSignal.timeout(options.timeout);
  const stop = signal ? AbortSignal.any([deadline, signal]) : deadline;
  const exchange: Exchange = { ...options, deadline, stop };
  let next = url;
  for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
    const target = URL.canParse(next) ? new URL(next) : undefined;
    if (target === undefined || !/^https?:$/.test(target.protocol))
      return failure("bad-url", { detail: `not an http(s) address: ${next}` });
    let response: IncomingMessage;
    try {
      response = await open(target, exchange);
    } catch (error) {
      signal?.throwIfAborted();
      return networkFailure(error, deadline.aborted);
    }
    const { statusCode = 0, headers } = response;
    if (statusCode >= 300 && statusCode < 400 && headers.location !== undefined) {
      response.destroy();
      next = URL.canParse(headers.location, target.href)
        ? new URL(headers.location, target.href).href
        : headers.location;
      continue;
    }
    if (statusCode !== 200) {
      response.destroy();
      return failure("http-status", { detail: `status ${statusCode}`, transient: TRANSIENT_STATUS.has(statusCode) });
    }
    return read(response, exchange);
  }
  return failure("redirects", { detail: `more than ${MAX_REDIRECTS} redirects` });
}

class PrivateAddressError extends Error {}

function open(url: URL, { allow, stop: signal }: Exchange): Promise<IncomingMessage> {
  const host = url.hostname.replaceAll(/^\[|\]$/g, "");
  if (isIP(host) !== 0 && !allow(host)) return Promise.reject(new PrivateAddressError(host));
  // oxlint-disable-next-line max-params -- the parameters are Node's
  const lookup: LookupFunction = (name, options, callback) => {
    resolveHost(name, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, "", 0);
      const wrong = addresses.find(({ address }) => !allow(address));
      if (wrong) return callback(new PrivateAddressError(`${name} is ${wrong.address}`), "", 0);
      if (options.all) return (callback as unknown as (e: null, all: typeof addresses) => void)(null, addresses);
      return callback(null, addresses[0]!.address, addresses[0]!.family);
    });
  };
  return new Promise((resolve, reject) => {
    const get = url.protocol === "https:" ? getHttps : getHttp;
    // a fresh connection each time: an idle socket that the server closed would look like a failure
    get(
      url,
      { lookup, signal, agent: false, headers: { "user-agent": "fer-dataset-extractors", accept: "image/*" } },
      resolve,
    ).on("error", reject);
  });
}

async function read(response: IncomingMessage, { maxBytes, decode, deadline, signal }: Exchange): Promise<FetchResult> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > maxBytes) {
        response.destroy();
        return failure("too-large", { detail: `more than ${maxBytes} bytes` });
      }
      chunks.push(chunk);
    }
  } catch (error) {
    signal?.throwIfAborted();
    return networkFailure(error, deadline.aborted);
  }
  const bytes = Buffer.concat(chunks);
  const header = readHeader(bytes);
  if (typeof header === "string") return failure("not-an-image", { detail: header });
  try {
    await decode(bytes, header);
  } catch (error) {
    return failure("not-an-image", {
      detail: `damaged ${header.format}: ${(error as Error).message.split("\n", 1)[0]}`,
    });
  }
  return { bytes };
}

function networkFailure(error: unknown, timedOut: boolean): FetchResult {
  if (timedOut) return failure("timeout", { detail: "took too long", transient: true });
  if (error instanceof PrivateAddressError) return failure("private-address", { detail: error.message });
  const { code = "", message } = error as NodeJS.ErrnoException;
  if (code === "ENOTFOUND") return failure("dns", { detail: `no such host (${code})` });
  if (code === "EAI_AGAIN")
    return failure("dns", { detail: `the name server did not answer (${code})`, transient: true });
  return failure("network", { detail: code || message, transient: true });
}
