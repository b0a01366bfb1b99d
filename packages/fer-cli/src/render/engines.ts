/** What `fer engines` says. */
import type { EngineStatus } from "@fer/model";
import { table } from "./table.js";

/** An engine, and its training speed where it was measured. */
export interface EngineRow extends EngineStatus {
  imagesPerSecond?: number;
}

/** One line an engine, then how to get those that are missing. */
export function renderEngines(rows: readonly EngineRow[]): string {
  const measured = rows.some((row) => row.imagesPerSecond !== undefined);
  const shown = rows.map((row) => [
    row.name,
    row.available ? "yes" : "no",
    ...(measured ? [row.imagesPerSecond === undefined ? null : Math.round(row.imagesPerSecond)] : []),
    row.device,
    row.version,
    row.reason ?? "",
  ]);
  const installs = rows.filter((row) => !row.available && row.install).map((row) => `  ${row.name}: ${row.install}`);
  return [
    table(["engine", "runs here", ...(measured ? ["images/s"] : []), "device", "version", "why not"], shown),
    ...(installs.length > 0 ? ["", "to get more:", ...installs] : []),
  ].join("\n");
}
