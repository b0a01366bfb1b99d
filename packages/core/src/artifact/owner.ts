/** Who holds a lock, in words that a process elsewhere can check: on this machine, in another container, on another host. */
import { randomUUID } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/** The content of a lock file. */
export interface Owner {
  /** Tells two locks of one process apart. */
  token: string;
  host: string;
  /** Processes that share a space have comparable ids: one boot of one kernel, one pid namespace. */
  space: string;
  pid: number;
  /** When the process started, in clock ticks since boot; `null` where the system does not say. */
  born: number | null;
  /** When the lock was taken, ISO 8601, for messages. */
  since: string;
}

/** This process. */
export function thisOwner(): Owner {
  return {
    token: randomUUID(),
    host: hostname(),
    space: processSpace(),
    pid: process.pid,
    born: birthOf(process.pid),
    since: new Date().toISOString(),
  };
}

/**
 * Whether the owner's process is gone. `undefined` where it cannot be told from here: the owner lives in another
 * container or on another host, and only its heartbeat can tell.
 */
export function isGone({ space, pid, born }: Owner): boolean | undefined {
  if (space !== processSpace()) return undefined;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return true;
  }
  // another process with the same number
  return born !== null && birthOf(pid) !== born;
}

/** One boot and one pid namespace (Linux); the host elsewhere. */
function processSpace(): string {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    return `${boot} ${readlinkSync("/proc/self/ns/pid")}`;
  } catch {
    return hostname();
  }
}

/** Start of a process in clock ticks since boot (Linux, proc(5), field 22). */
function birthOf(pid: number): number | null {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)!.split(" ");
    return Number(fields[19]);
  } catch {
    return null;
  }
}
