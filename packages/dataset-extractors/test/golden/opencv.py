"""Writes opencv.json: what OpenCV makes of generated pictures. usage: python opencv.py > opencv.json

Packages: opencv-python-headless==4.12.0.88, numpy. The pictures come from the generator below, which
test/image/opencv.test.ts repeats.
"""
import json

import cv2
import numpy as np


def picture(seed, width, height, channels):
    state = (seed * 2654435761 + 12345) % 2**32
    values = []
    for i in range(width * height * channels):
        state = (state * 1664525 + 1013904223) % 2**32
        values.append(((state >> 24) + i) & 255)
    return np.array(values, np.uint8).reshape(height, width, channels)


grey = cv2.cvtColor(picture(1, 64, 48, 3), cv2.COLOR_RGB2GRAY)

eyes = {"left": [21.5, 30.25], "right": [52.0, 24.75]}
side = 40
source = np.array([eyes["left"], eyes["right"]])
target = np.array([[0.3 * side, 0.35 * side], [0.7 * side, 0.35 * side]])
# the similarity through two pairs of points
dx, dy = source[1] - source[0]
width = target[1][0] - target[0][0]
a, b = width * dx / (dx * dx + dy * dy), width * dy / (dx * dx + dy * dy)
matrix = np.array([[a, b, 0], [-b, a, 0]])
matrix[:, 2] = target[0] - matrix[:, :2] @ source[0]
estimated, _ = cv2.estimateAffinePartial2D(source, target)
warped = cv2.warpAffine(picture(2, 70, 60, 3), matrix, (side, side), flags=cv2.INTER_LINEAR)

print(json.dumps({
    "opencv": cv2.__version__,
    "grey": grey.flatten().tolist(),
    "eyes": eyes,
    "side": side,
    "matrix": estimated.flatten().tolist(),
    "warped": warped.flatten().tolist(),
}, separators=(",", ":")))
