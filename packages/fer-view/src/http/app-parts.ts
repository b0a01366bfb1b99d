/** What the routes are made of. */
import type { Callers } from "@fer/core/http";
import type { Catalog } from "../artifacts/catalog.js";
import type { Live } from "../live/live.js";
import type { ViewOptions } from "../options.js";
import type { Occlusions } from "../runs/occlusion.js";
import type { TestedRuns } from "../runs/tested-runs.js";
import type { OpenSets } from "../sets/open-sets.js";

export interface AppParts {
  options: ViewOptions;
  token: string;
  catalog: Catalog;
  live: Live;
  sets: OpenSets;
  tested: TestedRuns;
  occlusions: Occlusions;
  callers: Callers;
}
