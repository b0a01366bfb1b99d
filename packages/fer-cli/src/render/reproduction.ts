/** What `fer reproduce` says. */
import type { Reproduction } from "@fer/model";
import { percent, table } from "../output/table.js";

/** The verdict in a line, then what it rests on. */
export function renderReproduction({ run, again, verdict, files, otherwise, scores, tolerance }: Reproduction): string {
  const points = Number((100 * tolerance).toFixed(2));
  const said = {
    identical: `reproduced: ${files.length} files of weights, history and predictions have the same bytes`,
    close: `reproduced elsewhere: bytes differ, and scores by at most ${points} points`,
    different:
      otherwise.length === 0
        ? "not reproduced: bytes differ on the same processor, engine and versions"
        : `not reproduced: scores differ by more than ${points} points`,
  };
  const equal = (isEqual: boolean): string => (isEqual ? "equal" : "differs");
  const rows = scores.map(({ name, there, here }) => [name, percent(there), percent(here)]);
  return [
    `${run} ${said[verdict]}${again === null ? "" : `; the second run is ${again}`}`,
    ...(otherwise.length === 0 ? [] : ["", "otherwise than there:", ...otherwise.map((each) => `  ${each}`)]),
    "",
    table(["", "there", "here"], rows),
    ...(verdict === "identical"
      ? []
      : [
          "",
          table(
            ["file", "bytes"],
            files.map(({ file, isEqual }) => [file, equal(isEqual)]),
          ),
        ]),
  ].join("\n");
}
