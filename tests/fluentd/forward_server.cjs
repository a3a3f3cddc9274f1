// A Forward server by @fluent-org/logger that prints a line of JSON for each entry that it gets.
//
//     node forward_server.cjs PORT [ACKS_TO_DROP [OPTIONS]]
//
// OPTIONS is JSON for the server: security, and tlsOptions with the path of a file for both key and cert. PORT 0 takes any free port; the first line printed is {"listening": port}. Standard input at its end closes the
// server, so that it never outlives the test that started it.
"use strict";

const fs = require("node:fs");
// The package stands in the folder that the server runs in, not beside this file.
const { FluentServer } = require(require.resolve("@fluent-org/logger", { paths: [process.cwd()] }));

const print = value => fs.writeSync(1, JSON.stringify(value) + "\n");
let acksToDrop = Number(process.argv[3] || 0);

class PrintingServer extends FluentServer {
  async handleConnection(socket) {
    // The library answers before it hands the entries on. An ack must not be out before its entries are printed,
    // or killing this server would lose entries that it has confirmed.
    const write = socket.write.bind(socket);
    socket.write = data =>
      setImmediate(() => {
        if (acksToDrop > 0) {
          acksToDrop -= 1;
          print({ dropped: true });
        } else if (!socket.destroyed) {
          write(data);
        }
      });
    socket.on("error", () => {});
    return super.handleConnection(socket);
  }
}

const options = JSON.parse(process.argv[4] || "{}");
if (options.tlsOptions) {
  const pem = fs.readFileSync(options.tlsOptions.cert);
  options.tlsOptions = { key: pem, cert: pem };
}
const server = new PrintingServer({ ...options, listenOptions: { host: "127.0.0.1", port: Number(process.argv[2]) } });

server.on("entry", (tag, time, record) => {
  const exact = typeof time === "object";
  print({ tag, seconds: exact ? time.epoch : time, nanoseconds: exact ? time.nano : null, record });
});

process.stdin.on("end", () => process.exit(0)).resume();
server.listen().then(() => print({ listening: server.port }));
