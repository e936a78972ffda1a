"use strict";
const { client, v2 } = require("@datadog/datadog-api-client");
const listen = require("./stream.cjs");

const logs = new v2.LogsApi(client.createConfiguration());
listen(async (events) => {
  for (let at = 0; at < events.length; at += 500) {
    const body = events.slice(at, at + 500).map((message) => ({ message, ddsource: "grantex" }));
    await logs.submitLog({ body });
  }
});
