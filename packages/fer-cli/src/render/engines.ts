/** What `fer engines` says. */
import type { EngineStatus } from "@fer/model";
import { table } from "../output/table.js";

/** Until somebody with a card has run the comparison. */
export const UNMEASURED = "not yet measured on a GPU";

/** An engine, and its training speed where it was measured. */
export interface EngineRow extends EngineStatus {
  imagesPerSecond?: number;
  /** The net of that figure. */
  architecture?: string;
  /** What to know about it. */
  note?: string;
}

/** One line an engine, then how to get those that are missing. */
export function renderEngines(rows: readonly EngineRow[]): string {
  const measured = rows.some((row) => row.imagesPerSecond !== undefined);
  const shown = rows.map((row) => [
    row.name,
    row.available ? "yes" : "no",
    ...(measured ? [speedOf(row), row.architecture] : []),
    row.device,
    row.version,
    row.reason ?? row.note ?? "",
  ]);
  const installs = rows.filter((row) => !row.available && row.install).map((row) => `  ${row.name}: ${row.install}`);
  return [
    table(
      ["engine", "runs here", ...(measured ? ["images/s", "of"] : []), "device", "version", "why not, or what to know"],
      shown,
    ),
    "",
    `tensorflow on CUDA, webgpu: ${UNMEASURED}`,
    ...(installs.length > 0 ? ["", "to get more:", ...installs] : []),
  ].join("\n");
}

const speedOf = ({ imagesPerSecond: speed }: EngineRow): number | null =>
  speed === undefined ? null : speed < 10 ? Math.round(speed * 100) / 100 : Math.round(speed);
