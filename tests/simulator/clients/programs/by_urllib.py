import json
import urllib.request

from batches import DATADOG, GRANTEX, INTAKE, STREAM, batches


def is_delivered(batch) -> bool:
    request = urllib.request.Request(INTAKE, json.dumps(batch).encode(), DATADOG)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status == 202
    except OSError:
        return False


stream = urllib.request.urlopen(urllib.request.Request(STREAM, headers=GRANTEX))
for batch in batches(iter(stream.read1, b"")):
    while not is_delivered(batch):
        pass
