// Streams: chunks by hand, then the SDK's helpers of both surfaces with their events.
import OpenAI from "openai";

const client = new OpenAI();
const messages = [{ role: "user", content: "Tell me of Weimar." }];
const chunks = await client.chat.completions.create({
  model: "gpt-6-luna",
  messages,
  stream: true,
  stream_options: { include_usage: true },
});
let text = "";
for await (const chunk of chunks) {
  text += chunk.choices[0]?.delta?.content ?? "";
  if (chunk.usage) console.log("used", chunk.usage.total_tokens);
}
console.log(text);

const runner = client.chat.completions.stream({ model: "gpt-6-luna", messages });
runner.on("content", (delta, snapshot) => delta && console.log(snapshot));
console.log(await runner.finalContent());

const events = client.responses.stream({ model: "gpt-6-luna", input: "And of Jena?", store: false });
const kinds = [];
for await (const event of events) if (kinds.at(-1) !== event.type) kinds.push(event.type);
console.log(kinds.join(" "));
console.log((await events.finalResponse()).output_text);
