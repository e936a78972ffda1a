// Loaded by `grantex-sim run` before a Node program: connections to the played hosts, by whatever
// client, go to the simulator instead. Node's fetch, http, https and undici know no proxy variable
// before Node 22.21, and all of them connect through this one method; the name that a client asks
// for (SNI), checks in the certificate and writes into `Host` stays as it is.
"use strict";

const net = require("node:net");

const entrance = process.env.GRANTEX_SIM_ENTRANCE || "";
const played = (process.env.GRANTEX_SIM_PLAYED || "").split(",").filter(Boolean);
const colon = entrance.lastIndexOf(":");
const host = entrance.slice(0, colon).replace(/^\[|\]$/g, "");
const port = Number(entrance.slice(colon + 1));

function isPlayed(name) {
  if (typeof name !== "string") return false;
  const asked = name.toLowerCase().replace(/\.$/, "");
  return played.some((domain) => asked === domain || asked.endsWith(`.${domain}`));
}

// The arguments as Node's own modules pass them, one array that is marked as put in order already,
// or as programs do: (options, listener), (port, host, listener).
function moved(list) {
  const [first] = list;
  if (first !== null && typeof first === "object") {
    if (isPlayed(first.host)) list[0] = { ...first, host, port, lookup: undefined };
  } else if (isPlayed(list[1])) {
    list[0] = port;
    list[1] = host;
  }
}

if (colon > 0 && port > 0) {
  const connect = net.Socket.prototype.connect;
  net.Socket.prototype.connect = function toTheSimulator(...args) {
    moved(Array.isArray(args[0]) ? args[0] : args);
    return connect.apply(this, args);
  };
}
