// A Forward server by @fluent-org/logger that only counts: it prints {"listening": port}, then {"count": n} as n grows.
"use strict";

const fs = require("node:fs");
const { FluentServer } = require(require.resolve("@fluent-org/logger", { paths: [process.cwd()] }));

const print = value => fs.writeSync(1, JSON.stringify(value) + "\n");
const server = new FluentServer({ listenOptions: { host: "127.0.0.1", port: 0 } });
let count = 0;
let printed = 0;

server.on("entry", () => (count += 1));
setInterval(() => count > printed && print({ count: (printed = count) }), 20);
process.stdin.on("end", () => process.exit(0)).resume();
server.listen().then(() => print({ listening: server.port }));
