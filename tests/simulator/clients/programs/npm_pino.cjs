"use strict";
const pino = require("pino");
const { createWriteStream } = require("pino-datadog");
const listen = require("./stream.cjs");

async function main() {
  const options = { apiKey: process.env.DD_API_KEY, ddsource: "grantex", size: 100 };
  const logger = pino({}, await createWriteStream(options));
  await listen(async (events) => events.forEach((event) => logger.info(event)));
}

main();
