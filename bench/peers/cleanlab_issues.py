"""What cleanlab flags, by two of its methods, each ranked by self-confidence."""
import json
import sys

import numpy as np
from cleanlab.filter import find_label_issues

with open(sys.argv[1]) as file:
    given = json.load(file)
labels = np.array(given["labels"])
probabilities = np.array(given["probabilities"]).reshape(len(labels), given["classes"])
print(json.dumps({
    method: find_label_issues(
        labels, probabilities, filter_by=method, return_indices_ranked_by="self_confidence", n_jobs=1
    ).tolist()
    for method in ("confident_learning", "prune_by_noise_rate")
}))
