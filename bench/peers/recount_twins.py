"""Recounts, without @fer, what `leaks: drop-from-train` has done: the peer of bench/recount.mjs.

usage: recount_twins.py BEFORE AFTER PART   (<folder>/<name> of two sets, PART the one that is tested)
prints a JSON object: twins of the tested images in train before and after, of the same pixels and, as a second opinion on
near ones, with a correlation of all pixels (upright or mirrored) of at least 0.98; whether every array of the other parts has
the same bytes; whether train is what it was but for the rows that are listed
"""
import json
import sys

import numpy as np

ALIKE = 0.98
BLOCK = 512


def rows(path):
    with open(path, encoding="utf8") as file:
        return [json.loads(line) for line in file]


def images(path, part):
    return np.load(f"{path}_{part}_images.npy", mmap_mode="r")


def exact(tested, train):
    known = {image.tobytes() for image in train}
    return sum(image.tobytes() in known for image in tested)


def unit(array):
    flat = np.asarray(array, np.float32).reshape(len(array), -1)
    flat = flat - flat.mean(axis=1, keepdims=True)
    return flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-6)


def alike(tested, train):
    """For each tested image the largest correlation with one of train."""
    known = unit(train)
    best = np.full(len(tested), -1, np.float32)
    for turned in (tested, np.asarray(tested)[:, :, ::-1]):
        wanted = unit(turned)
        for at in range(0, len(wanted), BLOCK):
            block = wanted[at : at + BLOCK] @ known.T
            best[at : at + BLOCK] = np.maximum(best[at : at + BLOCK], block.max(axis=1))
    return best


def main(before, after, part):
    tested = images(before, part)
    found = {"images": {"train": len(images(before, "train")), part: len(tested)}}
    for name, path in (("before", before), ("after", after)):
        train = images(path, "train")
        best = alike(images(path, part), train)
        found[name] = {
            "exact": exact(images(path, part), train),
            "alike": int((best >= ALIKE).sum()),
            "best": float(np.sort(best)[-1]),
        }
    same = [
        open(f"{before}_{part}{ending}", "rb").read() == open(f"{after}_{part}{ending}", "rb").read()
        for ending in ("_images.npy", "_labels.npy", ".jsonl")
    ]
    dropped = rows(f"{after}_dropped.jsonl")
    gone = {row["source"] for row in dropped}
    was = rows(f"{before}_train.jsonl")
    kept = np.array([i for i, row in enumerate(was) if row["source"] not in gone])
    found["tested part has the same bytes"] = all(same)
    found["listed"] = {kind: sum(row["kind"] == kind for row in dropped) for kind in ("exact", "near")}
    found["train is the rest"] = (
        len(gone) == len(dropped)
        and [was[i] for i in kept] == rows(f"{after}_train.jsonl")
        and bool((images(before, "train")[kept] == images(after, "train")).all())
    )
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:4])
