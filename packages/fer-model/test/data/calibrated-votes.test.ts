import { expect, test } from "vitest";
import { calibratedVotes } from "../../dist/data/calibrated-votes.js";

const turn = async () => {};
const classes = ["neutral", "anger", "happy"];

/** Who votes says "happy" where who labels says "anger", and the other way round, and one label in four is noise. */
function samples() {
  const votes = new Float32Array(120 * 3);
  const labels = new Uint8Array(120);
  for (let i = 0; i < 120; i++) {
    const row = [(i * 7) % 5, (i * 3) % 4, Math.floor(i / 5) % 3];
    votes.set(row, i * 3);
    labels[i] = i % 4 === 0 ? (i + (row[1]! > row[0]! ? 1 : 0)) % 3 : [0, 2, 1][row.indexOf(Math.max(...row))]!;
  }
  return { votes, labels, classes };
}

const sumOf = (row: Float32Array) => row.reduce((sum, value) => sum + value, 0);

test("are the probabilities of scikit-learn's multinomial regression on the same features", async () => {
  const found = await calibratedVotes(samples(), turn);
  // scikit-learn 1.9.1: LogisticRegression(C=1 / (1e-4 * 118), fit_intercept=False, tol=1e-12) of [log(share + 0.1), 1]
  const golden = {
    1: [0.308707, 0.046141, 0.645153],
    2: [0.972709, 0.003349, 0.023942],
    3: [0.806573, 0.0157, 0.177727],
    4: [0.308381, 0.376392, 0.315227],
    50: [0, 0.06755, 0.93245],
  };
  for (const [row, expected] of Object.entries(golden)) {
    const at = Number(row) * 3;
    for (const [label, p] of expected.entries()) expect(found[at + label]).toBeCloseTo(p, 4);
  }
});

test("have rows that sum to 1, and NaN where nobody voted", async () => {
  const { votes, ...rest } = samples();
  votes.fill(Number.NaN, 30, 33);
  const found = await calibratedVotes({ votes, ...rest }, turn);
  const sums = Array.from({ length: 120 }, (_, row) => sumOf(found.subarray(row * 3, row * 3 + 3)));
  const hasVotes = Array.from({ length: 120 }, (_, row) => sumOf(votes.subarray(row * 3, row * 3 + 3)) > 0);
  expect(sums.map((sum) => (Number.isNaN(sum) ? null : Math.round(sum * 1e6) / 1e6))).toEqual(
    hasVotes.map((has) => (has ? 1 : null)),
  );
  expect(hasVotes.filter((has) => !has)).toHaveLength(3);
});

test("do not ask for more than one class, or for any votes", async () => {
  const votes = Float32Array.of(2, 1, 0, 0, 0, 3);
  const one = await calibratedVotes({ votes, labels: Uint8Array.of(2, 2), classes }, turn);
  expect([...one].map((p) => Math.round(p))).toEqual([0, 0, 1, 0, 0, 1]);
  const none = await calibratedVotes({ votes: new Float32Array(6), labels: Uint8Array.of(0, 1), classes }, turn);
  expect([...none].every(Number.isNaN)).toBe(true);
});

test("are refused where votes are none", async () => {
  const votes = Float32Array.of(1, Number.NaN, 0);
  const bad = calibratedVotes({ votes, labels: Uint8Array.of(0), classes }, turn);
  await expect(bad).rejects.toMatchObject({ code: "BAD_VOTES" });
});
