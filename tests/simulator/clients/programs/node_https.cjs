// By Node's own https module, with an agent that keeps its connections, as most Node loggers do.
"use strict";
const https = require("node:https");

const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
const waiting = [];
let sending = false;

function flush() {
  if (sending || !waiting.length) return;
  sending = true;
  const batch = waiting.slice(0, 500);
  const headers = { "DD-API-KEY": process.env.DD_API_KEY, "Content-Type": "application/json" };
  const host = `http-intake.logs.${process.env.DD_SITE}`;
  const request = https.request({ host, path: "/api/v2/logs", method: "POST", headers, agent });
  const again = (taken) => {
    if (taken) waiting.splice(0, batch.length);
    sending = false;
    setImmediate(flush);
  };
  request.on("response", (answer) => {
    answer.resume();
    answer.on("end", () => again(answer.statusCode === 202));
  });
  request.on("error", () => again(false));
  request.end(JSON.stringify(batch.map((message) => ({ ddsource: "grantex", message }))));
}

const headers = { Authorization: `Bearer ${process.env.GRANTEX_API_KEY}` };
https.get("https://api.grantex.dev/v1/events/stream", { headers }, (answer) => {
  let rest = "";
  answer.setEncoding("utf8");
  answer.on("data", (text) => {
    const parts = (rest + text).split("\n\n");
    rest = parts.pop();
    waiting.push(...parts.filter((part) => part.startsWith("data: ")).map((part) => part.slice(6)));
    flush();
  });
});
