// A conversation of two turns with chat completions, one with responses, and many at once.
import OpenAI from "openai";

const client = new OpenAI();
const messages = [{ role: "system", content: "Be brief." }];
for (const question of ["Who wrote Faust?", "When? 😀"]) {
  messages.push({ role: "user", content: question });
  const completion = await client.chat.completions.create({ model: "gpt-6-luna", messages });
  const { message, finish_reason } = completion.choices[0];
  console.log(finish_reason, message.content, completion.usage.total_tokens);
  messages.push(message);
}

const first = await client.responses.create({ model: "gpt-6-luna", input: "Who wrote Faust?", store: false });
const input = [{ role: "user", content: "Who wrote Faust?" }, ...first.output, { role: "user", content: "When?" }];
const second = await client.responses.create({ model: "gpt-6-luna", input, store: false });
console.log(second.status, second.output_text, second.usage.total_tokens);

const numbers = [1, 2, 3, 4, 5, 6, 7, 8];
const answers = await Promise.all(
  numbers.map((number) => client.responses.create({ model: "gpt-6-luna", input: `Number ${number}?` })),
);
console.log(answers.map((answer) => answer.output_text).join("\n"));
