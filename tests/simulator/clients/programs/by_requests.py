import requests
from batches import DATADOG, GRANTEX, INTAKE, STREAM, batches


def is_delivered(http, batch) -> bool:
    try:
        return http.post(INTAKE, json=batch, headers=DATADOG, timeout=75).status_code == 202
    except requests.RequestException:
        return False


with requests.Session() as http:
    answer = requests.get(STREAM, headers=GRANTEX, stream=True, timeout=75)
    for batch in batches(answer.iter_content(None)):
        while not is_delivered(http, batch):
            pass
