// A Forward client by @fluent-org/logger that sends records in one of its modes, each with an ack.
//
//     node forward_client.cjs MODE OPTIONS < RECORDS
//
// MODE is Message, Forward, PackedForward or CompressedPackedForward; OPTIONS is JSON for the client (socket, security).
// Standard input holds a record of JSON a line. The last line printed is {"acked": number}.
"use strict";

const fs = require("node:fs");
const { FluentClient } = require(require.resolve("@fluent-org/logger", { paths: [process.cwd()] }));

const options = JSON.parse(process.argv[3]);
if (options.socket.tls) options.socket.tls.ca = fs.readFileSync(options.socket.tls.ca);
const client = new FluentClient("cloudtrail", { eventMode: process.argv[2], ack: { ackTimeout: 20000 }, ...options });
const records = fs.readFileSync(0, "utf8").trim().split("\n").map(line => JSON.parse(line));

Promise.all(records.map((record, number) => client.emit("s3", record, 1718000000 + number)))
  .then(acked => fs.writeSync(1, JSON.stringify({ acked: acked.length }) + "\n"))
  .then(() => client.disconnect())
  .then(() => process.exit(0))
  .catch(error => {
    fs.writeSync(1, JSON.stringify({ failed: String(error) }) + "\n");
    process.exit(1);
  });
