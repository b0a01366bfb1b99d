"""The peer of bench/extract.mjs: the same image folder, written with OpenCV in a multiprocessing pool.

usage: extract.py csv|folders|photos FROM TO PROCESSES   prints {"seconds": ..., "images": ...}
"""
import hashlib, json, multiprocessing, os, struct, sys, time

import cv2
import numpy as np

CSV = ["anger", "disgust", "fear", "happy", "sad", "surprise", "neutral"]
ORDER = ["neutral", "anger", "disgust", "fear", "happy", "sad", "surprise"]


def hashes(image):
    grey = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    height, width = grey.shape
    small = cv2.resize(grey, (9, 8), interpolation=cv2.INTER_AREA)
    bits = (small[:, :-1] > small[:, 1:]).flatten()
    digest = hashlib.sha256(struct.pack("<II", width, height) + grey.tobytes()).hexdigest()
    return digest, np.packbits(bits).tobytes().hex()


def row(name, identity, expression, source, box, image):
    digest, dhash = hashes(image)
    return identity, json.dumps(
        {"file_name": name, "id": identity, "expression": expression, "label": ORDER.index(expression), "subject": None,
         "group": None, "frame": None, "box": box, "source": source, "pixel_hash": digest, "dhash": dhash,
         "raw_label": None, "votes": None, "valence": None, "arousal": None, "action_units": None},
        separators=(",", ":"))


def start(to):
    global TO
    cv2.setNumThreads(1)
    TO = to


def from_csv(task):
    number, line = task
    code, pixels, _usage = line.rstrip("\r\n").split(",")
    image = np.fromstring(pixels, dtype=np.uint8, sep=" ").reshape(48, 48)
    identity, expression = f"row_{number:05d}", CSV[int(code)]
    name = f"{expression}/{identity}.png"
    cv2.imwrite(f"{TO}/{name}", image)
    return row(name, identity, expression, f"fer2013.csv:{number + 2}", None, image)


def from_file(task):
    path, relative, identity, expression = task
    with open(path, "rb") as file:
        data = file.read()
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    name = f"{expression}/{identity}.png"
    with open(f"{TO}/{name}", "wb") as file:
        file.write(data)
    return row(name, identity, expression, relative, None, image)


def from_photo(task):
    path, identity, expression, (x, y, width, height) = task
    image = cv2.imread(path)[y : y + height, x : x + width]
    name = f"{expression}/{identity}.png"
    cv2.imwrite(f"{TO}/{name}", image)
    box = {"x": x, "y": y, "width": width, "height": height}
    return row(name, identity, expression, os.path.basename(path), box, image)


def csv_tasks(root):
    with open(os.path.join(root, "fer2013.csv")) as file:
        next(file)
        yield from enumerate(file)


def folder_tasks(root):
    for directory, folders, files in os.walk(root):
        folders.sort()
        expression = {"angry": "anger"}.get(os.path.basename(directory), os.path.basename(directory))
        for file in sorted(files):
            yield os.path.join(directory, file), os.path.join(os.path.basename(directory), file), file[:-4], expression


def photo_tasks(root):
    with open(os.path.join(root, "list.csv")) as file:
        next(file)
        for number, line in enumerate(file):
            path, label, *box = line.rstrip().split(",")
            yield os.path.join(root, path), f"photo_{number:05d}", label, [int(n) for n in box]


def main(kind, root, to, processes):
    began = time.perf_counter()
    for expression in ORDER:
        os.makedirs(f"{to}/{expression}")
    work = {"csv": (from_csv, csv_tasks), "folders": (from_file, folder_tasks), "photos": (from_photo, photo_tasks)}[kind]
    with multiprocessing.Pool(processes, start, (to,)) as pool:
        rows = sorted(pool.imap_unordered(work[0], work[1](root), chunksize=16))
    with open(f"{to}/metadata.jsonl", "w") as file:
        file.writelines(f"{text}\n" for _, text in rows)
    print(json.dumps({"seconds": time.perf_counter() - began, "images": len(rows)}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
