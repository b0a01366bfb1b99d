/** Waiting for work that hears no signal: as long as it takes, or until somebody says to stop. */
import { getEventListeners } from "node:events";
import { untilAborted } from "@fer/core";
import { describe, expect, it } from "vitest";

const never = new Promise<never>(() => {});

describe("untilAborted", () => {
  it("gives what the work gives, and leaves no listener behind", async () => {
    const { signal } = new AbortController();
    expect(await untilAborted(Promise.resolve(7), signal)).toBe(7);
    await expect(untilAborted(Promise.reject(new Error("broken")), signal)).rejects.toThrow("broken");
    expect(await untilAborted(Promise.resolve(7), undefined)).toBe(7);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  it("rejects with the reason as soon as the signal is aborted, before the work or within it", async () => {
    const controller = new AbortController();
    const waiting = untilAborted(never, controller.signal);
    const reason = new Error("Ctrl-C");
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    await expect(untilAborted(Promise.resolve(7), controller.signal)).rejects.toBe(reason);
  });

  it("work that fails after that is nobody's error", async () => {
    const controller = new AbortController();
    let fail: (error: Error) => void;
    const work = new Promise<never>((_, reject) => (fail = reject));
    const waiting = untilAborted(work, controller.signal);
    controller.abort(new Error("Ctrl-C"));
    await expect(waiting).rejects.toThrow("Ctrl-C");
    fail!(new Error("too late"));
    await new Promise((resolve) => setImmediate(resolve));
  });
});
