// Structured output: zod schemas through `parse` of both surfaces, and from a stream.
import OpenAI from "openai";
import { zodResponseFormat, zodTextFormat } from "openai/helpers/zod";
import { z } from "zod";

const client = new OpenAI();
const Person = z.object({ name: z.string(), age: z.number() });
const Event = z.object({ title: z.string(), people: z.array(Person), isPublic: z.boolean() });
const messages = [{ role: "user", content: "Alice and Bob go to a fair." }];
const response_format = zodResponseFormat(Event, "event");

const completion = await client.chat.completions.parse({ model: "gpt-6-luna", messages, response_format });
console.log(JSON.stringify(completion.choices[0].message.parsed));

const streamed = client.chat.completions.stream({ model: "gpt-6-luna", messages, response_format });
console.log(JSON.stringify((await streamed.finalChatCompletion()).choices[0].message.parsed));

const response = await client.responses.parse({
  model: "gpt-6-luna",
  input: messages,
  text: { format: zodTextFormat(Event, "event") },
  store: false,
});
console.log(JSON.stringify(response.output_parsed));
