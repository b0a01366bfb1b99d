/**
 * What every policy promises, whatever the data: nothing on two sides, nothing lost, the same from samples in another order
 * and from the same seed again, groups whole where it says so. Each property is tried on {@link CASES} generated cases.
 */
import {
  type FoldPositions,
  policies,
  POLICY_NAMES,
  type PolicyName,
  type SplitItem,
  type SplitPolicy,
  type SplitSettings,
} from "@fer/split-assembler";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { generatedItems, generatedSettings, turnedBy } from "../fixtures/generated-items.ts";

const CASES = 100;
const PARTS = ["train", "val", "test"] as const;
type Sides = Record<(typeof PARTS)[number], readonly number[]>;

interface Case {
  items: SplitItem[];
  settings: SplitSettings;
  /** Positions of those that the policy was told to take; all where left out. */
  taken?: ReadonlySet<string>;
}

const settings = generatedSettings({ testShares: [0, 0.2, 0.5] });
const official = generatedItems({ splits: ["train", "val", "test"], maxLength: 120 });
const plain: fc.Arbitrary<Case> = fc.record({ items: official, settings });
/** Four samples of a class and four people, so that four folds are possible. */
const folded: fc.Arbitrary<Case> = fc.record({
  items: generatedItems({ splits: ["all"], always: 4, maxLength: 100 }),
  settings: generatedSettings({ testShares: [0.2], folds: 4 }),
});

/** The samples dealt out to three datasets, each with people of its own. */
const acrossDatasets = fc
  .record({
    items: generatedItems({ splits: ["all"], always: 6, maxLength: 100 }),
    settings,
    test: fc.subarray(["a", "b", "c"], { minLength: 1, maxLength: 2 }),
  })
  .map(({ items, settings: given, test }): Case => {
    const dealt = items.map((item, i): SplitItem => {
      const dataset = "abc"[i % 3]!;
      return { ...item, key: item.key.replace("fixture", dataset), group: item.group!.replace("fixture", dataset) };
    });
    return { items: dealt, settings: { ...given, test } };
  });

/** A list that deals out the samples, some of them to no part. */
const listed = (folds: number): fc.Arbitrary<Case> =>
  fc
    .record({
      items: generatedItems({ splits: ["all"], always: 4, maxLength: 60 }),
      settings,
      dealt: fc.array(fc.constantFrom("train", "test", "none"), { minLength: 64 * folds, maxLength: 64 * folds }),
    })
    .map(({ items, settings: given, dealt }): Case => {
      const fold = (k: number) => {
        const of = (part: string) => items.flatMap(({ key }, i) => (dealt[64 * k + i] === part ? [key] : []));
        return { name: null, train: of("train"), val: [], test: of("test") };
      };
      const list = { file: "list.csv", isFolded: folds > 1, listed: Array.from({ length: folds }, (_, k) => fold(k)) };
      return {
        items,
        settings: { ...given, list },
        taken: new Set(list.listed.flatMap(({ train, test }) => train.concat(test))),
      };
    });

const SPECIAL: Partial<Record<PolicyName, fc.Arbitrary<Case>>> = {
  // where the owner has set validation apart, none is carved
  official: fc.oneof(
    plain.map(({ items, settings: given }): Case => ({ items, settings: { ...given, valShare: 0 } })),
    fc.record({ items: generatedItems({ splits: ["train", "test"], always: 2, maxLength: 120 }), settings }),
  ),
  "cross-dataset": acrossDatasets,
  "from-file": listed(1),
  "folds-from-file": listed(3),
};
const casesOf = (name: PolicyName): fc.Arbitrary<Case> =>
  SPECIAL[name] ?? (policies[name].kind === "folds" ? folded : plain);

/** Between which parts a policy leaves groups whole; of the others only `ratio`, `original` and `kfold` do not look at them. */
const WHOLE: Partial<Record<PolicyName, readonly (typeof PARTS)[number][]>> = {
  subject: PARTS,
  group: PARTS,
  "subject-kfold": PARTS,
  "group-kfold": PARTS,
  "subject-modulo": PARTS,
  "leave-one-subject-out": PARTS,
  "cross-dataset": PARTS,
  // the owner, or who made the list, has decided about test
  official: ["train", "val"],
  "from-file": ["train", "val"],
  "folds-from-file": ["train", "val"],
};

/** Positions on each side, of a policy of parts in one fold. */
function sidesOf(name: PolicyName, { items, settings: given }: Case): Sides[] {
  const policy: SplitPolicy = policies[name];
  if (policy.kind === "folds")
    return policy
      .fold(items, given)
      .map((fold: FoldPositions) => ({ train: [...fold.train], val: [...fold.val], test: [...fold.test] }));
  const parts = policy.assign(items, given);
  const of = (part: (typeof PARTS)[number]) => parts.flatMap((all, i) => (all.includes(part) ? [i] : []));
  return [{ train: of("train"), val: of("val"), test: of("test") }];
}

let tried = 0;
function holds(name: PolicyName, property: (each: Case, turn: number) => void): void {
  fc.assert(
    fc.property(casesOf(name), fc.nat(), (each, turn) => {
      tried += 1;
      property(each, turn);
    }),
    { numRuns: CASES },
  );
}

describe.each(POLICY_NAMES)(`policy %s, on ${CASES} cases each`, (name) => {
  it("puts every sample that it takes on one side, and loses none", () => {
    holds(name, (each) => {
      const sides = sidesOf(name, each);
      const { items, taken } = each;
      const used = new Set<string>();
      for (const side of sides) {
        const all = PARTS.flatMap((part) => side[part]);
        expect(new Set(all).size).toBe(all.length);
        for (const i of all) used.add(items[i]!.key);
        expect(all.length).toBe(taken === undefined ? items.length : all.length);
      }
      expect(used).toEqual(taken ?? new Set(items.map(({ key }) => key)));
      // of folds that are not listed every sample is tested in one
      const every = [...items.keys()];
      const tested = sides.flatMap(({ test }) => test).sort((a, b) => a - b);
      expect(policies[name].kind === "folds" && taken === undefined ? tested : every).toEqual(every);
    });
  });

  it("does not depend on the order of the samples", () => {
    holds(name, (each, turn) => {
      const keys = ({ items, settings: given }: Case) =>
        sidesOf(name, { items, settings: given }).map((side) =>
          PARTS.flatMap((part) => side[part].map((i) => `${part} ${items[i]!.key}`)).sort(),
        );
      expect(keys({ ...each, items: turnedBy(each.items, turn) })).toEqual(keys(each));
    });
  });

  it("gives the same again, of another seed too where it does not say that it uses one", () => {
    holds(name, (each, turn) => {
      const first = sidesOf(name, each);
      expect(sidesOf(name, each)).toEqual(first);
      const { uses, carves = false } = policies[name] as SplitPolicy;
      const isSeeded = uses.includes("seed") && !(carves && each.settings.valShare === 0);
      const seed = isSeeded ? each.settings.seed : turn % 2 ** 32;
      expect(sidesOf(name, { ...each, settings: { ...each.settings, seed } })).toEqual(first);
    });
  });

  const whole = WHOLE[name];
  if (whole === undefined) return;
  it(`leaves groups whole between ${whole.join(", ")}`, () => {
    holds(name, (each) => {
      for (const side of sidesOf(name, each)) {
        // what an owner has set apart for validation is not carved
        const isOwn = side.val.some((i) => each.items[i]!.split === "val");
        const groups = (isOwn ? [] : whole).map((part) => new Set(side[part].map((i) => each.items[i]!.group)));
        expect(groups.reduce((sum, of) => sum + of.size, 0)).toBe(new Set(groups.flatMap((of) => Array.from(of))).size);
      }
    });
  });
});

it("these are 4,900 cases", () => {
  expect(tried).toBe(4900);
});
