/** `fer serve` as a process: what it says, and that SIGTERM lets it answer what it has accepted. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { BIN, emptyFolder, fer } from "../fixtures/fer.js";

const frames = join(import.meta.dirname, "../../../../examples/data/ckplus/4");
const face = readFileSync(join(frames, readdirSync(frames).sort()[0]!));

/** Starts it, and waits until it listens. */
async function started(...words: string[]) {
  const child = spawn(process.execPath, [BIN, "serve", "--port", "0", "--views", "1", "--threads", "1", ...words], {
    cwd: emptyFolder(),
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const text = { stdout: "", stderr: "" };
  child.stdout.on("data", (piece: Buffer) => (text.stdout += piece.toString()));
  child.stderr.on("data", (piece: Buffer) => (text.stderr += piece.toString()));
  const ended = once(child, "exit") as Promise<[code: number | null, by: NodeJS.Signals | null]>;
  await expect.poll(() => text.stderr, { timeout: 60_000 }).toMatch(/listening at/);
  const url = /listening at (\S+);/.exec(text.stderr)![1]!;
  const predict = () =>
    fetch(`${url}/v1/predict`, { method: "POST", body: face, headers: { "content-type": "image/png" } });
  return { child, text, ended, url, predict };
}

describe("fer serve", { timeout: 120_000 }, () => {
  it.each([
    ["one process", []],
    ["two processes", ["--workers", "2"]],
  ])(
    "in %s: answers, logs JSON to stdout, and on SIGTERM answers what it has accepted and exits with 0",
    async (_, words) => {
      const { child, text, ended, url, predict } = await started(...words);
      const answer = await predict();
      expect(answer.status).toBe(200);
      expect(await answer.json()).toMatchObject({ images: [{ width: 256, height: 256, faces: [{ box: null }] }] });
      const accepted = Array.from({ length: 6 }, predict);
      await expect
        .poll(async () =>
          Number(/^fer_requests_under_way (\d+)$/m.exec(await (await fetch(`${url}/metrics`)).text())?.[1]),
        )
        .toBeGreaterThan(0);
      child.kill("SIGTERM");
      const statuses = (await Promise.allSettled(accepted)).map((each) =>
        each.status === "fulfilled" ? each.value.status : 0,
      );
      expect(statuses).toContain(200);
      expect(await ended).toEqual([0, null]);
      const lines = text.stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as { msg: string; status?: number });
      expect(lines.map(({ msg }) => msg)).toContain("listening");
      const answered = lines.filter(({ msg, status }) => msg === "request" && status === 200).length;
      expect(answered).toBeGreaterThanOrEqual(1 + statuses.filter((status) => status === 200).length);
      expect(text.stderr).not.toContain("error");
    },
  );

  it("does not start at an address of others without a key, and says how", async () => {
    const { code, stdout, stderr } = await fer(emptyFolder(), "serve", "--host", "0.0.0.0");
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr.split("\n\n")[0]).toMatchInlineSnapshot(
      `"error: host: 0.0.0.0, which others can reach, and no key. Expected a key, or a loopback address. Set FER_SERVE_KEY or a key file, such as one that openssl rand -hex 32 wrote."`,
    );
  });
});
