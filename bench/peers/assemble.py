"""The peer of bench/assemble.mjs: an image folder to arrays.

usage: assemble.py IMAGES TO PROCESSES   prints {"seconds": ..., "cpu": ...}, the seconds of the clock and of processors
"""
import hashlib
import json
import multiprocessing
import resource
import struct
import sys
import time
from pathlib import Path

import cv2
import numpy as np
from sklearn.model_selection import train_test_split

SIDE = 48


def start():
    cv2.setNumThreads(1)


def prepared(task):
    path, expected = task
    image = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_UNCHANGED)
    grey = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    height, width = grey.shape
    digest = hashlib.sha256(struct.pack("<II", width, height) + grey.tobytes()).hexdigest()
    if digest != expected:
        raise SystemExit(f"{path} has been changed")
    return grey if grey.shape == (SIDE, SIDE) else cv2.resize(grey, (SIDE, SIDE))


def used():
    """Seconds of processors that this process and those that have ended took."""
    all = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in all)


def main(images, to, processes):
    began = time.perf_counter()
    before = used()
    folder = next(Path(images).glob("*/metadata.jsonl")).parent
    rows = [json.loads(line) for line in (folder / "metadata.jsonl").read_text().splitlines()]
    rows.sort(key=lambda row: (row["label"], row["file_name"]))
    labels = np.array([row["label"] for row in rows])
    train, test = train_test_split(np.arange(len(rows)), test_size=0.2, stratify=labels, random_state=0)
    parts = {"train": np.sort(train), "test": np.sort(test)}
    in_train = {rows[i]["pixel_hash"] for i in parts["train"]}
    leaks = sum(rows[i]["pixel_hash"] in in_train for i in parts["test"])
    tasks = [(f"{folder}/{row['file_name']}", row["pixel_hash"]) for row in rows]
    pixels = np.empty((len(rows), SIDE, SIDE, 1), np.uint8)
    with multiprocessing.Pool(processes, start) as pool:
        for i, image in enumerate(pool.imap(prepared, tasks, chunksize=64)):
            pixels[i, :, :, 0] = image
        pool.close()
        pool.join()
    for part, at in parts.items():
        np.save(f"{to}/{part}_images.npy", pixels[at])
        np.save(f"{to}/{part}_labels.npy", np.eye(7, dtype=np.float32)[labels[at]])
        with open(f"{to}/{part}.jsonl", "w") as file:
            file.writelines(
                json.dumps({key: rows[i][key] for key in ("id", "group", "source", "pixel_hash")}) + "\n" for i in at
            )
    print(json.dumps({"seconds": time.perf_counter() - began, "cpu": used() - before, "leaks": int(leaks)}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
