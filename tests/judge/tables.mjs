// Keeps tables on 127.0.0.1 until stdin ends; prints the port.
import dynalite from "dynalite";

const server = dynalite({ createTableMs: 0, deleteTableMs: 0 });
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
process.stdin.on("end", () => process.exit()).resume();
