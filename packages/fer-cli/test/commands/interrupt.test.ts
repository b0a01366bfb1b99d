/** Ctrl-C in each stage: exit code 130, a message that says what was kept, and the same command goes on. */
import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { writeFaces } from "../fixtures/faces.js";
import { BIN, emptyFolder } from "../fixtures/fer.js";
import { writeTinyPipeline } from "../fixtures/tiny-pipeline.js";
import { warmFer } from "../fixtures/warm-fer.js";

/** Runs a command and presses Ctrl-C as soon as `ready` says so. */
async function interrupted(folder: string, words: string[], ready: (stderr: string) => boolean) {
  const child = spawn(process.execPath, [BIN, ...words], { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
  let stderr = "";
  child.stderr.on("data", (piece: Buffer) => (stderr += piece.toString()));
  const closed = new Promise<number | null>((done) => child.once("close", done));
  while (child.exitCode === null && !ready(stderr)) await wait(5);
  const pressed = child.kill("SIGINT");
  return { pressed, code: await closed, stderr };
}

const holds = (folder: string, pattern: RegExp): boolean =>
  existsSync(folder) && readdirSync(folder, { recursive: true }).some((name) => pattern.test(String(name)));

describe("Ctrl-C", { timeout: 300_000 }, () => {
  it("during fer extract keeps finished images, and the same command goes on", async () => {
    const folder = emptyFolder();
    writeFaces(join(folder, "faces"), { subjects: 60, frames: 4 });
    const words = ["extract", "folders", "--from", "faces", "--to", "data", "--workers", "1"];
    const { code, stderr } = await interrupted(folder, words, () => holds(join(folder, ".data.partial"), /\.png$/));
    expect(stderr).toBe(
      "stopping after this step; Ctrl-C again ends at once\ninterrupted. Finished images were kept: the same command goes on from there.\n",
    );
    expect(code).toBe(130);
    expect(existsSync(join(folder, "data"))).toBe(false);
    const again = await warmFer(folder, ...words, "--json");
    expect(JSON.parse(again.stdout)).toMatchObject({ total: 1680 });
  });

  it("during fer assemble leaves no half-written set, and the same command starts it again", async () => {
    const folder = emptyFolder();
    writeFaces(join(folder, "faces"), { subjects: 60, frames: 4 });
    expect((await warmFer(folder, "extract", "ckplus", "--from", "faces", "--to", "data")).code).toBe(0);
    const words = ["assemble", "data", "--name", "faces", "--workers", "1"];
    const { code, stderr } = await interrupted(folder, words, () => holds(join(folder, "features"), /images/));
    expect(stderr).toContain("interrupted. No half-written set was left: the same command starts it again.\n");
    expect(code).toBe(130);
    expect(existsSync(join(folder, "features/faces.json"))).toBe(false);
    expect((await warmFer(folder, ...words)).code).toBe(0);
  });

  it("during the training of a pipeline keeps finished stages, and the same command goes on", async () => {
    const folder = emptyFolder();
    writeTinyPipeline(folder, { epochs: 30 });
    const { code, stderr } = await interrupted(folder, ["pipeline"], (text) =>
      text.includes("assemble out/features/faces: done"),
    );
    expect(stderr).toContain(
      "interrupted. Finished stages were kept: the same command goes on in the one that was interrupted.\n",
    );
    expect(code).toBe(130);
    expect(existsSync(join(folder, "out/runs/faces"))).toBe(false);

    const again = await warmFer(folder, "pipeline");
    expect(again.code).toBe(0);
    expect(again.stderr).toContain("assemble out/features/faces: kept");
    expect(existsSync(join(folder, "out/runs/faces/report.html"))).toBe(true);
  });

  it("a second time ends at once, whatever the first one waits for", async () => {
    const folder = emptyFolder();
    writeTinyPipeline(folder, { epochs: 30 });
    const child = spawn(process.execPath, [BIN, "pipeline"], { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
    let stderr = "";
    child.stderr.on("data", (piece: Buffer) => (stderr += piece.toString()));
    const closed = new Promise<number | null>((done) => child.once("close", done));
    while (!stderr.includes("assemble out/features/faces: done")) await wait(5);
    // both are there before the work gets another turn
    child.kill("SIGINT");
    child.kill("SIGTERM");
    expect(await closed).toBe(130);
    expect(stderr).not.toContain("interrupted.");
    expect((await warmFer(folder, "pipeline", "--overwrite")).code).toBe(0);
  });
});
