/** What `fer engines` says. */
import type { EngineStatus } from "@fer/model";
import { table } from "./table.js";

/** One line an engine, then how to get those that are missing. */
export function renderEngines(rows: readonly EngineStatus[]): string {
  const shown = rows.map((row) => [row.name, row.available ? "yes" : "no", row.device, row.version, row.reason ?? ""]);
  const installs = rows.filter((row) => !row.available && row.install).map((row) => `  ${row.name}: ${row.install}`);
  return [
    table(["engine", "runs here", "device", "version", "why not"], shown),
    ...(installs.length > 0 ? ["", "to get more:", ...installs] : []),
  ].join("\n");
}
