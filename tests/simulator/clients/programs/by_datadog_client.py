"""Datadog's own client, with nothing but what it takes from the environment."""

import urllib.request

from batches import GRANTEX, STREAM, batches
from datadog_api_client import ApiClient, Configuration
from datadog_api_client.exceptions import ApiException
from datadog_api_client.v2.api.logs_api import LogsApi
from datadog_api_client.v2.model.http_log import HTTPLog
from datadog_api_client.v2.model.http_log_item import HTTPLogItem
from urllib3.exceptions import HTTPError


def is_delivered(logs, batch) -> bool:
    try:
        logs.submit_log(HTTPLog([HTTPLogItem(**each) for each in batch]))
    except (ApiException, HTTPError):
        return False
    return True


with ApiClient(Configuration()) as client:
    logs = LogsApi(client)
    stream = urllib.request.urlopen(urllib.request.Request(STREAM, headers=GRANTEX))
    for batch in batches(iter(stream.read1, b"")):
        while not is_delivered(logs, batch):
            pass
