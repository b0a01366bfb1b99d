/** Ctrl-C in each stage: exit code 130, a message that says what was kept, and the same command goes on. */
import { spawn } from "node:child_process";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
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
  const closed = new Promise<{ code: number | null; by: NodeJS.Signals | null }>((done) =>
    // as a shell shows it
    child.once("close", (code, by) => done({ code: by === "SIGINT" ? 130 : code, by })),
  );
  while (child.exitCode === null && !ready(stderr)) await wait(5);
  const pressed = child.kill("SIGINT");
  return { pressed, ...(await closed), stderr };
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
    const closed = new Promise((done) => child.once("close", (...end) => done(end)));
    while (!stderr.includes("assemble out/features/faces: done")) await wait(5);
    // both are there before the work gets another turn
    child.kill("SIGINT");
    child.kill("SIGTERM");
    // a shell shows 130 or 143
    expect([
      [null, "SIGINT"],
      [null, "SIGTERM"],
    ]).toContainEqual(await closed);
    expect(stderr).not.toContain("interrupted.");
    expect((await warmFer(folder, "pipeline", "--overwrite")).code).toBe(0);
  });

  it("does not wait for a thread that is within a library", async () => {
    const folder = emptyFolder();
    writeFaces(join(folder, "faces"));
    expect((await warmFer(folder, "extract", "ckplus", "--from", "faces", "--to", "data")).code).toBe(0);
    expect((await warmFer(folder, "assemble", "data", "--name", "faces")).code).toBe(0);
    // nothing stops this thread, and process.exit waits for it: minutes
    writeFileSync(
      join(folder, "busy.mjs"),
      `import { pbkdf2Sync } from "node:crypto";
       import { parentPort } from "node:worker_threads";
       parentPort.postMessage("begun");
       pbkdf2Sync("", "", 2 ** 29, 64, "sha512");`,
    );
    writeFileSync(
      join(folder, "fer.config.mjs"),
      `import { once } from "node:events";
       import { Worker } from "node:worker_threads";
       const onTrainBegin = async () => {
         await once(new Worker(new URL("./busy.mjs", import.meta.url)), "message");
         console.error("it is busy");
       };
       export default { train: { callbacks: [{ name: "busy", onTrainBegin }] } };`,
    );
    const words = ["train", "features/faces", "--to", "run", "--architecture", "tiny", "--engine", "wasm"];
    const { by, stderr } = await interrupted(folder, [...words, "--epochs", "10"], (text) =>
      text.includes("it is busy"),
    );
    expect(stderr).toContain("interrupted. What was trained is kept beside run: the same command goes on");
    expect(by).toBe("SIGINT");
    expect((await warmFer(folder, ...words, "--epochs", "10", "--no-config", "--overwrite")).code).toBe(0);
  });
});
