/** Accuracy of datasets or people, with the interval that chance alone leaves. */
import type { Share } from "../protocol.js";
import { count, percent } from "./numbers.js";

export interface SharesProps {
  caption: string;
  /** What a row is. */
  what: string;
  shares: readonly Share[];
  /** Opens the faces of a row. */
  onOpen?: (name: string) => void;
}

export const Shares = ({ caption, what, shares, onOpen }: SharesProps) => (
  <div class="table scrolls" tabIndex={0} role="region" aria-label={caption}>
    <table>
      <caption>{caption}</caption>
      <thead>
        <tr>
          <th scope="col">{what}</th>
          <th scope="col" class="number">
            images
          </th>
          <th scope="col" class="number">
            right
          </th>
          <th scope="col">interval of 95 %</th>
        </tr>
      </thead>
      <tbody>
        {shares.map(({ name, count: n, right, low, high }) => (
          <tr key={name}>
            <th scope="row" class="path">
              {onOpen === undefined ? (
                name
              ) : (
                <button type="button" class="link" onClick={() => onOpen(name)}>
                  {name}
                </button>
              )}
            </th>
            <td class="number">{count(n)}</td>
            <td class="number">{percent(right / n)}</td>
            <td class="interval">
              <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
                <line class="grid" x1="0" x2="100" y1="5" y2="5" />
                <rect x={100 * low} width={Math.max(1, 100 * (high - low))} y="2" height="6" />
                <rect class="at" x={(100 * right) / n - 0.6} width="1.2" height="10" />
              </svg>
              <span>
                {percent(low)} to {percent(high)}
              </span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
);
