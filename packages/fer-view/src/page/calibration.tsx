/** How far the probabilities can be believed: what is called 80 % should be right in 80 of 100. */
import type { TestedAnswer } from "../protocol.js";
import { DataTable, numberColumns } from "./data-table.js";
import { count, percent, wholePercent } from "./numbers.js";

const SIZE = 300;
const EDGE = 44;
const span = SIZE - EDGE - 10;
const x = (share: number): number => EDGE + share * span;
const y = (share: number): number => SIZE - EDGE - share * span;

export function Calibration({ bins, error }: { bins: TestedAnswer["calibration"]; error: number | null }) {
  const known = bins.filter((bin) => bin.count > 0);
  const most = Math.max(1, ...bins.map((bin) => bin.count));
  const words = known.map(({ confidence, accuracy }) => `${percent(confidence)} sure, ${percent(accuracy)} right`);
  return (
    <>
      <p>
        On the line, what it calls its confidence is how often it is right; below it, it is too sure of itself.
        {error !== null && ` It is off by ${percent(error)} on average (expected calibration error, 15 bins).`}
      </p>
      <div class="plots">
        <figure class="plot square">
          <figcaption>
            Calibration <small>larger dots: more images</small>
          </figcaption>
          <svg viewBox={`0 0 ${SIZE} ${SIZE}`} role="img" aria-label={`Calibration: ${words.join("; ")}`}>
            {[0, 0.25, 0.5, 0.75, 1].map((share) => (
              <g key={share}>
                <line class="grid" x1={x(0)} x2={x(1)} y1={y(share)} y2={y(share)} />
                <text x={EDGE - 6} y={y(share) + 4} text-anchor="end">
                  {wholePercent(share)}
                </text>
                <text x={x(share)} y={SIZE - EDGE + 18} text-anchor="middle">
                  {wholePercent(share)}
                </text>
              </g>
            ))}
            <text x={x(0.5)} y={SIZE - 6} text-anchor="middle">
              confidence
            </text>
            <text x={x(0) + 6} y={y(1) + 16}>
              right
            </text>
            <line class="axis" x1={x(0)} y1={y(0)} x2={x(1)} y2={y(1)} stroke-dasharray="4 4" />
            <path
              d={known
                .map(({ confidence, accuracy }, at) => `${at === 0 ? "M" : "L"}${x(confidence!)} ${y(accuracy!)}`)
                .join("")}
              stroke="var(--run-0)"
            />
            {known.map((bin) => (
              <circle
                key={bin.from}
                cx={x(bin.confidence!)}
                cy={y(bin.accuracy!)}
                r={3 + 6 * Math.sqrt(bin.count / most)}
                fill="var(--run-0)"
              >
                <title>{`${percent(bin.confidence)} sure, ${percent(bin.accuracy)} right, ${count(bin.count)} images`}</title>
              </circle>
            ))}
          </svg>
        </figure>
        <DataTable
          caption="By confidence"
          columns={numberColumns("confidence", "images", "mean", "right")}
          rows={known.map((bin) => [
            `${wholePercent(bin.from)} to ${wholePercent(bin.to)}`,
            count(bin.count),
            percent(bin.confidence),
            percent(bin.accuracy),
          ])}
        />
      </div>
    </>
  );
}
