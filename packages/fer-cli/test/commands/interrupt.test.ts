/** Ctrl-C in each stage: exit code 130, a message that says what was kept, and the same command goes on. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { BIN, emptyFolder, fer } from "../fixtures/fer.js";
import { writeTinyConfig, writeTinyPipeline } from "../fixtures/tiny-pipeline.js";

/** Runs the pipeline and presses Ctrl-C as soon as stderr matches. */
async function interruptedAt(folder: string, pattern: RegExp): Promise<{ code: number | null; stderr: string }> {
  const child = spawn(process.execPath, [BIN, "pipeline"], { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
  let stderr = "";
  let pressed = false;
  child.stderr.on("data", (piece: Buffer) => {
    stderr += piece.toString();
    if (!pressed && pattern.test(stderr)) pressed = child.kill("SIGINT");
  });
  const code = await new Promise<number | null>((done) => child.on("close", done));
  return { code, stderr };
}

describe("Ctrl-C during fer pipeline", () => {
  it("ends a training at its next step, keeps finished stages, and the same command goes on", async () => {
    const folder = emptyFolder();
    writeTinyPipeline(folder, { epochs: 400 });
    const { code, stderr } = await interruptedAt(folder, /assemble: wrote/);
    expect(code).toBe(130);
    expect(stderr).toContain(
      "interrupted. Finished stages were kept: the same command goes on in the one that was interrupted.",
    );
    expect(existsSync(join(folder, "out/runs/faces"))).toBe(false);

    writeTinyConfig(folder, { epochs: 2 });
    const again = await fer(folder, "pipeline");
    expect(again.code).toBe(0);
    expect(again.stderr).toContain("assemble: finished already, kept out/features/faces");
    expect(existsSync(join(folder, "out/runs/faces/report.html"))).toBe(true);
  });
});
