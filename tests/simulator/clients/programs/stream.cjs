// Calls *take* with each event of Grantex's stream, in batches, one after another.
"use strict";

module.exports = async function listen(take) {
  const headers = { Authorization: `Bearer ${process.env.GRANTEX_API_KEY}` };
  const answer = await fetch("https://api.grantex.dev/v1/events/stream", { headers });
  let rest = "";
  for await (const text of answer.body.pipeThrough(new TextDecoderStream())) {
    const parts = (rest + text).split("\n\n");
    rest = parts.pop();
    const events = parts.filter((part) => part.startsWith("data: ")).map((part) => part.slice(6));
    if (events.length) await take(events);
  }
};
