/**
 * Runs a program for a process that may be killed at any moment: `node supervise.js <program> [argument ...]`. The
 * program ends when standard input does, which the system closes with the process at its other end, however that ends.
 */
import { spawn } from "node:child_process";

const [program, ...args] = process.argv.slice(2);
const child = spawn(program!, args, {
  stdio: ["ignore", "inherit", "inherit"],
  // a group of its own, so that what it starts ends with it
  detached: process.platform !== "win32",
});
const end = (): void => {
  try {
    process.kill(process.platform === "win32" ? child.pid! : -child.pid!, "SIGKILL");
  } catch {
    // it has ended by itself
  }
};
child.on("error", (error) => {
  process.stderr.write(error.message);
  process.exit(127);
});
child.on("close", (status) => process.exit(status ?? 1));
process.stdin.on("close", end).resume();
