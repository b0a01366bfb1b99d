/** Bytes in memory, and then in a file that nobody sees. */
import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { ByteStore, splitRandom } from "@fer/core";
import { describe, expect, it } from "vitest";

const folders = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith("fer-bytes-"));

describe("ByteStore", () => {
  it.each([
    ["in memory", 1 << 30],
    ["in a file but for the last", 1 << 20],
    ["in a file from the first block on", 0],
  ])("reads back what was appended, %s", (_, held) => {
    const next = splitRandom(1, "bytes");
    const bytes = Uint8Array.from({ length: 5_000_001 }, () => Math.floor(256 * next()));
    const before = folders();
    const store = new ByteStore({ held });
    const begins: number[] = [];
    for (let at = 0; at < bytes.length;) {
      const part = bytes.subarray(at, at + 1 + Math.floor(next() * (at % 7 === 0 ? 2_500_000 : 900)));
      expect(store.append(part)).toBe(at);
      begins.push(at);
      at += part.length;
      if (at >= bytes.length) break;
    }
    expect(store.length).toBe(bytes.length);
    for (let i = 0; i < 300; i++) {
      const at = Math.floor(next() * bytes.length);
      const into = new Uint8Array(Math.min(Math.floor(next() * (i % 50 === 0 ? 3_000_000 : 700)), bytes.length - at));
      store.read(at, into);
      expect(Buffer.compare(into, bytes.subarray(at, at + into.length))).toBe(0);
    }
    expect(folders()).toEqual(before);
    store.close();
  });

  it("keeps a copy", () => {
    const store = new ByteStore();
    const bytes = Uint8Array.of(1, 2);
    store.append(bytes);
    bytes.fill(9);
    const into = new Uint8Array(2);
    store.read(0, into);
    expect([...into]).toEqual([1, 2]);
  });
});
