// Reads questions as JSON from stdin, and answers each with what the engine says of it.
import { readFileSync } from "node:fs";
import { runSimulation } from "@cloud-copilot/iam-simulate";

const { policies, questions } = JSON.parse(readFileSync(0, "utf8"));
const named = (names) => names.map((name) => ({ name, policy: policies[name] }));
const answers = [];
for (const each of questions) {
  const answer = await runSimulation(
    {
      request: each.request,
      identityPolicies: named(each.identity),
      serviceControlPolicies: each.control.length
        ? [{ orgIdentifier: "ou-1", policies: named(each.control) }]
        : [],
      resourceControlPolicies: [],
      permissionBoundaryPolicies: each.boundary.length ? named(each.boundary) : undefined,
      resourcePolicy: each.resource ? policies[each.resource] : undefined,
    },
    {},
  );
  const said = answer.overallResult ?? answer.analysis?.result;
  answers.push(said ?? `Error: ${JSON.stringify(answer.errors ?? answer).slice(0, 300)}`);
}
process.stdout.write(JSON.stringify(answers));
