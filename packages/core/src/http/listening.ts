/** Where a server listens: its address for people, and why it cannot listen. */
import type { AddressInfo } from "node:net";
import { OptionsError, systemRefusal } from "../errors.js";

/** Such as `http://127.0.0.1:8080`. */
export function addressOf({ family, address, port }: AddressInfo): string {
  return `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
}

/** The error for an address that cannot be listened at; what is wrong otherwise is given back as it is. */
export function cannotListen(error: unknown, { host, port }: { host: string; port: number }): unknown {
  const { code } = error as NodeJS.ErrnoException;
  const why =
    code === "EADDRINUSE"
      ? "something else listens there"
      : code === "EADDRNOTAVAIL" || code === "ENOTFOUND"
        ? "this machine has no such address"
        : systemRefusal(error)?.problem;
  if (why === undefined) return error;
  return new OptionsError({
    code: "CANNOT_LISTEN",
    subject: `${host}, port ${port}`,
    found: `${why} (${code})`,
    expected: "an address of this machine, and a port that is free and allowed",
    fix: "Choose another port; 0 takes a free one",
    cause: error,
  });
}
