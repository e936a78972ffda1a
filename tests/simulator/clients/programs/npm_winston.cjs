"use strict";
const winston = require("winston");
const DatadogWinston = require("datadog-winston");
const listen = require("./stream.cjs");

const transport = new DatadogWinston({ apiKey: process.env.DD_API_KEY, ddsource: "grantex" });
const logger = winston.createLogger({ transports: [transport] });
// A request each: a moment now and then keeps them from being ten thousand at once.
listen(async (events) => {
  for (const event of events) logger.info(event);
  await new Promise((resolve) => setTimeout(resolve, 20));
});
