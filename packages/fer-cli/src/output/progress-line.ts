/** The text of a progress report: share, rate and time left. Pure, so that terminals and log files share it. */
import type { Progress } from "@fer/dataset-extractors";

/** `extract 1,200/28,709 images  4.2 %  310/s  89 s left`. `seconds` is the time since the stage began. */
export function progressLine(progress: Progress, seconds: number): string {
  const { stage, done, total, unit, message } = progress;
  const rate = seconds > 0 ? done / seconds : 0;
  const parts = [`${stage} ${count(done)}${total === null ? "" : `/${count(total)}`} ${unit}`];
  if (total !== null && total > 0) parts.push(`${Math.floor((100 * done) / total)} %`);
  if (rate > 0 && seconds >= 1)
    parts.push(rate >= 1 ? `${count(Math.round(rate))}/s` : `${(1 / rate).toFixed(1)} s each`);
  if (rate > 0 && total !== null && done < total && seconds >= 1) parts.push(`${duration((total - done) / rate)} left`);
  if (message !== undefined) parts.push(message);
  return parts.join("  ");
}

/** `28,709`. */
export function count(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: 1 });
}

/** `45 s`, `3 min 20 s`, `2 h 5 min`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 90) return `${whole} s`;
  if (whole < 5400) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
