// Reads Adaptive Cards as JSON from stdin, and answers each with what Microsoft's parser says of it.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const { AdaptiveCard, SerializationContext, Version } = createRequire(import.meta.url)(
  "adaptivecards/dist/adaptivecards.js",
);

const answers = JSON.parse(readFileSync(0, "utf8")).map((said) => {
  const context = new SerializationContext(Version.parse(said.version, new SerializationContext()));
  const card = new AdaptiveCard();
  card.parse(said, context);
  const events = Array.from({ length: context.eventCount }, (_, nth) => context.getEventAt(nth));
  events.push(...card.validateProperties().validationEvents);
  return events.map((each) => each.message);
});
process.stdout.write(JSON.stringify(answers));
